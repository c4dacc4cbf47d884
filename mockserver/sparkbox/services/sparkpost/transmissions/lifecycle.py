"""The way of a message whose recipient's address asks for an outcome: step by step, on the account's clock.

:func:`record` is also how anything else that happens to a message is told, an open or a click: it adds the fields that
events of this type have, sets the message's status, and puts its recipient on the suppression list where the vendor
does so, for the type of mail (transactional or not) that the message is:
https://support.sparkpost.com/docs/user-guide/using-suppression-lists
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from sparkbox.core.logs.events import Event
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.clock import TooManyJobs
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.html import links, unescaped
from sparkbox.mail.outcomes import HARD, Outcome

from ..engagement.tracking import UNSUBSCRIBE_MAILBOX, link_in
from ..events import recorder
from ..events.event_types import FIELDS
from ..substitution import Link
from ..suppressions import models as suppressions
from . import outcomes
from .outcomes import Step

_STATUS = {
    "delivery": recorder.DELIVERED,
    "bounce": recorder.BOUNCED,
    "out_of_band": recorder.BOUNCED,
    "delay": recorder.DELAYED,
}
_SUPPRESSING = {
    "bounce": ("Bounce Rule", ""),
    "out_of_band": ("Bounce Rule", ""),
    "spam_complaint": ("Spam Complaint", "Recipient complained about spam"),
    "list_unsubscribe": ("List Unsubscribe", "Unsubscribed using list unsubscribe header"),
    "link_unsubscribe": ("Unsubscribe Link", "Unsubscribed using unsubscribe link"),
}
"""The source of the suppression that a type of event brings about, and its description if it is not the reason."""

_OPENS = frozenset({"open", "initial_open", "amp_open", "amp_initial_open"})
_CLICKS = frozenset({"click", "amp_click"})
_UNSUBSCRIBES = frozenset({"list_unsubscribe", "link_unsubscribe"})
_PERSON = {name: FIELDS[name][1] for name in ("geo_ip", "user_agent", "user_agent_parsed")}
"""Who opens and clicks, where no real program does."""

MOST_CLICKS = 100
"""Links of one message that are followed."""


def begin(ctx: Context, injection: int, outcome: Outcome) -> Steps[None]:
    """Sends a message, by the number of its injection, on its way."""
    yield from _go_on(ctx, injection, outcomes.steps(outcome, ctx.ids))


def take(ctx: Context, injection: int, step: Sequence[Any], rest: Sequence[Sequence[Any]]) -> Steps[None]:
    """The job that takes one step, and lines up those after it."""
    event = ctx.account.events.get(injection)
    if event is not None:
        yield from _take(ctx, event, Step(*step))
        yield from _go_on(ctx, injection, [Step(*next) for next in rest])


def record(ctx: Context, injection: Event, type: str, **more: Any) -> Event:
    """Tells of something that has happened to the message of an injection, with all that follows from it."""
    told = recorder.common_fields_in(injection)
    known = orjson.loads(told)
    fields = {**_fields(ctx, injection, known, type), **more}
    if "reason" in fields:
        code, enhanced, text = fields["reason"].split(" ", 2)
        fields["raw_reason"] = f"{code} {enhanced} <{known['rcpt_to']}> {text}"
    event = recorder.record(ctx, told, type, message=injection.message, **fields)
    if type in _STATUS:
        ctx.mark(injection.message, _STATUS[type])
    if type in _SUPPRESSING and (type not in ("bounce", "out_of_band") or int(fields["bounce_class"]) in HARD):
        _suppress(ctx, injection, known, type, fields)
    return event


def recipient_of(injection: Event) -> str:
    """The recipient of the message of an injection."""
    return str(orjson.loads(injection.data)["rcpt_to"])


def _go_on(ctx: Context, injection: int, steps: Sequence[Step]) -> Steps[None]:
    if not steps:
        return
    step, *rest = steps
    try:
        ctx.call_in(step.after, take, injection, step, rest)
    except TooManyJobs:
        event = ctx.account.events.get(injection)
        for each in steps if event is not None else ():
            yield from _take(ctx, event, each)  # type: ignore[arg-type]


def _take(ctx: Context, injection: Event, step: Step) -> Steps[None]:
    known = orjson.loads(injection.data)
    message = ctx.account.messages.get(injection.message)
    if step.type in _OPENS | _CLICKS and (message is None or not message.html):
        return
    match step.type:
        case "initial_open" if not known["initial_pixel"]:
            return
        case "open" if not known["open_tracking"]:
            return
        case "list_unsubscribe" if not _has_our_unsubscribe(message):
            return
        case "click" | "link_unsubscribe":
            if known["click_tracking"]:
                yield from _follow(ctx, injection, message, step.type)
        case _:
            record(ctx, injection, step.type, **step.more)


def _has_our_unsubscribe(message: Message | None) -> bool:
    """Whether a message has the service's own List-Unsubscribe header: of the sender's, the service hears nothing."""
    headers = () if message is None else message.headers
    return any(name.lower() == "list-unsubscribe" and UNSUBSCRIBE_MAILBOX in value for name, value in headers)


def _follow(ctx: Context, injection: Event, message: Message | None, type: str) -> Steps[None]:
    """Follows all links of a message; or the one that unsubscribes, which is the last one if none says so."""
    followed = yield from _links(ctx, message)
    if type == "link_unsubscribe":
        marked = [link for link in followed if link.unsubscribe]
        followed = marked[:1] or followed[-1:] or [Link("")]
    for link in followed:
        kind = "link_unsubscribe" if link.unsubscribe else type
        record(ctx, injection, kind, target_link_name=link.name, target_link_url=link.url)


def _links(ctx: Context, message: Message | None) -> Steps[list[Link]]:
    html = (message.html or "") if message is not None else ""
    found = yield from links(html, MOST_CLICKS, len(html))
    urls = [unescaped(html[each.begin : each.end]) for each in found]
    return [link_in(ctx, url) or Link(url) for url in urls]


def _fields(ctx: Context, injection: Event, known: dict[str, Any], type: str) -> dict[str, Any]:
    """What events of a type have beside the message's own facts."""
    fields: dict[str, Any] = {
        "delv_method": "esmtp",
        "ip_address": recorder.RECEIVING_IP,
        "num_retries": "0",
        "queue_time": str(max(0, round((ctx.now - injection.time) * 1000))),
    }
    if type in _OPENS | _CLICKS:
        return fields | _PERSON
    if type == "spam_complaint":
        domain = known["recipient_domain"]
        return fields | {
            "fbtype": "abuse",
            "report_by": domain,
            "report_to": f"abuse@{known['sending_domain']}",
            "user_str": "reported by the recipient",
        }
    if type in _UNSUBSCRIBES:
        fields["mailfrom"] = known["rcpt_to"]
        return fields if type == "list_unsubscribe" else fields | {"user_agent": _PERSON["user_agent"]}
    return fields


def _suppress(ctx: Context, injection: Event, known: dict[str, Any], type: str, fields: dict[str, Any]) -> None:
    source, description = _SUPPRESSING[type]
    suppressions.suppress(
        ctx,
        known["rcpt_to"],
        suppressions.TYPES[0] if known.get("transactional") == "1" else suppressions.TYPES[1],
        source,
        description or fields["reason"],
        list_id=_list_id(ctx, injection) if type in _UNSUBSCRIBES else "",
        owner=recorder.owner_of(known),
    )


def _list_id(ctx: Context, injection: Event) -> str:
    """The mailing list that a message says it is from."""
    message = ctx.account.messages.get(injection.message)
    headers = () if message is None else message.headers
    value = next((value for name, value in headers if name.lower() == "list-id"), "")
    list_id = value.rpartition("<")[2].strip().strip("<>")
    return list_id if suppressions.is_list_id(list_id) else ""
