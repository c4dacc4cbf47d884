"""The lifecycle of a mail: attempts, delivery or bounce, then what its reader does.

    accepted → delayed … → delivered → bounced out of band, opened, clicked, complained, unsubscribed
                         → bounced

:mod:`.outcomes` reads the outcome in a recipient's address. A service adds its own times and event names, in a
:class:`Timetable`, and the function that makes something happen: emit the event, change the status, suppress the
address. The service keeps these beside its pages, see :class:`MailLifecycle`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.steps import Steps

from .outcomes import LONGEST_IN_QUEUE, PUT_OFF, Outcome, Reason, waited

M = TypeVar("M")

TRANSIENT = 70
"""The bounce class of a failed attempt that is repeated."""


class Happening(NamedTuple):
    """An event of a mail, ``after`` seconds since the one before."""

    after: float
    event: str
    """The service's name for it."""
    bounce_class: int = 0
    reason: Reason | None = None
    """The remote server's reply, if it refused the mail."""
    retries: int = 0
    """How many attempts came before this one."""


@dataclass(frozen=True)
class Timetable:
    """The times and names of a service's events."""

    delivered: str
    bounced: Callable[[Outcome], str]
    """Names a bounce, also one out of band."""
    returned_after: float
    """From the delivery to a bounce out of band."""
    reactions: Mapping[str, tuple[tuple[float, str], ...]]
    """The events after a delivery by kind of outcome, each with the seconds since the event before."""
    delayed: str = ""
    """Names a failed attempt that is repeated; empty where the service has no such event."""
    first_attempt: float = 0.0
    """From the beginning of the lifecycle to the first attempt."""

    def happenings(self, outcome: Outcome) -> list[Happening]:
        """Return what happens to a mail, in order. An outcome of the mix must be settled before."""
        found: list[Happening] = []
        since = 0.0
        for retries in range(outcome.delays if self.delayed else 0):
            at = self.first_attempt + waited(retries)
            found.append(Happening(at - since, self.delayed, TRANSIENT, PUT_OFF, retries))
            since = at
        expires = outcome.kind == "expire"
        left = (LONGEST_IN_QUEUE if expires else self.first_attempt + waited(outcome.delays)) - since
        if outcome.bounces:
            return [*found, Happening(left, self.bounced(outcome), outcome.number, outcome.reason, outcome.delays)]
        found.append(Happening(left, self.delivered, retries=outcome.delays))
        if outcome.kind == "oob":
            found.append(Happening(self.returned_after, self.bounced(outcome), outcome.number, outcome.reason))
        return [*found, *[Happening(after, event) for after, event in self.reactions.get(outcome.kind, ())]]


@dataclass(frozen=True)
class MailLifecycle(Generic[M]):
    """The lifecycles of a service's mails. A mail is found by its number, as long as it is remembered."""

    find: Callable[[Context, int], M | None]
    happen: Callable[[Context, M, Happening], Steps[None]]
    """Make something happen to a mail."""

    def begin(self, ctx: Context, number: int, happenings: list[Happening]) -> Steps[None]:
        """Begin the lifecycle of a mail. What happens after no time at all happens now, the rest on the clock."""
        if happenings and not happenings[0].after:
            following = yield from self._reach(ctx, number, happenings[0])
            happenings = happenings[1:] if following is None else []
        if happenings:
            stages = [Stage(happening.after, self._reach, (happening,)) for happening in happenings]
            yield from lifecycle.start_or_finish(ctx, number, stages)

    def _reach(self, ctx: Context, number: int, happening: Happening) -> Steps[Stages | None]:
        mail = self.find(ctx, number)
        if mail is None:
            return END
        yield from self.happen(ctx, mail, happening)
        return None
