"""The sandbox's four logs as the control API reads and empties them.

A log is bounded: an item may have been dropped, and then the error says so. ``account=`` with an empty
value means the requests that no credential came with, or one that was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Any, Generic, TypeVar

from sparkbox.core.logs.buffer import AccountLog, LogBuffer, Pending
from sparkbox.core.logs.deliveries import Delivery
from sparkbox.core.logs.events import Event
from sparkbox.core.logs.journal import Entry
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account, Logs
from sparkbox.core.state.steps import Steps

from .. import errors
from ..context import Context
from ..envelope import quoted
from ..queries import Deleted, LogQuery
from ..selection import existing

T = TypeVar("T")
V = TypeVar("V")
Skips = Callable[[Any], bool]

WORK_A_STEP = 1_000_000
"""Bytes of items that are looked through in a step."""
LOOK = 1000
"""Looking at an item's fields costs as much as so many bytes."""
SHOW = 10_000
"""So does showing it."""
MAKE = 20_000
"""So does making a pending item; more for each byte that it weighed before:"""
MAKE_BYTE = 10

ERRORS = (errors.GONE, errors.NEVER_WAS, errors.OTHER_ACCOUNT, errors.ACCOUNT_NOT_FOUND)
"""The errors of looking for one item."""


@dataclass(frozen=True, slots=True)
class Log(Generic[T]):
    """One kind of item: its buffer in the sandbox, its log in each account."""

    noun: str
    buffer: Callable[[Logs], LogBuffer[T]]
    account_log: Callable[[Account], AccountLog[T]]

    def page(
        self,
        ctx: Context,
        query: LogQuery,
        shown: Callable[[T], V],
        matches: Callable[[T], bool],
        weight: Callable[[T], int] | None = None,
        *,
        skips: Skips | None = None,
    ) -> Steps[tuple[list[V], int]]:
        """Return one page of the items that match, newest first, as they are shown, and how many match in all.

        Items that arrive in the meantime are not included. ``weight``: the bytes of an item, where all of them are
        looked at. ``skips``: whether one that is still to be made is known not to match.
        """
        if query.since is None and not query.filters:
            numbers = query.page(self._numbers(ctx, query.account))
            rows, _ = yield from self._search(ctx, numbers, shown, lambda _: True)
            return rows, self._count(ctx, query.account)
        since = query.since or 0
        numbers = list(takewhile(lambda number: number > since, self._numbers(ctx, query.account)))
        wanted = range(query.offset, query.offset + query.limit)
        return (yield from self._search(ctx, numbers, shown, matches, weight, skips, wanted))

    def search(self, ctx: Context, account: str, matches: Callable[[T], bool], *, skips: Skips) -> Steps[list[T]]:
        """Return an account's items that match, newest first."""
        numbers = list(self._numbers(ctx, account))
        found, _ = yield from self._search(ctx, numbers, lambda item: item, matches, skips=skips)
        return found

    def find(self, ctx: Context, id: int, account: str | None) -> T:
        """Return the item with this id. If there is none, the error says why."""
        buffer = self.buffer(ctx.sandbox.logs)
        item = buffer.get(id)
        if item is None:
            if id >= buffer.next_number():
                raise errors.NEVER_WAS(noun=self.noun, id=id, newest=buffer.next_number() - 1)
            raise errors.GONE(noun=self.noun, id=id)
        account_logs = self._account_logs(ctx, account)
        if account_logs is not None and all(account_log.get(id) is None for account_log in account_logs):
            raise errors.OTHER_ACCOUNT(noun=self.noun, id=id, account=quoted(account))
        return item

    def remove(self, ctx: Context, id: int, account: str | None) -> Deleted:
        """Delete one item."""
        self.find(ctx, id, account)
        self.buffer(ctx.sandbox.logs).remove(id)
        return {"deleted": 1}

    def clear(self, ctx: Context, account: str | None) -> Deleted:
        """Delete all items, or one account's."""
        account_logs = self._account_logs(ctx, account)
        if account_logs is None:
            account_logs = self.buffer(ctx.sandbox.logs).account_logs()
        count = sum(len(account_log) for account_log in account_logs)
        for account_log in account_logs:
            account_log.clear()
        return {"deleted": count}

    def _count(self, ctx: Context, account: str | None) -> int:
        account_logs = self._account_logs(ctx, account)
        return len(self.buffer(ctx.sandbox.logs)) if account_logs is None else sum(map(len, account_logs))

    def _numbers(self, ctx: Context, account: str | None) -> Iterator[int]:
        """Iterate over the numbers of an account's items or of all, newest first."""
        account_logs = self._account_logs(ctx, account)
        if account_logs is None:
            return self.buffer(ctx.sandbox.logs).numbers()
        return chain.from_iterable(account_log.numbers() for account_log in account_logs)

    def _search(
        self,
        ctx: Context,
        numbers: list[int],
        shown: Callable[[T], V],
        matches: Callable[[T], bool],
        weight: Callable[[T], int] | None = None,
        skips: Skips | None = None,
        wanted: range | None = None,
    ) -> Steps[tuple[list[V], int]]:
        """Return the items that match as they are shown, and how many they are.

        ``wanted``: which of them to return. The others are not held, as the log may have no room for what is made.
        """
        buffer, rows, count, work = self.buffer(ctx.sandbox.logs), list[V](), 0, 0
        for number in numbers:
            if work > WORK_A_STEP:
                yield
                work = 0
            work += LOOK
            kept = buffer.peek(number)
            if isinstance(kept, Pending):
                if skips is not None and skips(kept):
                    continue
                work += MAKE + MAKE_BYTE * buffer.size_of(number)
            item = buffer.get(number)
            if item is None:  # it was dropped meanwhile
                continue
            work += 0 if weight is None else weight(item)
            if matches(item):
                if wanted is None or count in wanted:
                    work += SHOW
                    rows.append(shown(item))
                count += 1
        return rows, count

    def _account_logs(self, ctx: Context, account: str | None) -> list[AccountLog[T]] | None:
        if account is None:
            return None
        chosen = existing(ctx, account) if account else [ctx.sandbox.anonymous]
        return [self.account_log(each) for each in chosen]


MESSAGES: Log[Message] = Log("message", lambda logs: logs.messages, lambda account: account.messages)
REQUESTS: Log[Entry] = Log("request", lambda logs: logs.requests, lambda account: account.requests)
EVENTS: Log[Event] = Log("event", lambda logs: logs.events, lambda account: account.events)
DELIVERIES: Log[Delivery] = Log("delivery", lambda logs: logs.deliveries, lambda account: account.deliveries)
