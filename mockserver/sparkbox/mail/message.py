"""A captured mail: a message that can be shown as its recipient gets it."""

from __future__ import annotations

from sparkbox.core.logs.messages import Message
from sparkbox.core.state.steps import Steps

from .build import built
from .entities import Entity, tree


class MailMessage(Message, frozen=True, gc=False, kw_only=True):
    """One mail to one recipient."""

    channel: str = "email"

    def written(self) -> Steps[bytes]:
        """Return :attr:`raw` in steps: the mail as it was submitted, or built from its fields."""
        if self.source:
            return self.source
        return (yield from built(self))

    @property
    def parts(self) -> tuple[Entity, ...]:
        """The mail as one part, with all others in it.

        Its ``walk()`` yields each part with its path: ``1``, ``1.1``, ``1.2``.
        """
        return (tree(self.raw),)
