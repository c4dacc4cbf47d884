"""The suppression list: addresses that get no mail of a type.

https://developers.sparkpost.com/api/suppression-list/. Quirks: errors have no codes; a deletion gets a 204; an entry
has ``transactional: true`` or ``non_transactional: true`` beside its ``type``, for older clients. The main account and
each subaccount have separate lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chunks, collected, complete, in_order
from sparkbox.mail.addresses import is_address

from .. import errors
from ..auth import given_subaccount, subaccount
from ..page import Page
from ..searching import one_of, refused
from .errors import (
    COMPLIANCE_KEPT,
    COMPLIANCE_UNCHANGED,
    NO_RECIPIENT_ARRAY,
    RECIPIENT_NOT_FOUND,
    SUPPRESSION_INVALID,
    SUPPRESSION_TYPE_MISSING,
    SUPPRESSION_TYPE_UNKNOWN,
    SUPPRESSIONS_MALFORMED,
    TOO_MANY_SUPPRESSIONS,
)
from .models import COMPLIANCE, MANUALLY_ADDED, SOURCES, TYPES, Entry, Suppressed, all_entries, is_list_id, suppress
from .search import PageQuery, SearchQuery, SuppressionPage, matching, page_of, place_of

MOST_ENTRIES = 1_000_000
MOST_AT_ONCE = 10_000
ENTRIES_A_STEP = 2000
SUPPRESSED_A_STEP = 500
MOST_OF_ONE_ADDRESS = 1000
LONGEST_DESCRIPTION = 4096

operations = Page(
    "Suppression List",
    docs="https://developers.sparkpost.com/api/suppression-list/",
    view="suppression_lists/view",
    modify="suppression_lists/manage",
)


class NewSuppression(NamedTuple):
    """A suppression as a client requests it."""

    recipient: str
    types: tuple[str, ...]
    description: str
    list_id: str


def _object(value: Any) -> Any:
    """Return an object; PHP sends ``[]`` for an empty one."""
    return value if isinstance(value, dict) else {}


class SuppressionChange(Body):
    """``type`` is the type of mail to suppress; older clients set the flags instead."""

    type: Any = None
    description: str | None = None
    list_id: str | None = None
    transactional: Any = None
    non_transactional: Any = None


class Suppressions(Body):
    recipients: Any = None


class Deletion(Body):
    type: Any = None


class DeletionQuery(Body):
    list_id: str | None = None


class Confirmation(TypedDict):
    message: str


class SuppressionSummary(TypedDict):
    compliance: int
    manually_added: int
    unsubscribe_link: int
    bounce_rule: int
    list_unsubscribe: int
    spam_complaint: int
    total: int


@operations.put(
    "/api/v1/suppression-list",
    errors=[
        NO_RECIPIENT_ARRAY,
        TOO_MANY_SUPPRESSIONS,
        SUPPRESSIONS_MALFORMED,
        COMPLIANCE_UNCHANGED,
        errors.RESOURCES,
        errors.INVALID_PARAMETERS,
    ],
)
def update_suppressions(ctx: Context, body: Annotated[Suppressions, BeforeValidator(_object)]) -> Steps[Confirmation]:
    """Bulk create or update suppressions.

    Up to 10,000 at once. If one of them is malformed, none is stored.
    """
    if not isinstance(body.recipients, list):
        raise NO_RECIPIENT_ARRAY()
    if len(body.recipients) > MOST_AT_ONCE:
        raise TOO_MANY_SUPPRESSIONS()
    suppressions = yield from collected(map(_read, body.recipients), ENTRIES_A_STEP)
    malformed = [_name(value) for value, each in zip(body.recipients, suppressions, strict=True) if each is None]
    if malformed:
        raise SUPPRESSIONS_MALFORMED(count=len(malformed), recipients=", ".join(malformed))
    yield from _suppress(ctx, [each for each in suppressions if each is not None])
    return {"message": "Suppression List successfully updated"}


@operations.put(
    "/api/v1/suppression-list/{recipient}",
    evidence="observed",
    errors=[
        SUPPRESSION_TYPE_MISSING,
        SUPPRESSION_TYPE_UNKNOWN,
        SUPPRESSION_INVALID,
        COMPLIANCE_UNCHANGED,
        errors.RESOURCES,
        errors.INVALID_PARAMETERS,
    ],
)
def update_suppression(ctx: Context, recipient: str, body: SuppressionChange) -> str:
    """Create or update a suppression.

    The documents show an object with ``message``; a recorded response has the bare text.
    """
    types = _types(body.type, body.transactional, body.non_transactional)
    if types is None:
        raise SUPPRESSION_TYPE_UNKNOWN()
    if not types:
        raise SUPPRESSION_TYPE_MISSING()
    if not is_address(recipient):
        raise SUPPRESSION_INVALID(problem="Recipient must be a valid email address")
    description, list_id = body.description or "", body.list_id or ""
    if len(description) > LONGEST_DESCRIPTION:
        raise SUPPRESSION_INVALID(problem=f"Description must not be longer than {LONGEST_DESCRIPTION}")
    if list_id and not is_list_id(list_id):
        raise SUPPRESSION_INVALID(problem="List id must be compliant with RFC 2919")
    complete(_suppress(ctx, [NewSuppression(recipient.lower(), types, description, list_id)]))
    return "Suppression List successfully updated"


@operations.get("/api/v1/suppression-list/summary", errors=[errors.INVALID_PARAMETERS])
def summarize_suppressions(ctx: Context) -> Steps[SuppressionSummary]:
    """Retrieve a summary: the number of suppressions by source."""
    counts = dict.fromkeys(SOURCES, 0)
    for number, (_, entry) in enumerate(all_entries(ctx, given_subaccount(ctx)), 1):
        if number % ENTRIES_A_STEP == 0:
            yield
        counts[entry.source] = counts.get(entry.source, 0) + 1
    return {
        "compliance": counts[COMPLIANCE],
        "manually_added": counts[MANUALLY_ADDED],
        "unsubscribe_link": counts["Unsubscribe Link"],
        "bounce_rule": counts["Bounce Rule"],
        "list_unsubscribe": counts["List Unsubscribe"],
        "spam_complaint": counts["Spam Complaint"],
        "total": sum(counts.values()),
    }


@operations.get(
    "/api/v1/suppression-list/{recipient}",
    errors=[RECIPIENT_NOT_FOUND, errors.INVALID_QUERY, errors.INVALID_PARAMETERS],
    bare=True,
)
def retrieve_suppression(ctx: Context, recipient: str, query: PageQuery) -> Steps[SuppressionPage]:
    """Retrieve a suppression: all entries of one address.

    Without the subaccount header, those of the main account and of all subaccounts are included.
    """
    owner, types = given_subaccount(ctx), one_of("types", query.types, TYPES)
    suppressed = ctx.store[Suppressed].get(recipient.lower())
    found = [] if suppressed is None else [(suppressed.id, entry) for entry in suppressed.entries]
    found = [
        (address, entry)
        for address, entry in found
        if owner in (None, entry.subaccount) and (types is None or entry.type in types)
    ]
    if not found:
        raise RECIPIENT_NOT_FOUND()
    found.sort(key=place_of, reverse=True)
    return (yield from page_of(ctx, found, query, descending=True))


@operations.delete(
    "/api/v1/suppression-list/{recipient}",
    status=204,
    body_required=False,
    errors=[
        RECIPIENT_NOT_FOUND,
        COMPLIANCE_KEPT,
        SUPPRESSION_TYPE_UNKNOWN,
        errors.INVALID_PARAMETERS,
    ],
)
def delete_suppression(
    ctx: Context, recipient: str, body: Annotated[Deletion, BeforeValidator(_object)], query: DeletionQuery
) -> None:
    """Delete a suppression.

    ``type`` deletes only that type. ``list_id`` deletes only the entries of that mailing list; an empty one deletes
    those that apply to all lists.
    """
    owner, type = subaccount(ctx), body.type if body else None
    if type is not None and type not in TYPES:
        raise SUPPRESSION_TYPE_UNKNOWN()
    suppressed = ctx.store[Suppressed].get(recipient.lower())
    entries = () if suppressed is None else suppressed.entries
    goes = [
        entry
        for entry in entries
        if entry.subaccount == owner
        and type in (None, entry.type)
        and (query.list_id is None or entry.list_id == query.list_id)
    ]
    if not goes:
        raise RECIPIENT_NOT_FOUND()
    if any(entry.source == COMPLIANCE for entry in goes):
        raise COMPLIANCE_KEPT()
    stays = tuple(entry for entry in entries if entry not in goes)
    if stays:
        ctx.store[Suppressed].put(Suppressed(recipient.lower(), stays))
    else:
        ctx.store[Suppressed].delete(recipient.lower())


@operations.get(
    "/api/v1/suppression-list",
    errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS],
    bare=True,
)
def search_suppressions(ctx: Context, query: SearchQuery) -> Steps[SuppressionPage]:
    """Search suppressions.

    Without the subaccount header, those of the main account and of all subaccounts are included. Begin paging with
    ``cursor=initial``. Older clients call ``per_page`` ``limit``.
    """
    if query.sort not in (None, "asc", "desc"):
        raise refused("sort", "sort must be among asc, desc")
    matches = matching(query)
    found: list[tuple[str, Entry]] = []
    for number, (address, entry) in enumerate(all_entries(ctx, given_subaccount(ctx)), 1):
        if number % ENTRIES_A_STEP == 0:
            yield
        if matches(address, entry):
            found.append((address, entry))
    descending = query.sort != "asc"
    found = yield from in_order(found, place_of, reverse=descending)
    return (yield from page_of(ctx, found, query, descending=descending))


def _suppress(ctx: Context, suppressions: list[NewSuppression]) -> Steps[None]:
    owner = subaccount(ctx)
    if len(ctx.store[Suppressed]) + len(suppressions) > MOST_ENTRIES:
        raise errors.RESOURCES()
    for each in suppressions:
        suppressed = ctx.store[Suppressed].get(each.recipient)
        entries = () if suppressed is None else suppressed.entries
        if len(entries) >= MOST_OF_ONE_ADDRESS:
            raise errors.RESOURCES()
        for entry in entries:
            if entry.source == COMPLIANCE and entry.subaccount == owner:
                raise COMPLIANCE_UNCHANGED()
    for start, some in chunks(suppressions, SUPPRESSED_A_STEP):
        if start:
            yield
        _put(ctx, some, owner)


def _put(ctx: Context, suppressions: Sequence[NewSuppression], owner: int) -> None:
    for each in suppressions:
        for type in each.types:
            suppress(ctx, each.recipient, type, MANUALLY_ADDED, each.description, list_id=each.list_id, owner=owner)


def _types(type: Any, transactional: Any, non_transactional: Any) -> tuple[str, ...] | None:
    """Return the requested types; ``None`` for an unknown type."""
    if type is not None:
        return (type,) if type in TYPES else None
    flags = (transactional, non_transactional)
    return tuple(name for name, flag in zip(TYPES, flags, strict=True) if flag is True)


def _read(value: Any) -> NewSuppression | None:
    """Read an entry of a bulk update; ``None`` if it is malformed. Older clients send ``email`` for ``recipient``."""
    if not isinstance(value, dict):
        return None
    recipient = value.get("recipient") or value.get("email")
    description, list_id = [value[name] if value.get(name) is not None else "" for name in ("description", "list_id")]
    types = _types(value.get("type"), value.get("transactional"), value.get("non_transactional"))
    if not isinstance(recipient, str) or not is_address(recipient) or not types:
        return None
    if not isinstance(description, str) or len(description) > LONGEST_DESCRIPTION:
        return None
    if list_id != "" and not is_list_id(list_id):
        return None
    return NewSuppression(recipient.lower(), types, description, list_id)


def _name(value: Any) -> str:
    recipient = value.get("recipient") or value.get("email") if isinstance(value, dict) else value
    return recipient[:320] if isinstance(recipient, str) else "undefined"
