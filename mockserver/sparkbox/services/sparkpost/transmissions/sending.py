"""Send transmissions: a message to each recipient, whose lifecycle begins then."""

from __future__ import annotations

from collections.abc import Sequence

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.outcomes import outcome_of

from .. import errors
from ..events import recorder
from ..recipient_lists.recipients import Recipient
from ..substitution import allowance
from ..suppressions.models import Suppressed
from ..templates.parts import Outline
from . import lifecycle
from .batch import DOMAIN_ERRORS, NOTHING, Batch
from .mailing import Draft

MESSAGES_A_STEP = 100
WORK_A_STEP = 5_000
"""Steps of templates."""

SUPPRESSED = "554 5.7.1 recipient address was suppressed due to customer policy"
CANCELLED = "554 5.7.1 [internal] Campaign cancelled"


def send(ctx: Context, draft: Draft, recipients: Sequence[Recipient], *, raising: bool = True) -> Steps[int]:
    """Send a message to each recipient, and return for how many that failed.

    The error of a transmission's only recipient, or of its first one's sending domain, is raised instead, before
    anything is sent, unless ``raising`` is off.
    """
    batch = Batch(ctx, draft)
    alone, failed = len(recipients) == 1, 0
    injections: list[int] = []
    pace = Pace()
    for number, recipient in enumerate(recipients):
        if pace.is_over():
            yield
        try:
            outline = yield from batch.outline(recipient)
        except ApiError as api_error:
            if raising and (alone or (number == 0 and api_error.error in DOMAIN_ERRORS)):
                raise
            failed += 1
            batch.fail(recipient, api_error)
        else:
            if batch.suppresses(recipient):
                batch.inject_suppressed(recipient, outline, SUPPRESSED)
            else:
                injection = batch.inject(recipient, outline)
                outcome = outcome_of(recipient.email)
                if outcome is None:
                    injections.append(injection)
                else:
                    yield from lifecycle.begin(ctx, injection, outcome)
    if injections:
        yield from lifecycle.deliver(ctx, tuple(injections))
    return failed


def cancel(ctx: Context, draft: Draft, recipients: Sequence[Recipient]) -> Steps[None]:
    """Bounce all messages, as their campaign was cancelled."""
    batch, pace = Batch(ctx, draft), Pace()
    for recipient in recipients:
        if pace.is_over():
            yield
        try:
            outline = yield from batch.outline(recipient)
        except ApiError:
            outline = NOTHING
        recorder.bounce(ctx, batch.event_fields(recipient, outline), CANCELLED)


def fail(ctx: Context, draft: Draft, recipients: Sequence[Recipient], api_error: ApiError) -> Steps[None]:
    """Record that no message could be generated."""
    batch, pace = Batch(ctx, draft), Pace()
    for recipient in recipients:
        if pace.is_over():
            yield
        batch.fail(recipient, api_error)


def reject(ctx: Context, draft: Draft, recipients: Sequence[Recipient], reply: str) -> Steps[None]:
    """Record that all messages were rejected; ``reply`` is the SMTP reply."""
    batch, rendered = Batch(ctx, draft), (yield from draft.content.render({}))
    outline = Outline(rendered.sender, rendered.subject, len(rendered.source), rendered)
    for recipient in recipients:
        recorder.reject(ctx, batch.event_fields(recipient, outline), reply)


def refuse_suppressed(ctx: Context, draft: Draft, recipient: Recipient) -> Steps[None]:
    """Raise an error if a transmission's only recipient is suppressed, as the vendor does.

    https://www.sparkpost.com/docs/user-guide/using-suppression-lists/: the response says it inline then. Of several
    recipients, the suppressed ones are accepted and bounce.
    """
    if draft.mailing.skip_suppression or not len(ctx.store[Suppressed]):
        return
    batch = Batch(ctx, draft)
    if batch.suppresses(recipient):
        batch.reject(recipient, (yield from batch.outline(recipient)), "generation_rejection", SUPPRESSED)
        results = {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": draft.mailing.id}
        raise errors.GENERATION_REJECTED(description=SUPPRESSED.removeprefix("554 5.7.1 "), results=results)


class Pace:
    """Counts the work of a step, by messages and by the work of their templates."""

    __slots__ = ("_messages", "_work")

    def __init__(self) -> None:
        self._messages = 0
        self._work = allowance.done

    def is_over(self) -> bool:
        """Return whether others should have their turn before the next message."""
        if self._messages < MESSAGES_A_STEP and allowance.done - self._work < WORK_A_STEP:
            self._messages += 1
            return False
        self._messages, self._work = 1, allowance.done
        return True
