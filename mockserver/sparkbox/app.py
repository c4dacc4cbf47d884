"""All wiring: a Starlette application over a sandbox.

The services are reached under ``/<service>/…``, or without prefix when the ``Host`` header is a vendor's; the control
API is under ``/_mock/``, whatever the host. All of them are looked up before Starlette's own router, whose linear scan
of routes costs more than a whole response.
"""

from __future__ import annotations

from functools import cached_property

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from sparkbox import services
from sparkbox.core.request.asgi import request_of, send_response
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.guard import Foreign, Guard
from sparkbox.core.request.http import Headers, Response, host_of
from sparkbox.core.state.config import Settings
from sparkbox.core.state.place import ALONE, Place
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.state.steps import Aside

CONTROL = "_mock"
"""The name of the control API among the services."""


class Application(Starlette):
    """The sandbox as an ASGI application."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        allowed = sandbox.settings.allowed_hosts.replace(",", " ").split()
        self.guard = Guard((*services.hosts(), *allowed))
        self._control = Aside(lambda: self.control)
        self._dispatchers: dict[str, Dispatcher] = {}
        self._hosts: dict[str, str] = {}
        self._suffixes: list[tuple[str, str]] = []
        for info in services.SERVICES:
            for host in info.hosts:
                if host.startswith("*."):
                    self._suffixes.append((host[1:], info.name))
                else:
                    self._hosts[host] = info.name

    def dispatcher(self, name: str) -> Dispatcher:
        """Return a service's dispatcher; the service is imported when it is first needed."""
        dispatcher = self._dispatchers.get(name)
        if dispatcher is None:
            dispatcher = self._dispatchers[name] = Dispatcher(self.sandbox, self.sandbox.service(name))
        return dispatcher

    @cached_property
    def control(self) -> Dispatcher:
        """The control API's dispatcher, imported when it is first needed."""
        from sparkbox.control import SERVICE

        return Dispatcher(self.sandbox, SERVICE)

    def is_loaded(self, name: str) -> bool:
        """Return whether :meth:`dispatcher`, or :attr:`control` for the control API, would import nothing."""
        return "control" in self.__dict__ if name == CONTROL else self.sandbox.loaded(name)

    async def load(self, name: str) -> None:
        """Import a service, or the control API, while others have their turn."""
        await (self._control if name == CONTROL else self.sandbox.loading(name))()

    async def close(self) -> None:
        """End whatever the sandbox has under way."""
        await self.sandbox.close()

    def find(self, path: str, headers: Headers) -> tuple[Dispatcher, str] | None:
        """Return the dispatcher of a path, and the prefix that is not the vendor's."""
        place = self.place(path, headers)
        if place is None:
            return None
        name, prefix = place
        return (self.control if name == CONTROL else self.dispatcher(name)), prefix

    def place(self, path: str, headers: Headers) -> tuple[str, str] | None:
        """Return the service of a path, :data:`CONTROL` for the control API, and the prefix that is the sandbox's."""
        end = path.find("/", 1)
        first = path[1:end] if end > 0 else path[1:]
        if first in self.sandbox.service_names:
            return first, "/" + first
        if first == "_mock":
            return CONTROL, ""
        name = self._service_of_host(host_of(headers).partition(":")[0].lower().removesuffix("."))
        return None if name is None else (name, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.sandbox.home.settle()
            foreign = self._foreign(scope)
            place = (CONTROL, "") if foreign else self.place(scope["path"], scope["headers"])
            if place is not None and not self.is_loaded(place[0]):
                await self.load(place[0])
            if place is not None:
                await self._load_sections(scope, *place)
            if foreign is not None:
                return await send_response(self._refused(scope, foreign), scope, receive, send)
            found = self.find(scope["path"], scope["headers"])
            if found is not None:
                return await found[0](scope, receive, send, found[1])
            return await self._directions(scope["path"])(scope, receive, send)
        await super().__call__(scope, receive, send)

    async def _load_sections(self, scope: Scope, name: str, prefix: str) -> None:
        """Import the sections that a request needs, while others have their turn."""
        dispatcher = self.control if name == CONTROL else self.dispatcher(name)
        contents = dispatcher.service.contents
        for section in contents.needed(scope["method"], scope["path"][len(prefix) :]):
            await contents.importing(section)()

    def response(self, scope: Scope, body: bytes) -> Response | None:
        """Answer a request that has arrived in full, without a task.

        ``None``, and nothing has happened, if it has to take ASGI's way.
        """
        foreign = self._foreign(scope)
        if foreign is not None:
            return self._refused(scope, foreign) if self.is_loaded(CONTROL) else None
        place = self.place(scope["path"], scope["headers"])
        if place is None or not self.is_loaded(place[0]):
            return None
        name, prefix = place
        dispatcher = self.control if name == CONTROL else self.dispatcher(name)
        service = dispatcher.service
        if len(body) > service.body_limit or service.contents.needed(scope["method"], scope["path"][len(prefix) :]):
            return None
        return dispatcher.respond(request_of(scope, prefix, body))

    def _foreign(self, scope: Scope) -> Foreign | None:
        """Return why a request may be a foreign page's; ``None`` if it is not."""
        try:
            self.guard.check(scope["method"], scope["headers"])
        except Foreign as foreign:
            return foreign
        return None

    def _refused(self, scope: Scope, foreign: Foreign) -> Response:
        """Return the response to a foreign page, in the control API's shape."""
        from sparkbox.control.access import api_error

        return self.control.refuse(request_of(scope, ""), api_error(foreign))

    def _directions(self, path: str) -> PlainTextResponse:
        """Return a page that says where everything is, for a path without a service's prefix."""
        text = (
            f"This is sparkbox{'' if path == '/' else f', and there is nothing at {path[:100]!r}'}.\n"
            f"The services: {', '.join(f'/{name}' for name in self.sandbox.service_names)}\n"
            "What was sent: /_mock/messages\n"
            "What else it can do: /_mock/openapi\n"
        )
        return PlainTextResponse(text, 200 if path == "/" else 404)

    def _service_of_host(self, host: str) -> str | None:
        found = self._hosts.get(host)
        if found is not None:
            return found
        return next((name for suffix, name in self._suffixes if host.endswith(suffix)), None)


def create_app(settings: Settings | None = None) -> Application:
    """Return a sandbox as an ASGI application, ready for any server or for httpx's in-process transport."""
    return Application(create_sandbox(settings or Settings()))


def create_sandbox(settings: Settings, place: Place = ALONE) -> Sandbox:
    """Return a sandbox with all services, or one worker's part of it."""
    return Sandbox(settings, services.loaders(), services.ready(), services.channels(), place)
