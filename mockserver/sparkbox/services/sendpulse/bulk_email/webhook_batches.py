"""Webhook deliveries: events are posted in batches, as JSON arrays, not signed.

The SMTP service posts a batch after 30 seconds or at 500 events, the e-mail service after a minute or at 100. assumed:
the delays between retries, and that webhooks of the e-mail service with the same URL have batches of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, Literal, TypeAlias, get_args

from sparkbox.core.logs.deliveries import MOST_BODY, Retries
from sparkbox.core.logs.events import Event
from sparkbox.core.outgoing.batches import Rhythm, collect, end
from sparkbox.core.outgoing.queue import cancel
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

Action = Literal[
    "spam", "open", "redirect", "unsubscribe", "new_emails", "delete", "delivered", "hard_bounces", "soft_bounces",
    "task_status_update",
]  # fmt: skip
"""The e-mail service's events."""
SmtpEvent = Literal[
    "delivered", "undelivered", "opened", "clicked", "spam_by_user", "unsubscribed", "resubscribed", "hard_bounces",
    "soft_bounces",
]  # fmt: skip
"""The SMTP service's events. Bounces have the e-mail service's names, as webhook receivers show."""
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
SMTP_EVENTS: Final[tuple[SmtpEvent, ...]] = get_args(SmtpEvent)

MOST_BYTES = 1024 * 1024
"""A batch of this size is posted at once."""

RETRIES = Retries(gaps=(60, 300, 900, 3600, 10_800))

_LOOKED_UP = ("ip", "country")
"""Fields of a reader that lookups show and webhooks do not."""


class Webhook(Record, frozen=True, gc=False):
    """One event of the e-mail service for one URL."""

    first_id = 162_242

    id: int
    url: str
    action: Action

    @property
    def subscription(self) -> str:
        return str(self.id)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(60.0, 100, MOST_BYTES)


class SmtpWebhook(Record, frozen=True, gc=False):
    """Events of the SMTP service for one URL; a URL has one of them."""

    id: int
    url: str
    events: tuple[SmtpEvent, ...]

    @property
    def subscription(self) -> str:
        return f"{_SMTP}{self.id}"

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(30.0, 500, MOST_BYTES)


Hook: TypeAlias = Webhook | SmtpWebhook


def has_webhooks(ctx: Context) -> bool:
    """Return whether the account ever had a webhook."""
    return Webhook in ctx.store or SmtpWebhook in ctx.store


def follow(ctx: Context, event: Event) -> None:
    """Add a new event to the batch of each webhook that wants it."""
    if has_webhooks(ctx):
        for hook in _wanting(ctx, event):
            _collect(ctx, hook, event)


def flush(ctx: Context, subscription: str) -> None:
    """Post the batch of a webhook; run by the clock."""
    events = end(ctx, subscription)
    hook = _find(ctx, subscription)
    if events and hook is not None:
        _post(ctx, hook, events)


def forget(ctx: Context, hook: Hook) -> None:
    """Delete a webhook with its batch and its retries."""
    if isinstance(hook, Webhook):
        ctx.store[Webhook].delete(hook.id)
    else:
        ctx.store[SmtpWebhook].delete(hook.id)
    end(ctx, hook.subscription)
    cancel(ctx, hook.subscription)


_SMTP = "smtp-"


def _wanting(ctx: Context, event: Event) -> Iterator[Hook]:
    # Both services have events of some names.
    smtp = event.type in SMTP_EVENTS and (event.type not in ACTIONS or "recipient" in event.json())
    if smtp:
        yield from (hook for hook in ctx.store[SmtpWebhook].values() if event.type in hook.events)
    else:
        yield from (hook for hook in ctx.store[Webhook].values() if event.type == hook.action)


def _find(ctx: Context, subscription: str) -> Hook | None:
    if subscription.startswith(_SMTP):
        return ctx.store[SmtpWebhook].get(int(subscription.removeprefix(_SMTP)))
    return ctx.store[Webhook].get(int(subscription))


def _collect(ctx: Context, hook: Hook, event: Event) -> None:
    if len(event.data) > MOST_BODY - 2 * MOST_BYTES:
        # It is larger than any body may be.
        return
    collect(ctx, hook.subscription, event, hook.rhythm, partial(_post, ctx, hook), flush)


def _post(ctx: Context, hook: Hook, events: Sequence[Event]) -> None:
    ctx.post(
        hook.url,
        b"[" + b",".join(map(_shown, events)) + b"]",
        retries=RETRIES,
        subscription=hook.subscription,
        event=",".join(sorted({event.type for event in events})),
    )


def _shown(event: Event) -> bytes:
    if event.type not in ("opened", "clicked"):
        return event.data
    return dumps({name: value for name, value in event.json().items() if name not in _LOOKED_UP})
