"""A world's way into the sandbox: everything is done on the server's loop, between two requests."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Later
from sparkbox.core.state.account import Account
from sparkbox.core.state.sandbox import Sandbox

if TYPE_CHECKING:
    from sparkbox.control.context import Context

T = TypeVar("T")


class SandboxServer(Protocol):
    """The part of a sandbox that a world uses: see :class:`~sparkbox.testing.sandbox.Sparkbox`."""

    @property
    def sandbox(self) -> Sandbox: ...
    @property
    def url(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def smtp_port(self) -> int: ...
    @property
    def smtps_port(self) -> int: ...
    def call(self, function: Callable[[], T]) -> T: ...
    def run(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T: ...
    def intercept(self) -> AbstractContextManager[None]: ...


class Handle:
    """One account, opened by its credential."""

    def __init__(self, server: SandboxServer, credential: str) -> None:
        self.server = server
        self.credential = credential

    def account(self) -> Account:
        """Return the account, made if need be; to be called on the loop."""
        account = self.server.sandbox.accounts.open(self.credential)
        if account is None:
            raise ValueError(f"{self.credential!r} opens no account: a credential begins with 'mock-'")
        return account

    def use(self, function: Callable[[Account], T]) -> T:
        """Call ``function`` with the account, once what is due in it has run."""

        async def called() -> T:
            return function(await self._caught_up())

        return self.server.run(called)

    def control(self, operation: Callable[[Context], Any]) -> Any:
        """Call an operation of the control API, and return its payload. ``ValueError`` if it refuses."""
        from sparkbox.control import SERVICE
        from sparkbox.control.context import Context

        async def called() -> Any:
            await self._caught_up()
            sandbox = self.server.sandbox
            with value_errors():
                result = operation(Context(sandbox, SERVICE, sandbox.anonymous))
            return await result.payload() if isinstance(result, Later) else result

        return self.server.run(called)

    async def _caught_up(self) -> Account:
        account = self.account()
        if account.clock.is_due:
            await self.server.sandbox.turns.finish(account.clock.catch_up())
            account = self.account()  # it may have been reset or dropped meanwhile
        return account


@contextmanager
def value_errors() -> Iterator[None]:
    """Raise an error of the control API as a ``ValueError``, which names a service as code does."""
    try:
        yield
    except ApiError as api_error:
        values = api_error.values
        text = api_error.error(**{**values, "title": values.get("service")}).message
        raise ValueError(text[0].lower() + text[1:].removesuffix(".")) from None
