"""The filters of lists of messages, the same for SMS and WhatsApp."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from .. import paging, times
from ..contacts import address_book
from ..paging import PageFields, PeriodQuery


class Kept(Protocol):
    """The fields that the filters read."""

    @property
    def number(self) -> int: ...
    @property
    def created(self) -> float: ...
    @property
    def ingress(self) -> bool: ...
    @property
    def done(self) -> bool: ...
    @property
    def to_telco(self) -> bool: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def contact(self) -> int: ...
    @property
    def message(self) -> str: ...


K = TypeVar("K", bound=Kept)


class HistoryQuery(PeriodQuery):
    """``failed`` is about what the network did not take; receipts are not looked at."""

    dir: Literal["inbound", "outbound", "all"] = "all"
    failed: Literal["true", "false", "all"] = "all"


def page(ctx: Context, newest: Iterable[K], query: HistoryQuery) -> Steps[tuple[list[K], PageFields]]:
    """Return the messages that match a query, the newest first, and the fields of the response about the page."""
    return (yield from paging.part(newest, lambda message: _is_wanted(ctx, message, query), query))


def _is_wanted(ctx: Context, message: Kept, query: HistoryQuery) -> bool:
    if query.dir != "all" and message.ingress != (query.dir == "inbound"):
        return False
    failed = message.done and not message.ingress and not message.to_telco
    if query.failed != "all" and failed != (query.failed == "true"):
        return False
    return query.covers(times.nanoseconds(message.created)) and _mentions(ctx, message, query.search)


def _mentions(ctx: Context, message: Kept, keyword: str) -> bool:
    if not keyword:
        return True
    contact = address_book.get(ctx, message.contact) if message.contact else None
    texts = (message.message, message.sender, message.recipient)
    return address_book.contains(keyword, (*texts, *(address_book.texts(contact) if contact is not None else ())))
