"""A sandbox: the accounts, the logs and the services of one running program."""

from __future__ import annotations

from collections.abc import Callable, Collection, KeysView, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..declare.credentials import Credentials
from ..declare.service import Service
from ..outgoing.own_ports import OwnPorts
from ..request.body_budget import BodyBudget
from ..testing.faults import Faults
from ..testing.stubs import MOST_STUB_BYTES, Stub, Stubs
from .account import Account, Logs
from .accounts import Accounts, Ready
from .budget import Budget
from .clock import Alarm, stopwatch
from .config import Settings
from .context import Context
from .home import Home
from .place import ALONE, Place
from .steps import Aside, Steps, StepsAndWaits, complete

if TYPE_CHECKING:
    from ..outgoing.worker import DeliveryWorker

ANONYMOUS_BYTES = 2**24
"""State of requests without an account. It is counted apart, so that full accounts do not stop these requests."""


class Sandbox:
    """Owns everything that outlives a request.

    ``loaders`` give a service when it is first needed, ``ready`` are the documented credentials,
    ``channels`` the kinds of messages that the services send. ``place`` is its own among the workers.
    """

    def __init__(
        self,
        settings: Settings,
        loaders: Mapping[str, Callable[[], Service]],
        ready: Mapping[str, Ready] | None = None,
        channels: Collection[str] = (),
        place: Place = ALONE,
    ) -> None:
        self.settings = settings
        self.place = place
        self.channels = tuple(channels)
        self.started = stopwatch()
        self.logs = Logs(settings)
        self.alarm = Alarm()
        self.accounts = Accounts(settings, self.logs, self.alarm, loaders.keys(), ready, place)
        self.faults = Faults()
        """Faults for all accounts; an account's own are in the account."""
        self.stubs = Stubs(self.logs.stubs)
        """Stubs for all accounts, and for requests that belong to none."""
        self.stubbed = False
        """Whether any stub was set. Until then no request is compared with stubs."""
        self._last_stub = 0
        self.home = Home()
        """Which threads may work on it."""
        self.anonymous = Account(
            "", settings, self.logs, self.accounts.clock, secret=self.accounts.secret, budget=Budget(ANONYMOUS_BYTES)
        )
        """Where requests without an account are counted and logged."""
        self.bodies = BodyBudget(settings.most_body_bytes)
        """The budget for bodies that are under way."""
        self.own_ports = OwnPorts()
        """The ports it listens on; they are never a delivery's target."""
        self.turns = self.alarm.turns
        """The turns of large requests and jobs."""
        self.find_authority: Callable[[], bytes] | None = None
        """Gives the certificate that clients have to trust, PEM, where there are TLS ports."""
        self._loaders = dict(loaders)
        self._services: dict[str, Service] = {}
        self._loading: dict[str, Aside] = {}
        self._credentials: dict[str, Credentials] = {}

    @cached_property
    def worker(self) -> DeliveryWorker:
        """The worker that makes the deliveries, imported with the first one."""
        from ..outgoing.worker import DeliveryWorker

        return DeliveryWorker(self.own_ports, self.turns, self._context, self.settings.most_deliveries)

    @property
    def service_names(self) -> KeysView[str]:
        return self._loaders.keys()

    def service(self, name: str) -> Service:
        """Return a service by name, imported when it is first needed; ``KeyError`` if there is none."""
        service = self._services.get(name)
        if service is None:
            service = self._services[name] = self._loaders[name]()
        return service

    def loading(self, name: str) -> Aside:
        """Return the import of a service as work beside the event loop; await it."""
        found = self._loading.get(name)
        if found is None:
            found = self._loading[name] = Aside(lambda: self.service(name))
        return found

    def load(self, name: str) -> StepsAndWaits[None]:
        """Load a service with all its sections, with the imports beside the event loop."""
        if name not in self._services:
            yield self.loading(name)
        yield from self.service(name).contents.load_all_aside()

    def credentials(self, service: str) -> Credentials:
        """Return what opens the accounts of a service."""
        found = self._credentials.get(service)
        if found is None:
            found = self._credentials[service] = Credentials(self.accounts, self.settings, service)
        return found

    def loaded(self, name: str) -> bool:
        """Return whether a service has been imported yet."""
        return name in self._services

    def context(self, service: str, account: Account) -> Context:
        """Return a context outside of a request, for the control plane, the mail relays and seeds.

        What is due in the account runs first; where much may be, the caller has run it in steps.
        """
        account.clock.run_due()
        return self._context(service, account)

    def _context(self, service: str, account: Account) -> Context:
        return Context(self, self.service(service), account)

    def add_stub(self, stub: Stub, account: Account | None = None) -> Stub:
        """Set a stub, for one account or for all, and give it its id.

        ``ValueError`` if there are too many, or if all of them together were too large.
        """
        if self.logs.stubs.used + stub.size > MOST_STUB_BYTES:
            raise ValueError(f"the stubs that are set have {MOST_STUB_BYTES} bytes already")
        (self.stubs if account is None else account.stubs).add(stub)
        self.stubbed = True
        self._last_stub += 1
        stub.id = str(self._last_stub)
        return stub

    def begin_rules(self, number: int) -> None:
        """Let the ids of faults and stubs follow from a number: workers that set the same rule give it the same id."""
        self.anonymous.ids.seed(number)
        self._last_stub = number

    def reset(self) -> None:
        """:meth:`reset_in_steps` in one go."""
        complete(self.reset_in_steps())

    def reset_in_steps(self) -> Steps[None]:
        """Forget every account and put the sandbox back to how it started.

        All of it holds from the first step on for the requests that come meanwhile; only the logs empty gradually.
        """
        self.faults.clear()
        self.stubs.clear()
        self.stubbed = False
        self.anonymous.reset()
        yield from self.accounts.clear()

    async def close(self) -> None:
        """Cancel what is under way on the loop: deliveries and timers."""
        if "worker" in self.__dict__:
            await self.worker.aclose()
        self.alarm.stop()
