"""A media kit's public page, which a creator sends to brands. Opening it counts as a view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Annotated

from pydantic import Field

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from .. import errors, pages
from ..creators import niches
from ..creators.models import Creator
from ..mediakit import kits
from ..mediakit.models import Kit, KitChannel, KitRate, KitShare

operations = Operations("Media kit page", own=True, docs=errors.DOCS, evidence="assumed", public=True, limits=())

_MOBILE = ("mobile", "android", "iphone")


class KitQuery(Body):
    brand: Annotated[str, Field(description="The brand that received the link; the view shows it.")] = ""


@operations.get("/kit/{page_name}", media_types=((200, "text/html"),), errors=[errors.KIT_PAGE])
def open_kit(ctx: Context, page_name: str, query: KitQuery) -> Steps[Response]:
    """Open a media kit's public page.

    It adds a view to the kit and emits ``mediakit.viewed``. HEAD requests and prefetches do not count.
    """
    account = kits.account_of(ctx, page_name)
    if account is None:
        raise errors.KIT_PAGE()
    yield from ctx.enter(account)
    kit = kits.find(ctx, page_name)
    creator = ctx.store[Creator].get(kit.creator_id) if kit is not None else None
    if kit is None or creator is None:
        raise errors.KIT_PAGE()
    request = ctx.request
    if request.method == "GET" and "prefetch" not in (request.header(b"sec-purpose") or ""):
        agent = (request.header(b"user-agent") or "").lower()
        device = "mobile" if any(word in agent for word in _MOBILE) else "desktop"
        kits.record_view(ctx, kit, query.brand.strip()[:100], (request.header(b"referer") or "")[:500], device)
    return render(kit, creator)


def render(kit: Kit, creator: Creator) -> Response:
    """Return the page of a kit."""
    contents = kit.read()
    totals, audience, period = contents["totals"], contents["audience"], contents["period"]
    body = f"""\
<header class="hero">
<img src="../media/avatars/{creator.avatar}" alt="{escape(creator.name)}" width="112" height="112">
<div><h1>{escape(creator.name)}</h1>
<p class="soft">@{escape(creator.handle)} · {escape(creator.niche)} · {escape(creator.city)}</p>
<p>{escape(creator.bio)}</p>
<ul class="tags">{"".join(f"<li>{escape(topic)}</li>" for topic in contents["topics"])}</ul></div>
</header>
<dl class="tiles">
<div><dt>Followers</dt><dd>{_short(totals["followers"])}</dd></div>
<div><dt>Views in 30 days</dt><dd>{_short(totals["views"])}</dd></div>
<div><dt>Impressions in 30 days</dt><dd>{_short(totals["impressions"])}</dd></div>
<div><dt>Engagement</dt><dd>{totals["engagement_rate"]:.1f} %</dd></div>
</dl>
<section aria-labelledby="days"><h2 id="days">Views day by day</h2>
{_chart(contents["daily_views"])}
<p class="small soft">{period["from"]} to {period["to"]}</p></section>
<section aria-labelledby="channels"><h2 id="channels">Channels</h2>
{_table(("Channel", "Followers", "Engagement"), map(_channel, contents["channels"]), numbers=2)}</section>
<div class="columns">
{_bars("Age", "age", audience["age"])}
{_bars("Gender", "gender", audience["gender"])}
{_bars("Countries", "countries", audience["countries"])}
</div>
<div class="columns">
<section aria-labelledby="rates"><h2 id="rates">Rates</h2>
{_table(("Deliverable", "From"), map(_rate, contents["rates"]), numbers=1)}</section>
<section aria-labelledby="brands"><h2 id="brands">Worked with</h2>
<ul>{"".join(f"<li>{escape(brand)}</li>" for brand in contents["collaborations"])}</ul></section>
</div>"""
    return pages.response(kit.title, body, wide=True)


def _channel(channel: KitChannel) -> tuple[str, ...]:
    name = f'{niches.TITLES[channel["platform"]]} <span class="soft">@{escape(channel["handle"])}</span>'
    return name, f"{channel['followers']:,}", f"{channel['engagement_rate']:.1f} %"


def _rate(rate: KitRate) -> tuple[str, ...]:
    return escape(f"{niches.TITLES[rate['platform']]} {rate['deliverable']}"), f"$ {rate['amount']:,}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int) -> str:
    """Return a table whose last ``numbers`` columns are numbers; cells are HTML."""
    first = len(heads) - numbers

    def cells(begin: str, end: str, row: Sequence[str]) -> str:
        marks = ('class="number"' if index >= first else "" for index in range(len(row)))
        return "".join(f"{begin} {mark}>{cell}{end}" for mark, cell in zip(marks, row, strict=True))

    body = "".join(f"<tr>{cells('<td', '</td>', row)}</tr>" for row in rows)
    head = cells('<th scope="col"', "</th>", heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _bars(title: str, id: str, shares: Sequence[KitShare]) -> str:
    most = max(share["percentage"] for share in shares)
    rows = "".join(
        f'<tr><th scope="row">{escape(_label(share["label"]))}</th><td>{_bar(share["percentage"] / most)}</td>'
        f'<td class="number">{share["percentage"]} %</td></tr>'
        for share in shares
    )
    return (
        f'<section aria-labelledby="{id}"><h2 id="{id}">{escape(title)}</h2>'
        f'<table class="bars"><tbody>{rows}</tbody></table></section>'
    )


def _bar(part: float) -> str:
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10" rx="2"/>'
        f'<rect class="bar" width="{100 * part:.1f}" height="10" rx="2"/></svg>'
    )


def _label(label: str) -> str:
    """Return the name of a country code, or another label with a capital."""
    return niches.COUNTRIES.get(label, label[:1].upper() + label[1:])


def _chart(views: Sequence[int]) -> str:
    """Return the views as a line chart."""
    most = max(*views, 1)
    step = 600 / max(1, len(views) - 1)
    points = " ".join(f"{index * step:.1f},{118 - 106 * count / most:.1f}" for index, count in enumerate(views))
    label = f"Between {min(views):,} and {max(views):,} views a day"
    return (
        f'<svg class="chart" viewBox="0 0 600 120" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<polygon points="0,120 {points} 600,120"/><polyline points="{points}"/></svg>'
    )


def _short(number: int) -> str:
    """Return 1,234,567 as ``1.2M``."""
    for size, letter in ((1_000_000, "M"), (1_000, "K")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)
