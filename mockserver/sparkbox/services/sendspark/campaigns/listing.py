"""The list of campaigns: search, filters, order, pages and projections.

The syntax of ``filters`` is not published. The sandbox takes a JSON object, ``{"status": "pending"}`` (a list of values
means any of them), or pairs, ``status:pending,languageCode:en``, with the names of :data:`FILTERS`. ``prospectOnly``
omits campaigns without prospects. ``dropdownRendering`` returns id and name only, ``MINIMAL`` also state and date;
``DETAILED`` adds the prospects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import errors
from ..fields import Flag
from ..prospects.models import Address, item_builder, prospects_of
from ..share_pages import links
from ..workspaces.workspaces import current
from .models import Campaign, CampaignFields, Status, campaign_fields

Projection = Literal["DEFAULT", "DETAILED", "MINIMAL"]


MOST_ROWS = 10_000
ROWS_A_STEP = 200
"""Campaigns or prospects in one step."""


class CampaignQuery(Body):
    """The specification gives ``limit`` no bounds; the sandbox's save memory."""

    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 10
    filters: str = ""
    search: Annotated[str, Field(max_length=1000)] = ""
    dropdownRendering: Flag = False
    projectionType: Projection = "DEFAULT"
    sortOrder: Literal["asc", "desc"] = "desc"
    prospectOnly: Flag = False


class DropdownRow(TypedDict):
    _id: str
    name: str


class MinimalRow(DropdownRow):
    status: Status
    createdAt: str


class Pagination(TypedDict):
    limit: int
    offset: int
    total: int


class PageLinks(TypedDict):
    next: str | None
    previous: str | None


CampaignRow = CampaignFields | MinimalRow | DropdownRow


class CampaignRows(TypedDict):
    data: list[CampaignRow]
    pagination: Pagination
    links: PageLinks


class CampaignPage(TypedDict):
    response: CampaignRows


def page(ctx: Context, query: CampaignQuery) -> Steps[CampaignPage]:
    """Return a page of the campaigns that match, with links to the previous and the next one."""
    found = [campaign for campaign in (yield from collected(_wanted(ctx, query), ROWS_A_STEP)) if campaign is not None]
    if query.sortOrder == "desc":
        found.reverse()
    rows = yield from _shown(ctx, query, found[query.offset : query.offset + query.limit])
    return {
        "response": {
            "data": rows,
            "pagination": {"limit": query.limit, "offset": query.offset, "total": len(found)},
            "links": {
                "next": _link(ctx, query, query.offset + query.limit, len(found)),
                "previous": _link(ctx, query, max(0, query.offset - query.limit), len(found)) if query.offset else None,
            },
        }
    }


def _wanted(ctx: Context, query: CampaignQuery) -> Iterator[Campaign | None]:
    """Yield each campaign, or ``None`` for one that does not match: checking it takes time too."""
    wanted = _filters(query.filters)
    values = _values(ctx)
    words = query.search.strip().casefold()
    for campaign in ctx.store[Campaign].values():
        named = words in campaign.name.casefold()
        if not named or (query.prospectOnly and not len(ctx.store[Address, campaign.id])):
            yield None
        else:
            yield campaign if all(values[name](campaign) in any_of for name, any_of in wanted.items()) else None


def _values(ctx: Context) -> dict[str, Callable[[Campaign], str]]:
    workspace = current(ctx)
    return {
        "_id": lambda campaign: campaign.id,
        "name": lambda campaign: campaign.name,
        "status": lambda campaign: campaign.status,
        "languageCode": lambda campaign: campaign.language_code,
        "creator": lambda campaign: workspace.creator,
        "folder": lambda campaign: workspace.folder,
    }


FILTERS = ("_id", "name", "status", "languageCode", "creator", "folder")


def _filters(text: str) -> dict[str, tuple[str, ...]]:
    """Return the accepted values by name."""
    text = text.strip()
    if not text:
        return {}
    wanted = _object(text) if text.startswith("{") else dict(_pair(pair) for pair in text.split(","))
    unknown = sorted(set(wanted) - set(FILTERS))
    if unknown:
        raise errors.because(errors.INVALID, f"filters: {unknown[0]!r} is none of {', '.join(FILTERS)}")
    return {name: tuple(map(str, value if isinstance(value, list) else [value])) for name, value in wanted.items()}


def _object(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise errors.because(errors.INVALID, "filters: no JSON object") from None
    return found


def _pair(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise errors.because(errors.INVALID, "filters: neither a JSON object nor name:value pairs")
    return name.strip(), value.strip()


def _shown(ctx: Context, query: CampaignQuery, some: list[Campaign]) -> Steps[list[CampaignRow]]:
    if query.projectionType == "DETAILED" and not query.dropdownRendering:
        return (yield from _detailed(ctx, some))
    return (yield from collected(map(_projection(ctx, query), some), ROWS_A_STEP))


def _detailed(ctx: Context, some: list[Campaign]) -> Steps[list[CampaignRow]]:
    view, shown = item_builder(ctx), 0
    rows: list[CampaignRow] = []
    for campaign in some:
        prospects = yield from collected(map(view, prospects_of(ctx, campaign.id)), ROWS_A_STEP)
        row: CampaignFields = {**campaign_fields(ctx, campaign), "prospectList": prospects}
        rows.append(row)
        shown += 1 + len(prospects)
        if shown >= ROWS_A_STEP:
            shown = 0
            yield
    return rows


def _projection(ctx: Context, query: CampaignQuery) -> Callable[[Campaign], CampaignRow]:
    if query.dropdownRendering:
        return lambda campaign: {"_id": campaign.id, "name": campaign.name}
    match query.projectionType:
        case "MINIMAL":
            return _minimal
        case _:
            return lambda campaign: campaign_fields(ctx, campaign)


def _minimal(campaign: Campaign) -> MinimalRow:
    return {
        "_id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "createdAt": iso(campaign.created),
    }


def _link(ctx: Context, query: CampaignQuery, offset: int, total: int) -> str | None:
    """Return the link to the page at an offset; ``None`` beyond the end of the list."""
    if offset >= total:
        return None
    given = dict(parse_qsl(ctx.request.query.decode("utf-8", "replace"), keep_blank_values=True))
    words = urlencode({**given, "limit": query.limit, "offset": offset})
    return f"{links.api(ctx.request.base_url)}{ctx.request.path}?{words}"
