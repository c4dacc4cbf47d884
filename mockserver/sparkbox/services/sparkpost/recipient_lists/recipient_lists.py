"""Recipient lists: stored recipients for transmissions.

https://developers.sparkpost.com/api/recipient-lists/. Quirk: a deletion gets a 204, not the documented 200.
"""

from __future__ import annotations

from typing import Any, NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.request.large_json import AT_ONCE
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, freed
from sparkbox.core.state.store import Record, replace

from .. import errors
from ..auth import subaccount
from ..envelope import error_row
from ..fields import Text64, Text1024, pack
from ..page import Page
from ..transmissions.models import scheduled_with_list
from . import recipients
from .recipients import ErrorFields, Recipient, RecipientFields

MOST_LISTS = 10_000

operations = Page(
    "Recipient Lists",
    docs="https://developers.sparkpost.com/api/recipient-lists/",
    view="recipient_lists/view",
    modify="recipient_lists/manage",
)


class RecipientList(Record, frozen=True, gc=False):
    """A list; ``recipients`` and ``attributes`` are JSON, or empty."""

    id: str
    name: str
    description: str
    attributes: bytes
    recipients: bytes
    count: int


class NewRecipientList(Body):
    id: Text64 | None = None
    name: Text64 | None = None
    description: Text1024 | None = None
    attributes: dict[str, Any] | None = None
    recipients: list[Any]


class RecipientListChanges(Body):
    id: str | None = None
    name: Text64 | None = None
    description: Text1024 | None = None
    attributes: dict[str, Any] | None = None
    recipients: list[Any] | None = None


class ErrorsQuery(Body):
    num_rcpt_errors: int | None = None


class ListQuery(Body):
    show_recipients: bool | None = None


class ListOutcome(TypedDict):
    id: str
    name: str
    total_accepted_recipients: NotRequired[int]
    total_rejected_recipients: NotRequired[int]
    rcpt_to_errors: NotRequired[list[ErrorFields]]


class ListResponse(TypedDict):
    """The response of create and update; ``errors`` is present if some recipients were rejected."""

    results: ListOutcome
    errors: NotRequired[list[ErrorFields]]


class ListFields(TypedDict):
    id: str
    name: str
    description: NotRequired[str]
    attributes: NotRequired[dict[str, Any]]
    total_accepted_recipients: int
    recipients: NotRequired[list[RecipientFields]]


@operations.post(
    "/api/v1/recipient-lists",
    errors=[
        errors.INVALID,
        errors.LIST_EXISTS,
        errors.NO_VALID_RECIPIENTS,
        errors.LIST_CREATED_WITH_ERRORS,
        errors.RESOURCES,
        errors.INVALID_PARAMETERS,
    ],
    bare=True,
)
def create_recipient_list(ctx: Context, body: NewRecipientList, query: ErrorsQuery) -> Steps[ListResponse]:
    """Create a recipient list.

    Invalid recipients are left out; ``num_rcpt_errors`` limits the number of their errors in the response.
    """
    id = body.id or ctx.ids.digits(14)
    if id.startswith("rcptlist_"):
        raise errors.INVALID(description=f"List id '{id}' cannot start with 'rcptlist_'")
    lists = ctx.store[RecipientList, subaccount(ctx)]
    if lists.get(id) is not None:
        raise errors.LIST_EXISTS(description=f"List '{id}' already exists")
    if len(lists) >= MOST_LISTS:
        raise errors.RESOURCES()
    accepted, rejected = yield from recipients.sort_out(body.recipients)
    if not accepted:
        yield from freed(rejected)
        raise errors.NO_VALID_RECIPIENTS()
    attributes = b"" if body.attributes is None else pack(body.attributes, "attributes")
    packed = yield from recipients.dump(accepted)
    count = len(accepted)
    yield from freed(accepted)
    # Another request may have created it meanwhile.
    if lists.get(id) is not None:
        raise errors.LIST_EXISTS(description=f"List '{id}' already exists")
    if len(lists) >= MOST_LISTS:
        raise errors.RESOURCES()
    lists.put(RecipientList(id, body.name or id, body.description or "", attributes, packed, count))
    return _outcome(id, body.name or id, count, rejected, query.num_rcpt_errors)


@operations.get("/api/v1/recipient-lists", errors=[errors.INVALID_PARAMETERS])
def list_recipient_lists(ctx: Context) -> list[ListFields]:
    """List all recipient lists.

    They are shown without their recipients.
    """
    return [_show(kept) for kept in ctx.store[RecipientList, subaccount(ctx)].values()]


@operations.get("/api/v1/recipient-lists/{id}", errors=[errors.RESOURCE_NOT_FOUND, errors.INVALID_PARAMETERS])
def retrieve_recipient_list(ctx: Context, id: str, query: ListQuery) -> ListFields | Response:
    """Retrieve a recipient list.

    ``show_recipients`` includes its recipients.
    """
    kept = _find(ctx, id)
    fields = _show(kept)
    if query.show_recipients:
        if len(kept.recipients) > AT_ONCE:
            # They are JSON already.
            return json_response(200, {"results": {**fields, "recipients": orjson.Fragment(kept.recipients)}})
        fields["recipients"] = orjson.loads(kept.recipients)
    return fields


@operations.put(
    "/api/v1/recipient-lists/{id}",
    errors=[
        errors.RESOURCE_NOT_FOUND,
        errors.RESOURCE_IN_USE,
        errors.INVALID,
        errors.NO_VALID_RECIPIENTS,
        errors.LIST_CREATED_WITH_ERRORS,
        errors.INVALID_PARAMETERS,
    ],
    bare=True,
)
def update_recipient_list(ctx: Context, id: str, body: RecipientListChanges, query: ErrorsQuery) -> Steps[ListResponse]:
    """Update a recipient list.

    New recipients and attributes replace all old ones. A list that a scheduled transmission will use within ten minutes
    cannot be changed.
    """
    kept = _changeable(ctx, id)
    if body.id is not None and body.id != id:
        raise errors.INVALID(description=f"List id '{body.id}' does not match the list being updated")
    attributes = None if body.attributes is None else pack(body.attributes, "attributes")
    count: int | None = None
    rejected: list[ErrorFields] = []
    if body.recipients is not None:
        accepted, rejected = yield from recipients.sort_out(body.recipients)
        if not accepted:
            yield from freed(rejected)
            raise errors.NO_VALID_RECIPIENTS()
        packed = yield from recipients.dump(accepted)
        count = len(accepted)
        yield from freed(accepted)
        # The list, and the transmissions that use it, may have changed meanwhile.
        kept = replace(_changeable(ctx, id), recipients=packed, count=count)
    changed = replace(
        kept,
        name=kept.name if body.name is None else body.name,
        description=kept.description if body.description is None else body.description,
        attributes=kept.attributes if attributes is None else attributes,
    )
    ctx.store[RecipientList, subaccount(ctx)].put(changed)
    return _outcome(id, changed.name, count, rejected, query.num_rcpt_errors)


@operations.delete(
    "/api/v1/recipient-lists/{id}",
    status=204,
    evidence="observed",
    errors=[errors.RESOURCE_NOT_FOUND, errors.RESOURCE_IN_USE, errors.INVALID_PARAMETERS],
)
def delete_recipient_list(ctx: Context, id: str) -> None:
    """Delete a recipient list.

    A list that a scheduled transmission uses cannot be deleted.
    """
    _find(ctx, id)
    if any(scheduled_with_list(ctx, id, subaccount(ctx))):
        raise errors.RESOURCE_IN_USE(description=f"List '{id}' is in use by msg generation")
    ctx.store[RecipientList, subaccount(ctx)].delete(id)


def recipients_of(ctx: Context, id: str, owner: int) -> Steps[list[Recipient] | None]:
    """Return the recipients of a list; ``None`` if there is no such list."""
    kept = ctx.store[RecipientList, owner].get(id)
    return None if kept is None else (yield from recipients.load(kept.recipients))


def _find(ctx: Context, id: str) -> RecipientList:
    kept = ctx.store[RecipientList, subaccount(ctx)].get(id)
    if kept is None:
        raise errors.RESOURCE_NOT_FOUND(description=f"List '{id}' does not exist")
    return kept


def _changeable(ctx: Context, id: str) -> RecipientList:
    kept = _find(ctx, id)
    if any(scheduled.within_window(ctx.now) for scheduled in scheduled_with_list(ctx, id, subaccount(ctx))):
        raise errors.RESOURCE_IN_USE(description=f"List '{id}' is in use by msg generation")
    return kept


def _show(kept: RecipientList) -> ListFields:
    fields: ListFields = {"id": kept.id, "name": kept.name, "total_accepted_recipients": kept.count}
    if kept.description:
        fields["description"] = kept.description
    if kept.attributes:
        fields["attributes"] = orjson.loads(kept.attributes)
    return fields


def _outcome(id: str, name: str, accepted: int | None, rejected: list[ErrorFields], most: int | None) -> ListResponse:
    outcome: ListOutcome = {"id": id, "name": name}
    if accepted is not None:
        outcome["total_accepted_recipients"] = accepted
        outcome["total_rejected_recipients"] = len(rejected)
    if not rejected:
        return {"results": outcome}
    outcome["rcpt_to_errors"] = rejected[: max(0, most)] if most is not None else rejected
    row: ErrorFields = error_row(errors.LIST_CREATED_WITH_ERRORS())  # type: ignore[assignment]
    return {"results": outcome, "errors": [row]}
