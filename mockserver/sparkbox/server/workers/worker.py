"""One worker: a server like that of a single process, with links to the others."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from functools import partial

from sparkbox import services
from sparkbox.app import create_sandbox
from sparkbox.core.state.config import Settings
from sparkbox.server.ports import Listening
from sparkbox.server.server import Server, raise_file_limit

from .application import WorkerApplication
from .connections import Connections, WorkerProtocol
from .gateway import WorkerGateway
from .link import Link
from .processes import READY, WorkerSetup

SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def work(setup: WorkerSetup, settings: Settings, listening: Listening, began: float) -> None:
    """Serve until SIGINT or SIGTERM, or until the parent or another worker is gone."""
    logging.basicConfig(format="sparkbox: %(message)s")
    raise_file_limit()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in SIGNALS:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    setup.parent.setblocking(False)
    loop.add_reader(setup.parent, stop.set)
    app = WorkerApplication(create_sandbox(settings, setup.place), began)
    for worker, sock in setup.links.items():
        app.links[worker] = await Link.connect(sock, app.serve, stop.set)
    connections = Connections(app, setup.inbox, setup.outboxes)
    gateway = WorkerGateway(app, services.relays(), listening.addresses.url)
    server = Server(app, listening, gateway, partial(WorkerProtocol, connections))
    try:
        await server.start()
        connections.open(server.connect)
        gc.freeze()
        setup.parent.send(READY)
        await stop.wait()
    finally:
        for number in SIGNALS:  # the parent's may come when this loop has ended
            signal.signal(number, signal.SIG_IGN)
        loop.remove_reader(setup.parent)
        connections.close()
        await server.stop()
        for link in app.links.values():
            link.close()
