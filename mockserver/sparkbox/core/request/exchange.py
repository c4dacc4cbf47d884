"""One request on its way to its response, and what is known of it so far."""

from __future__ import annotations

from ..declare.envelope import Envelope
from ..declare.operation import Operation
from ..declare.service import Service
from ..state.account import Account
from ..state.budget import StoreFull
from ..state.clock import stopwatch
from ..state.context import Context
from ..state.sandbox import Sandbox
from ..state.steps import Held
from ..testing.faults import Fault
from ..testing.stubs import Stub
from .http import Request


class Exchange:
    """A request; each step of the dispatcher adds what it finds."""

    __slots__ = ("account", "began", "ctx", "fault", "held", "operation", "request", "sandbox", "service", "stub")

    def __init__(self, sandbox: Sandbox, service: Service, request: Request) -> None:
        self.began = stopwatch()
        self.sandbox = sandbox
        self.service = service
        self.request = request
        self.account: Account | None = None
        """The account that its credential opens."""
        self.operation: Operation | None = None
        self.fault: Fault | None = None
        self.stub: Stub | None = None
        """The stub that answers in the service's place."""
        self.ctx: Context | None = None
        """The handler's context, or the stub's; it may have entered another account."""
        self.held: Held | None = None
        """The lists of a large body, to be freed in steps."""

    @property
    def envelope(self) -> Envelope:
        """How the response looks: as the operation's section says, or the path's where no operation was found."""
        operation = self.operation
        if operation is None:
            return self.service.envelope_at(self.request.path)
        envelope: Envelope = operation.own_envelope or self.service.envelope
        return envelope

    def outside(self) -> Context:
        """Return a context for a response without a handler: nobody's if the account has no room for its state."""
        context, anonymous = self.service.context, self.sandbox.anonymous
        try:
            return context(self.sandbox, self.service, self.account or anonymous, self.request, self.operation)
        except StoreFull:
            return context(self.sandbox, self.service, anonymous, self.request, self.operation)
