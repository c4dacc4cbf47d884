"""Which worker a request belongs to: that of the account that it names."""

from __future__ import annotations

from collections import OrderedDict

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.relay import Relay
from sparkbox.core.declare.schema import Invalid
from sparkbox.core.declare.service import Service
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account
from sparkbox.core.state.accounts import Accounts
from sparkbox.core.state.place import worker_of
from sparkbox.core.state.sandbox import Sandbox

MOST_MOVED = 100_000
SHORTEST_TOKEN = 16
"""Characters of a token in the path of a public page, at least."""


class Placement:
    """Finds the worker of a credential or a request."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._workers = sandbox.place.workers
        self._moved: OrderedDict[str, int] = OrderedDict()
        self._probes: dict[str, _Probe] = {}

    def of_credential(self, credential: str) -> int:
        """Return the worker of a credential, token or page."""
        root = self._sandbox.accounts.root(credential)
        moved = self._moved.get(root)
        return worker_of(root, self._workers) if moved is None else moved

    def of_request(self, service: Service, request: Request) -> int:
        """Return the worker of a request to a service: that of its credential, or of the token in its path."""
        return self.of_credential(self._named(service, request) or _token_in(request.path))

    def of_login(self, service: Service, relay: Relay, user: str, password: str) -> int:
        """Return the worker of a login to a service's mail relay."""
        try:
            relay.login(self._probe(service.name), user, password)
        except _Named as named:
            return self.of_credential(named.credential)
        return self._sandbox.place.worker

    def move(self, credential: str, worker: int) -> None:
        """Note that an account is in another worker than its credential leads to: it is a copy of one that is there."""
        self._moved[self._sandbox.accounts.root(credential)] = worker
        if len(self._moved) > MOST_MOVED:
            self._moved.popitem(last=False)

    def _named(self, service: Service, request: Request) -> str | None:
        """Return the credential that the service would open."""
        try:
            claimed = None if service.claimed is None else service.claimed(request)
            if claimed is not None:
                return claimed
            service.identify(request, self._probe(service.name))
        except _Named as named:
            return named.credential
        except (ApiError, Invalid):  # of no account: any worker will do
            return None
        return None

    def _probe(self, service: str) -> _Probe:
        probe = self._probes.get(service)
        if probe is None:
            probe = self._probes[service] = _Probe(self._sandbox, service)
        return probe


def _token_in(path: str) -> str:
    """Return the last part of a path that is long enough for a token; the whole path if there is none."""
    return next((part for part in reversed(path.split("/")) if len(part) >= SHORTEST_TOKEN), path)


class _Named(Exception):
    """The credential that a service would have opened."""

    def __init__(self, credential: str) -> None:
        self.credential = credential


class _Probe(Credentials):
    """Opens nothing: it tells what would have been opened."""

    def __init__(self, sandbox: Sandbox, service: str) -> None:
        super().__init__(Accounts(sandbox.settings, sandbox.logs, sandbox.alarm), sandbox.settings, service)

    def open(self, credential: str) -> Account | None:
        raise _Named(credential)

    def made(self, credential: str) -> Account | None:
        # A token that opens its account has the service's name before it, where clients cannot send that.
        raise _Named(credential.rpartition(":")[2])

    def take_secret(self, credential: str, secret: str) -> bool:
        return True
