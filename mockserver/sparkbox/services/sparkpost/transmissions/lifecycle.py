"""The lifecycle of a message: what happens to it after its injection, on the account's clock.

:func:`record` is also how anything else that happens to a message is recorded, such as a click on a tracked link. It
adds the fields of this type of event, sets the message's status, and suppresses the recipient where the vendor does so,
for the type of mail (transactional or not) that the message is:
https://support.sparkpost.com/docs/user-guide/using-suppression-lists
"""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.core.logs.events import Event
from sparkbox.core.logs.messages import Message
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.html import urls
from sparkbox.mail.lifecycle import Happening, MailLifecycle
from sparkbox.mail.outcomes import HARD, Outcome

from ..engagement.tracking import UNSUBSCRIBE_MAILBOX, link_in
from ..events import recorder
from ..events.event_types import FIELDS
from ..substitution import Link
from ..suppressions.models import TYPES, is_list_id, suppress
from . import outcomes

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
"""The source of the suppression that follows a type of event, and its description if it is not the reason."""

_OPENS = frozenset({"open", "initial_open", "amp_open", "amp_initial_open"})
_CLICKS = frozenset({"click", "amp_click"})
_UNSUBSCRIBES = frozenset({"list_unsubscribe", "link_unsubscribe"})
_PERSON = {name: FIELDS[name][1] for name in ("geo_ip", "user_agent", "user_agent_parsed")}
"""Who opens and clicks, where no real mail program does."""

MOST_CLICKS = 100
"""Links of one message that are clicked."""


def begin(ctx: Context, injection: int, outcome: Outcome) -> Steps[None]:
    """Begin the lifecycle of a message to a test recipient, by the number of its injection."""
    return _MESSAGES.begin(ctx, injection, outcomes.happenings(outcome, ctx.ids))


def deliver(ctx: Context, injections: tuple[int, ...]) -> Steps[None]:
    """Have ordinary messages delivered, by the numbers of their injections; nothing else happens to them."""
    return lifecycle.queue_or_finish(ctx, injections, outcomes.DELIVERY_SECONDS, recorder.deliver)


def record(ctx: Context, injection: Event, type: str, **more: Any) -> Event:
    """Record that something happened to the message of an injection, and do what follows from it."""
    common = recorder.common_fields_in(injection)
    known = orjson.loads(common)
    fields = {**_fields(ctx, injection, known, type), **more}
    if "reason" in fields:
        code, enhanced, text = fields["reason"].split(" ", 2)
        fields["raw_reason"] = f"{code} {enhanced} <{known['rcpt_to']}> {text}"
    event = recorder.record(ctx, common, type, message=injection.message, **fields)
    if type in _STATUS:
        ctx.mark(injection.message, _STATUS[type])
    if type in _SUPPRESSING and (type not in ("bounce", "out_of_band") or int(fields["bounce_class"]) in HARD):
        _suppress(ctx, injection, known, type, fields)
    return event


def recipient_of(injection: Event) -> str:
    """Return the recipient of the message of an injection."""
    return str(orjson.loads(injection.data)["rcpt_to"])


def _find(ctx: Context, injection: int) -> Event | None:
    return ctx.account.events.get(injection)


def _happen(ctx: Context, injection: Event, happening: Happening) -> Steps[None]:
    """Record what happens to a message, if the service gets to know it."""
    type = happening.event
    known = orjson.loads(injection.data)
    message = ctx.account.messages.get(injection.message)
    if type in _OPENS | _CLICKS and (message is None or not message.html):
        return
    match type:
        case "initial_open" if not known["initial_pixel"]:
            return
        case "open" if not known["open_tracking"]:
            return
        case "list_unsubscribe" if not _has_our_unsubscribe(message):
            return
        case "click" | "link_unsubscribe":
            if known["click_tracking"]:
                yield from _follow(ctx, injection, message, type)
        case _:
            record(ctx, injection, type, **outcomes.event_fields(happening))


_MESSAGES = MailLifecycle(_find, _happen)


def _has_our_unsubscribe(message: Message | None) -> bool:
    """Return whether a message has the service's own List-Unsubscribe header: it never hears of the sender's."""
    headers = () if message is None else message.headers
    return any(name.lower() == "list-unsubscribe" and UNSUBSCRIBE_MAILBOX in value for name, value in headers)


def _follow(ctx: Context, injection: Event, message: Message | None, type: str) -> Steps[None]:
    """Click all links of a message; or the one that unsubscribes, which is the last one if none says so."""
    followed = yield from _links(ctx, message)
    if type == "link_unsubscribe":
        marked = [link for link in followed if link.unsubscribe]
        followed = marked[:1] or followed[-1:] or [Link("")]
    for link in followed:
        kind = "link_unsubscribe" if link.unsubscribe else type
        record(ctx, injection, kind, target_link_name=link.name, target_link_url=link.url)


def _links(ctx: Context, message: Message | None) -> Steps[list[Link]]:
    html = (message.html or "") if message is not None else ""
    return [link_in(ctx, url) or Link(url) for url in (yield from urls(html, MOST_CLICKS, len(html)))]


def _fields(ctx: Context, injection: Event, known: dict[str, Any], type: str) -> dict[str, Any]:
    """Return the fields of a type of event, apart from those that all events of the message share."""
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
    suppress(
        ctx,
        known["rcpt_to"],
        TYPES[0] if known.get("transactional") == "1" else TYPES[1],
        source,
        description or fields["reason"],
        list_id=_list_id(ctx, injection) if type in _UNSUBSCRIBES else "",
        owner=recorder.owner_of(known),
    )


def _list_id(ctx: Context, injection: Event) -> str:
    """Return the mailing list that a message says it is from."""
    message = ctx.account.messages.get(injection.message)
    headers = () if message is None else message.headers
    value = next((value for name, value in headers if name.lower() == "list-id"), "")
    list_id = value.rpartition("<")[2].strip().strip("<>")
    return list_id if is_list_id(list_id) else ""
