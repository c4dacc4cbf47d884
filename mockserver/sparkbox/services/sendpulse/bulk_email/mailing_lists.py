"""Mailing lists: https://sendpulse.com/integrations/api/bulk-email#mailing-lists.

Quirks: the API calls them address books; reading one returns a list of one. Their e-mails are on
:mod:`.mailing_list_emails`.
"""

from __future__ import annotations

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import errors
from ..accounts import plans
from ..requests.paging import PageQuery
from ..results import RESULT, Result
from ..times import stamp
from . import contacts
from .models import Contact, ListName, MailingList, Variable, VariableType

PRICE = 0.0044
"""Of an e-mail beyond the plan, in the plan's currency."""
MOST_PER_TASK = 500

operations = Operations("Mailing lists", docs="https://sendpulse.com/integrations/api/bulk-email#mailing-lists")


class NewMailingList(Body):
    book_name: str = Field(alias="bookName")


class MailingListChanges(Body):
    name: str


class MailingListId(TypedDict):
    id: int


class MailingListFields(TypedDict):
    id: int
    name: str
    all_email_qty: int
    active_email_qty: int
    inactive_email_qty: int
    new_phones_quantity: int
    active_phones_quantity: int
    exc_phones_quantity: int
    creationdate: str
    status: int
    status_explain: str


class VariableRow(TypedDict):
    name: str
    type: VariableType


class Cost(TypedDict):
    cur: str
    sent_emails_qty: int
    overdraftAllEmailsPrice: float
    addressesDeltaFromBalance: int
    addressesDeltaFromTariff: int
    max_emails_per_task: int
    result: bool


@operations.post("/addressbooks", errors=[errors.LIST_NAME_EMPTY, errors.LIST_NAME_TAKEN, errors.PLAN_DENIED])
def create_mailing_list(ctx: Context, body: NewMailingList) -> MailingListId:
    """Create a mailing list."""
    lists = ctx.store[MailingList]
    name = _name(body.book_name, "bookName")
    if ctx.store[ListName].get(name) is not None:
        raise errors.LIST_NAME_TAKEN()
    plans.check_budget(ctx, lists, 1)
    id = lists.next_id()
    lists.put(MailingList(id, name, ctx.now))
    ctx.store[ListName].put(ListName(name, id))
    return {"id": id}


@operations.get("/addressbooks")
def list_mailing_lists(ctx: Context, query: PageQuery) -> list[MailingListFields]:
    """Get a list of mailing lists.

    The oldest first.
    """
    return [_fields(ctx, mailing_list) for mailing_list in query.page_of(ctx.store[MailingList])]


@operations.get("/addressbooks/{id}", errors=[errors.LIST_NOT_FOUND])
def get_mailing_list(ctx: Context, id: int) -> list[MailingListFields]:
    """Get mailing list information.

    The response is a list of one.
    """
    return [_fields(ctx, find(ctx, id))]


@operations.put("/addressbooks/{id}", errors=[errors.LIST_NOT_FOUND, errors.LIST_NAME_EMPTY, errors.LIST_NAME_TAKEN])
def edit_mailing_list(ctx: Context, id: int, body: MailingListChanges) -> Result:
    """Edit a mailing list.

    Only its name can be changed.
    """
    mailing_list = find(ctx, id)
    name = _name(body.name, "name")
    names = ctx.store[ListName]
    taken = names.get(name)
    if taken is not None and taken.list_id != id:
        raise errors.LIST_NAME_TAKEN()
    names.delete(mailing_list.name)
    names.put(ListName(name, id))
    ctx.store[MailingList].put(replace(mailing_list, name=name))
    return RESULT


@operations.delete("/addressbooks/{id}", errors=[errors.LIST_NOT_FOUND])
def delete_mailing_list(ctx: Context, id: int) -> Steps[Result]:
    """Delete a mailing list.

    Its e-mails and variables go with it.
    """
    mailing_list = find(ctx, id)
    ctx.store[MailingList].delete(id)
    ctx.store[ListName].delete(mailing_list.name)
    yield from contacts.forget(ctx, id)
    return RESULT


@operations.get("/addressbooks/{id}/variables", errors=[errors.LIST_NOT_FOUND])
def list_variables(ctx: Context, id: int) -> list[VariableRow]:
    """Get a list of variables for a mailing list."""
    find(ctx, id)
    return [{"name": variable.name, "type": variable.type} for variable in ctx.store[Variable, id].values()]


@operations.get("/addressbooks/{id}/cost", errors=[errors.LIST_NOT_FOUND, errors.LIST_EMPTY, errors.PLAN_ENDED])
def get_cost(ctx: Context, id: int) -> Cost:
    """Get campaign cost.

    E-mails beyond the plan are paid for one by one.
    """
    find(ctx, id)
    if not len(ctx.store[Contact, id]):
        raise errors.LIST_EMPTY()
    if plans.has_ended(ctx):
        raise errors.PLAN_ENDED()
    plan = plans.current(ctx)
    quantity = contacts.count_sendable(ctx, id)
    beyond = max(0, quantity - plan.emails_left)
    return {
        "cur": plan.currency,
        "sent_emails_qty": quantity,
        "overdraftAllEmailsPrice": round(beyond * PRICE, 2),
        "addressesDeltaFromBalance": beyond,
        "addressesDeltaFromTariff": quantity - beyond,
        "max_emails_per_task": MOST_PER_TASK,
        "result": True,
    }


def find(ctx: Context, id: int) -> MailingList:
    """Return a mailing list by its id."""
    mailing_list = ctx.store[MailingList].get(id)
    if mailing_list is None:
        raise errors.LIST_NOT_FOUND()
    return mailing_list


def _name(text: str, argument: str) -> str:
    name = text.strip()
    if not name:
        raise errors.LIST_NAME_EMPTY()
    if len(name) > 255:
        raise errors.ARGUMENT_INVALID(name=argument, complaint="is invalid")
    return name


def _fields(ctx: Context, mailing_list: MailingList) -> MailingListFields:
    total = len(ctx.store[Contact, mailing_list.id])
    active = contacts.count_sendable(ctx, mailing_list.id)
    counts = contacts.counts_of(ctx, mailing_list.id)
    return {
        "id": mailing_list.id,
        "name": mailing_list.name,
        "all_email_qty": total,
        "active_email_qty": active,
        "inactive_email_qty": total - active,
        # Not in the OpenAPI document, but on the vendor's page, and clients need them:
        # https://github.com/CircularImport/aiosendpulse
        "new_phones_quantity": counts.new_phones,
        "active_phones_quantity": counts.active_phones,
        "exc_phones_quantity": counts.exc_phones,
        "creationdate": stamp(mailing_list.created),
        "status": 0,
        "status_explain": "Active",
    }
