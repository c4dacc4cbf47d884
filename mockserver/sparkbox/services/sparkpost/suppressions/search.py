"""The search in the suppression list: parameters, pages, and the fields of an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected
from sparkbox.mail.addresses import domain_of

from ..searching import (
    DEFAULT_PER_PAGE,
    MOST_PER_PAGE,
    from_cursor,
    href,
    listed,
    one_of,
    refused,
    to_cursor,
    unix_time,
    whole_number,
)
from ..times import stamp
from .models import TYPES, Entry, is_list_id

Matches = Callable[[str, Entry], bool]

ROWS_A_STEP = 1000

_PATTERN = "YYYY-MM-DDTHH:mm:ssZ"


class PageQuery(Body):
    types: str | None = None
    cursor: str | None = None
    per_page: str | None = None
    page: str | None = None
    limit: str | None = None


class SearchQuery(PageQuery):
    to: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    domain: str | None = None
    sources: str | None = None
    description: str | None = None
    description_strict: bool | None = None
    list_id: str | None = None
    sort: str | None = None


class SuppressionFields(TypedDict):
    recipient: str
    type: str
    source: str
    description: NotRequired[str]
    list_id: NotRequired[str]
    created: str
    updated: str
    transactional: NotRequired[bool]
    non_transactional: NotRequired[bool]
    subaccount_id: NotRequired[str]


class LinkFields(TypedDict):
    href: str
    rel: str


class SuppressionPage(TypedDict):
    results: list[SuppressionFields]
    links: list[LinkFields]
    total_count: int


def matching(query: SearchQuery) -> Matches:
    """Return a function that tells whether an entry matches the query."""
    since = unix_time("from", query.from_, _PATTERN)
    until = unix_time("to", query.to, _PATTERN)
    if since is not None and until is not None and since > until:
        raise refused("from", "from must be before to")
    types, sources = one_of("types", query.types, TYPES), listed(query.sources)
    domains, list_id = listed(query.domain), query.list_id
    if list_id and not is_list_id(list_id):
        raise refused("list_id", "list_id must be compliant with RFC 2919")
    text = query.description.lower() if query.description else None

    def matches(address: str, entry: Entry) -> bool:
        if (since is not None and entry.updated < since) or (until is not None and entry.updated > until):
            return False
        if (types is not None and entry.type not in types) or (sources is not None and entry.source not in sources):
            return False
        if domains is not None and domain_of(address) not in domains:
            return False
        if list_id is not None and entry.list_id != list_id:
            return False
        if text is None:
            return True
        return text == entry.description.lower() if query.description_strict else text in entry.description.lower()

    return matches


def page_of(
    ctx: Context, found: list[tuple[str, Entry]], query: PageQuery, *, descending: bool
) -> Steps[SuppressionPage]:
    """Return a page of entries, which are sorted already."""
    per_page = whole_number("per_page", query.per_page or query.limit, DEFAULT_PER_PAGE, 1, MOST_PER_PAGE)
    total = len(found)
    last = from_cursor(query.cursor, float, str, str, str, int)
    links: list[LinkFields] = []
    if query.page is not None and query.cursor is None:
        page = whole_number("page", query.page, 1, 1, MOST_PER_PAGE)
        shown = found[(page - 1) * per_page : page * per_page]
        pages = max(1, -(-total // per_page))
        if pages > 1:
            numbers = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
            links = [
                {"href": href(ctx, page=number), "rel": rel} for rel, number in numbers.items() if 1 <= number <= pages
            ]
    else:
        if last is not None:
            found = found[_after(found, tuple(last), descending=descending) :]
        shown = found[:per_page]
        if len(found) > per_page:
            links = [{"href": href(ctx, cursor=to_cursor(*place_of(shown[-1])), per_page=per_page), "rel": "next"}]
    results = yield from collected((_show(address, entry) for address, entry in shown), ROWS_A_STEP)
    return {"results": results, "links": links, "total_count": total}


def _after(found: list[tuple[str, Entry]], last: tuple[Any, ...], *, descending: bool) -> int:
    """Return the index of the first entry after the last one of the previous page."""
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        place = place_of(found[middle])
        if place != last and (place < last) == descending:
            high = middle
        else:
            low = middle + 1
    return low


def place_of(found: tuple[str, Entry]) -> tuple[float, str, str, str, int]:
    """Return the sort key of an entry."""
    address, entry = found
    return entry.updated, address, entry.type, entry.list_id, entry.subaccount


def _show(address: str, entry: Entry) -> SuppressionFields:
    fields: SuppressionFields = {
        "recipient": address,
        "type": entry.type,
        "source": entry.source,
        "created": stamp(entry.created),
        "updated": stamp(entry.updated),
    }
    if entry.type == TYPES[0]:
        fields["transactional"] = True
    else:
        fields["non_transactional"] = True
    if entry.description:
        fields["description"] = entry.description
    if entry.list_id:
        fields["list_id"] = entry.list_id
    if entry.subaccount:
        fields["subaccount_id"] = str(entry.subaccount)
    return fields
