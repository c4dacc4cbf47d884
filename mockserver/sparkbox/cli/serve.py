"""Commands that start a sandbox: ``serve`` and ``run``."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from sparkbox import __version__, services
from sparkbox.core.declare.info import ServiceInfo

from .command import Command

if TYPE_CHECKING:
    from sparkbox.server.certificates import Authority
    from sparkbox.server.ports import Addresses, Listening

    from .settings import Config


def add_commands(command: Command) -> None:
    serve = command("serve", _serve, "start the sandbox", "It prints every address, and ends with Ctrl+C.")
    serve.add_argument("--host", help="the address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, metavar="N", help="HTTP (default 8025; 0 picks a free one)")
    serve.add_argument("--tls-port", type=int, metavar="N", help="HTTPS (default 8443)")
    serve.add_argument("--proxy-port", type=int, metavar="N", help="CONNECT proxy (default 8026)")
    serve.add_argument("--smtp-port", type=int, metavar="N", help="SMTP (default 2525)")
    serve.add_argument("--smtps-port", type=int, metavar="N", help="SMTP over TLS from the start (default 4650)")
    serve.add_argument("--workers", type=int, metavar="N", help="processes that share the work (default 1)")
    _add_settings(serve)

    run = command(
        "run",
        _run,
        "run a program against a sandbox of its own",
        "The sandbox takes free ports, and the vendors' hosts lead to it. The exit status is the command's.",
    )
    run.usage = "sparkbox run [OPTIONS] -- COMMAND [ARGUMENTS]"
    _add_settings(run)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="read settings from a TOML file")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="random seed of ids and chance (0); makes signed links repeatable too"
    )
    parser.add_argument("--profile", choices=("easy", "strict"), help="validation of new accounts (default easy)")
    parser.add_argument(
        "--no-rate-limits", dest="rate_limits", action="store_false", default=None, help="never answer 429"
    )
    parser.add_argument(
        "--accept-any-key", action="store_true", default=None, help="accept credentials that do not begin with mock-"
    )


def _serve(options: argparse.Namespace) -> int:
    from sparkbox.server.ports import listen

    from .settings import load

    config = load(vars(options))
    listening = listen(config.host, config.ports)
    if config.workers > 1:
        _serve_with_workers(config, listening)
        return 0
    gc.disable()  # until the sandbox runs: what is imported now is no garbage

    from sparkbox.server.server import run

    run(_serve_until_stopped(config, listening))
    return 0


def _serve_with_workers(config: Config, listening: Listening) -> None:
    from sparkbox.core.state.clock import stopwatch
    from sparkbox.server.certificates import Authority, home
    from sparkbox.server.server import run
    from sparkbox.server.workers.processes import WorkerSetup, run_workers
    from sparkbox.server.workers.worker import work

    began = stopwatch()
    # Before the workers start, so that only one process makes it.
    authority = _authority_line(Authority(home(), (*services.hosts(), *services.smtp_hosts())))

    def begin(setup: WorkerSetup) -> None:
        run(work(setup, config.settings, listening, began))

    def ready() -> None:
        print(_overview(listening.addresses, config, authority), flush=True)

    run_workers(config.workers, begin, ready)


async def _serve_until_stopped(config: Config, listening: Listening) -> None:
    import asyncio
    import logging
    import signal

    from sparkbox.app import create_app
    from sparkbox.server.server import Server, raise_file_limit

    logging.basicConfig(format="sparkbox: %(message)s")
    raise_file_limit()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    server = Server(create_app(config.settings), listening)
    try:
        await server.start()
        # What exists by now stays, so the garbage collector need not look at it again.
        gc.freeze()
        gc.enable()
        authority = await asyncio.to_thread(_authority_line, server.authority)
        print(_overview(listening.addresses, config, authority), flush=True)
        await stop.wait()
    finally:
        await server.stop()


def _authority_line(authority: Authority) -> str:
    """Return the file that TLS clients have to trust, or why there is none. The first start makes it.

    The server's own certificate is made as well: that takes too long for the event loop.
    """
    from sparkbox.server.certificates import AuthorityError

    try:
        path = authority.ca_file
    except AuthorityError as error:
        return f"none: {error}"
    with suppress(AuthorityError):  # a client that connects has it reported
        authority.prepare()
    return str(path)


def _overview(addresses: Addresses, config: Config, authority: str) -> str:
    """Return the text that ``serve`` prints: every address, and ready credentials."""
    width = max(len(info.title) for info in services.SERVICES)
    urls = {info.name: f"{addresses.url}/{info.name}" for info in services.SERVICES}
    widest = max(len(url) for url in urls.values())
    relays = [info for info in services.SERVICES if info.smtp_hosts]
    limits = "on" if config.settings.rate_limits else "off"
    setup = f"profile {config.settings.profile}, rate limits {limits}"
    if config.workers > 1:
        setup += f", {config.workers} workers"
    return "\n".join(
        [
            f"sparkbox {__version__} at {addresses.url}   ({setup})",
            "",
            *(f"  {info.title:{width}}  {urls[info.name]:{widest}}  {_ready(info)}" for info in services.SERVICES),
            "",
            f"  sent messages   {addresses.url}/_mock/messages",
            f"  https           {addresses.tls_url}",
            f"  https proxy     {addresses.proxy_url}   (for clients with a vendor's host built in)",
            f"  smtp            {addresses.smtp_address}   (over TLS: port {addresses.smtps})",
            *(f"  {'smtp login':14}  {info.smtp_login[0]}   password {info.smtp_login[1]}" for info in relays),
            f"  authority       {authority}",
            "",
            "  Any credential that begins with mock- opens a private account. Stop with Ctrl+C.",
            *(f"  Note: {note}." for note in addresses.moved),
        ]
    )


def _run(options: argparse.Namespace) -> int:
    from sparkbox.server.interception import environment, obstacles, run
    from sparkbox.testing.sandbox import Sparkbox

    from .settings import load

    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        options.reject("there is no command; try: sparkbox run -- python app.py")
    config = load(vars(options))
    with Sparkbox(config.settings) as mock:
        child = environment(**mock.ways_in())
        for obstacle in obstacles(command, child, services.hosts()):
            print(f"sparkbox: {obstacle}", file=sys.stderr, flush=True)
        return run(command, child)


def _ready(info: ServiceInfo) -> str:
    """Return the ready credentials in one line."""
    return "  ".join(f"{name} {value}" for name, value in info.credentials.items())
