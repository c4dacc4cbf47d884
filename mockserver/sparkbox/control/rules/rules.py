"""Faults and stubs, for one account or for all: they are listed, shown and deleted alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sparkbox.core.declare.errors import Error
from sparkbox.core.state.account import Account
from sparkbox.core.state.sandbox import Sandbox

from .. import selection
from ..context import Context
from ..envelope import quoted
from ..queries import Deleted, PageQuery, part


class Rule(Protocol):
    """A fault or a stub."""

    id: str


class RuleSet(Protocol):
    """The rules of one account, or those for all, in the order in which they are tried."""

    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def remove(self, id: str) -> bool: ...
    def clear(self) -> None: ...


S = TypeVar("S", bound=RuleSet)
R = TypeVar("R", bound=Rule)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Rules(Generic[S, R, V]):
    """One kind of rule."""

    of: Callable[[Sandbox | Account], S]
    view: Callable[[R, S, str | None], V]
    """Gives what is shown of a rule, from the set that it is in and the credential of its account."""
    missing: Error
    newest_first: bool
    """Lists the newest first, and those for all accounts before those of each; else as they are tried."""

    def page(self, ctx: Context, query: PageQuery) -> tuple[list[V], int]:
        """Return one page of the rules of an account, or of all, and how many there are in all."""
        found = [
            (rule, rules, credential)
            for credential, rules in self._sets(ctx, query.account)
            for rule in (reversed(list(rules)) if self.newest_first else rules)
        ]
        rows, total = part(found, query)
        return [self.view(*row) for row in rows], total

    def show(self, ctx: Context, id: str, account: str | None) -> V:
        """Return what is shown of the rule with this id."""
        for credential, rules in self._sets(ctx, account):
            for rule in rules:
                if rule.id == id:
                    return self.view(rule, rules, credential)
        raise self.missing(id=quoted(id))

    def clear(self, ctx: Context, account: str | None) -> Deleted:
        """Delete all rules, or one account's."""
        count = 0
        for _, rules in self._sets(ctx, account):
            count += len(rules)
            rules.clear()
        return {"deleted": count}

    def remove(self, ctx: Context, id: str, account: str | None) -> Deleted:
        """Delete the rule with this id."""
        if not any(rules.remove(id) for _, rules in self._sets(ctx, account)):
            raise self.missing(id=quoted(id))
        return {"deleted": 1}

    def _sets(self, ctx: Context, credential: str | None) -> Iterator[tuple[str | None, S]]:
        """Return the sets of rules that a call is about, each with the credential of its account."""
        if credential is None and self.newest_first:
            yield None, self.of(ctx.sandbox)
        for account in selection.existing(ctx, credential):
            yield account.credential, self.of(account)
        if credential is None and not self.newest_first:
            yield None, self.of(ctx.sandbox)
