"""Render videos: saved, queued, videotrimmed, lipsynced, processing, completed, on the account's clock.

Rendering takes 40 to 80 seconds, by the account's random seed. The prospects of a list are rendered in waves of 500,
each of which is one lifecycle. The states are those that clients have seen; the vendor's documents name others (billed,
uploaded). Ten seconds after it is completed a video can be downloaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from sparkbox.core.logs.messages import Message
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from ..campaigns.models import Campaign
from ..prospects.models import Prospect
from ..share_pages import links
from ..webhooks import events
from . import outcomes
from .models import Render, Status

WAVE = 500
EMITTED_A_STEP = 100
"""Prospects of a wave whose events are emitted in one step."""
SHORTEST, LONGEST = 40.0, 80.0
SLOWER = 5.0
"""The factor for ``slow@…``."""
DOWNLOAD_SECONDS = 10.0

STATES: tuple[tuple[float, Status], ...] = (
    (0.05, "queued"),
    (0.3, "videotrimmed"),
    (0.55, "lipsynced"),
    (0.8, "processing"),
    (1.0, "completed"),
)
"""When each state is reached, as a part of the whole time."""
FAILING: tuple[tuple[float, Status], ...] = (*STATES[:2], (0.55, "errored"))
"""The states of a video that cannot be rendered."""


class Bulk:
    """The videos of one request. Their waves share an id."""

    def __init__(self, ctx: Context, campaign: str) -> None:
        self.campaign = campaign
        self._ctx = ctx
        self._last: dict[outcomes.Outcome, int] = {}

    @cached_property
    def _id(self) -> str:
        return self._ctx.ids.hex(24)

    def begin(self, wanted: Sequence[tuple[str, str]]) -> dict[str, int]:
        """Render videos for prospects, given by key and address. Return the number of each one's render by its key."""
        numbers: dict[str, int] = {}
        for outcome, keys in _by_outcome(wanted).items():
            while keys:
                wave = self._wave(outcome)
                some = keys[: WAVE - len(wave.keys)]
                keys = keys[len(some) :]
                self._ctx.store[Render].put(replace(wave, keys=(*wave.keys, *some)))
                numbers.update(dict.fromkeys(some, wave.id))
        return numbers

    def _wave(self, outcome: outcomes.Outcome) -> Render:
        """Return the last wave if it is neither full nor started, or a new one."""
        ctx = self._ctx
        last = ctx.store[Render].get(self._last.get(outcome, 0))
        if last is not None and last.status == "saved" and len(last.keys) < WAVE:
            return last
        bulk = self._id
        seconds = ctx.ids.uniform(SHORTEST, LONGEST) * (SLOWER if outcome == "slow" else 1.0)
        render = Render(
            id=ctx.store[Render].next_id(),
            campaign=self.campaign,
            bulk=bulk,
            keys=(),
            began=ctx.now,
            seconds=seconds,
            site=links.site(ctx.request.base_url),
            fails=outcome == "error",
            updated=ctx.now,
        )
        lifecycle.start(ctx, render.id, _stages(render))
        self._last[outcome] = render.id
        return render


def forget(ctx: Context, prospect: Prospect) -> None:
    """Delete the render of a prospect whose video is rendered again, unless others share it."""
    render = ctx.store[Render].get(prospect.render)
    if render is not None and render.keys == (prospect.key,):
        ctx.store[Render].delete(render.id)


def reach(ctx: Context, id: int, state: Status) -> Steps[Stages | None]:
    """Bring a render to its next state."""
    render = ctx.store[Render].get(id)
    campaign = None if render is None else ctx.store[Campaign].get(render.campaign)
    if render is None or campaign is None:
        return END
    render = replace(render, status=state, updated=ctx.now)
    ctx.store[Render].put(render)
    for number, prospect in enumerate(_prospects(ctx, render), 1):
        _emit(ctx, campaign, prospect, render)
        if number % EMITTED_A_STEP == 0:
            yield
    if state == "errored":
        _finish(ctx, render)
    return None


def offer_download(ctx: Context, id: int) -> Steps[None]:
    """Make the videos of a render downloadable."""
    render = ctx.store[Render].get(id)
    campaign = None if render is None else ctx.store[Campaign].get(render.campaign)
    if render is None or campaign is None:
        return
    for number, prospect in enumerate(_prospects(ctx, render), 1):
        events.emit(ctx, "video_mp4_ready", campaign, prospect, render)
        if number % EMITTED_A_STEP == 0:
            yield
    _finish(ctx, render)


def _emit(ctx: Context, campaign: Campaign, prospect: Prospect, render: Render) -> None:
    match render.status:
        case "queued":
            events.emit(ctx, "video_request_received", campaign, prospect, render)
        case "errored":
            events.emit(ctx, "video_generated_error", campaign, prospect, render)
        case "completed":
            message = ctx.capture(_message(ctx, campaign, prospect, render))
            prospect = replace(prospect, message=message.number)
            ctx.store[Prospect].put(prospect)
            events.emit(ctx, "video_generated_dv", campaign, prospect, render)


def _message(ctx: Context, campaign: Campaign, prospect: Prospect, render: Render) -> Message:
    token = links.token(ctx.account, prospect.key)
    return Message(
        channel="video",
        vendor_id=prospect.id,
        sender_name=events.creator_name(ctx),
        to=prospect.email,
        to_name=prospect.name,
        subject=campaign.title or campaign.name,
        text=links.share(render.site, token),
        html=links.email_embed_html(render.site, token, prospect.name),
        metadata=events.metadata(campaign, prospect, render, token),
        status="completed",
    )


def _by_outcome(wanted: Sequence[tuple[str, str]]) -> dict[outcomes.Outcome, list[str]]:
    groups: dict[outcomes.Outcome, list[str]] = {}
    for key, email in wanted:
        groups.setdefault(outcomes.of(email), []).append(key)
    return groups


def _prospects(ctx: Context, render: Render) -> Iterator[Prospect]:
    """Yield the prospects that are still in this render: neither rendered again since nor replaced."""
    for key in render.keys:
        prospect = ctx.store[Prospect].get(key)
        if prospect is not None and prospect.render == render.id and prospect.deleted is None:
            yield prospect


def _finish(ctx: Context, render: Render) -> None:
    """Free a long list of keys, which is not needed after the last stage."""
    if len(render.keys) > 1:
        ctx.store[Render].put(replace(render, keys=()))


def _stages(render: Render) -> Stages:
    stages, before = [], 0.0
    for part, state in FAILING if render.fails else STATES:
        stages.append(Stage(render.seconds * (part - before), reach, (state,)))
        before = part
    return tuple(stages) if render.fails else (*stages, Stage(DOWNLOAD_SECONDS, offer_download))
