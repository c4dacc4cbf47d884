"""The sandbox's four logs as the control API reads and empties them.

A log is bounded: an item may have been dropped, and then the error says so. ``account=`` with an empty
value means the requests that no credential came with, or one that was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, Protocol, TypeVar

from sparkbox.core.logs.buffer import AccountLog, LogBuffer
from sparkbox.core.logs.deliveries import Delivery
from sparkbox.core.logs.events import Event
from sparkbox.core.logs.journal import Entry
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account, Logs

from .. import errors
from ..context import Context
from ..envelope import quoted
from ..queries import Deleted
from ..selection import existing


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


T = TypeVar("T", bound=Numbered)

ERRORS = (errors.GONE, errors.NEVER_WAS, errors.OTHER_ACCOUNT, errors.ACCOUNT_NOT_FOUND)
"""The errors of looking for one item."""


@dataclass(frozen=True, slots=True)
class Log(Generic[T]):
    """One kind of item: its buffer in the sandbox, its log in each account."""

    noun: str
    buffer: Callable[[Logs], LogBuffer[T]]
    account_log: Callable[[Account], AccountLog[T]]

    def newest(self, ctx: Context, account: str | None, since: int | None = None) -> Iterator[T]:
        """Iterate newest first over all accounts' items or one account's, down to the id ``since``."""
        account_logs = self._account_logs(ctx, account)
        items = (
            self.buffer(ctx.sandbox.logs).newest()
            if account_logs is None
            else (i for s in account_logs for i in s.newest())
        )
        return items if since is None else takewhile(lambda item: item.number > since, items)

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

    def _account_logs(self, ctx: Context, account: str | None) -> list[AccountLog[T]] | None:
        if account == "":
            return [self.account_log(ctx.sandbox.anonymous)]
        chosen = existing(ctx, account)
        return None if account is None else [self.account_log(each) for each in chosen]


MESSAGES: Log[Message] = Log("message", lambda logs: logs.messages, lambda account: account.messages)
REQUESTS: Log[Entry] = Log("request", lambda logs: logs.requests, lambda account: account.requests)
EVENTS: Log[Event] = Log("event", lambda logs: logs.events, lambda account: account.events)
DELIVERIES: Log[Delivery] = Log("delivery", lambda logs: logs.deliveries, lambda account: account.deliveries)
