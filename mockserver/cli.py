"""The command ``mockserver``. Each command's imports are its own, so that the quick ones stay quick."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import __version__

if TYPE_CHECKING:
    from .client import Client
    from .config import Config
    from .server import Server

DEFAULT_URL = "http://127.0.0.1:8025"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit status: 0, 1 with one clear line, or 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; nothing is wrong, and Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not getattr(error, "plain", False) and not isinstance(error, (OSError, ValueError)):
            raise
        print(f"mockserver: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A local sandbox that answers as Sendspark, Sparked, engageSPARK, SendPulse and SparkPost do.",
    )
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    serve = commands.add_parser(
        "serve", help="start the sandbox", description="Starts the sandbox and prints where everything is."
    )
    _add_serve_options(serve)
    serve.set_defaults(run=_serve)

    run = commands.add_parser(
        "run",
        help="run a program against a sandbox of its own",
        description="Starts a sandbox on free ports and runs COMMAND so that the vendors' hosts lead to it. "
        "The exit status is the command's.",
    )
    _add_settings(run)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the program and its arguments")
    run.set_defaults(run=_run)

    operations = commands.add_parser("operations", help="list every operation")
    operations.add_argument("--service", metavar="S", help="only this service's")
    operations.add_argument("--json", action="store_true", help="all that is known of each, as JSON")
    operations.set_defaults(run=_operations)

    openapi = commands.add_parser("openapi", help="print a service's OpenAPI 3.1 document")
    openapi.add_argument("service", metavar="SERVICE")
    openapi.set_defaults(run=_openapi)

    commands.add_parser(
        "ca",
        help="print the file of the certificate authority",
        description="Makes the authority if there is none yet.",
    ).set_defaults(run=_ca)

    reset = _client_command(commands, "reset", "put a running sandbox back to how it started")
    reset.set_defaults(run=_reset)

    messages = _client_command(commands, "messages", "show what was sent")
    messages.add_argument("id", nargs="?", help="one message, whole")
    messages.add_argument("--raw", action="store_true", help="with an id: the mail as message/rfc822")
    messages.add_argument("--service", metavar="S")
    messages.add_argument("--to", metavar="ADDRESS")
    messages.add_argument("--limit", type=int, default=20, metavar="N")
    messages.set_defaults(run=_messages)

    requests = _client_command(commands, "requests", "show what was asked and answered")
    requests.add_argument("id", nargs="?", help="one request, whole")
    requests.add_argument("--service", metavar="S")
    requests.add_argument("--limit", type=int, default=20, metavar="N")
    requests.set_defaults(run=_requests)

    clock = _client_command(commands, "clock", "read or turn the clock")
    clock.add_argument("action", nargs="?", choices=("freeze", "resume", "set", "advance"))
    clock.add_argument("value", nargs="?", help="a time (2026-03-01T12:00:00Z) or, to advance, a span (90, 8h30m)")
    clock.set_defaults(run=_clock)
    return parser


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="where to listen (default 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="HTTP (default 8025; 0 picks a free one)")
    parser.add_argument("--tls-port", type=int, metavar="N", help="HTTPS (default 8443)")
    parser.add_argument("--proxy-port", type=int, metavar="N", help="CONNECT proxy (default 8026)")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="settings from a TOML file")
    parser.add_argument("--seed", type=int, metavar="N", help="where ids and chance begin (default 0)")
    parser.add_argument("--profile", choices=("easy", "strict"), help="how much new accounts ask for (default easy)")
    parser.add_argument(
        "--no-rate-limits", dest="rate_limits", action="store_false", default=None, help="answer however often"
    )
    parser.add_argument(
        "--accept-any-key", action="store_true", default=None, help="take credentials that do not begin with mock-"
    )


def _client_command(commands: Any, name: str, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help)
    parser.add_argument(
        "--url", default=os.environ.get("MOCKSERVER_URL", DEFAULT_URL), help=f"the sandbox (default {DEFAULT_URL})"
    )
    parser.add_argument("--account", metavar="CREDENTIAL", help="only this account")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    return parser


def _serve(options: argparse.Namespace) -> int:
    import asyncio

    from .config import load

    config = load(vars(options))
    try:
        import uvloop

        uvloop.run(_serve_until_stopped(config))
    except ImportError:
        asyncio.run(_serve_until_stopped(config))
    return 0


async def _serve_until_stopped(config: Config) -> None:
    import asyncio
    import gc

    from .app import create_app
    from .server import Server

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = Server(create_app(config.settings), config.host, config.ports)
    await server.start()
    # What is here now stays: the collector need not look at it again and again.
    gc.freeze()
    print(card(server, config), flush=True)
    try:
        await stop.wait()
    finally:
        await server.stop()


def card(server: Server, config: Config) -> str:
    """What a newcomer has to know about a sandbox that has just started."""
    from . import services

    addresses = server.addresses
    if addresses is None:
        raise ValueError("the server has not been started")
    width = max(len(room.title) for room in services.ROOMS)
    lines = [
        f"spark-mockserver {__version__} at {addresses.url}   (profile {config.settings.profile}, "
        f"rate limits {'on' if config.settings.rate_limits else 'off'})",
        "",
        *(f"  {room.title:{width}}  {addresses.url}/{room.name}   {room.credentials}" for room in services.ROOMS),
        "",
        f"  sent messages   {addresses.url}/_mock/messages",
        f"  https           {addresses.tls_url}   (authority: mockserver ca)",
        f"  https proxy     {addresses.proxy_url}   (for clients with a vendor's host built in)",
        "",
        "  Any credential that begins with mock- opens a private account. Stop with Ctrl+C.",
    ]
    lines += [f"  Note: {note}." for note in addresses.moved]
    return "\n".join(lines)


def _run(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from .config import load
    from .interception import environment, run
    from .testing import MockServer

    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        print("mockserver run: no command; try: mockserver run -- python app.py", file=sys.stderr)
        return 2
    config = load(vars(options))
    with MockServer(replace(config.settings)) as mock:
        child = environment(
            url=mock.url,
            proxy_url=mock.proxy_url,
            bundle=mock.authority.bundle_file(),
            ca=mock.ca_file,
        )
        return run(command, child)


def _operations(options: argparse.Namespace) -> int:
    from . import services
    from .core.openapi import describe

    names = [options.service] if options.service else [room.name for room in services.ROOMS]
    _known_service(options.service)
    rows = [row for name in names for row in describe(services.load(name))]
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    wide = max(len(row["path"]) for row in rows)
    for row in rows:
        print(f"{row['service']:10} {row['method']:6} {row['path']:{wide}}  {row['summary']}")
    return 0


def _openapi(options: argparse.Namespace) -> int:
    from . import services
    from .core.openapi import document

    _known_service(options.service)
    print(json.dumps(document(services.load(options.service), server_url=f"{DEFAULT_URL}/{options.service}"), indent=2))
    return 0


def _known_service(name: str | None) -> None:
    from . import services

    names = [room.name for room in services.ROOMS]
    if name is not None and name not in names:
        raise ValueError(f"there is no service {name!r}; there are {', '.join(names)}")


def _ca(options: argparse.Namespace) -> int:
    from . import services
    from .authority import Authority, home

    print(Authority(home(), services.hosts()).ca_file)
    return 0


def _client(options: argparse.Namespace) -> Client:
    from .client import Client

    return Client(options.url)


def _reset(options: argparse.Namespace) -> int:
    _client(options).reset(account=options.account)
    return 0


def _messages(options: argparse.Namespace) -> int:
    client = _client(options)
    if options.id:
        if options.raw:
            sys.stdout.buffer.write(client.raw(options.id))
        else:
            print(json.dumps(client.message(options.id), indent=2))
        return 0
    found = client.messages(account=options.account, service=options.service, to=options.to, limit=options.limit)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for row in found["messages"]:
        print(f"{row['id']:>6}  {row['time']}  {row['channel']:8} {row['to']:30}  {row['subject']}  ({row['status']})")
    return _tally("messages", found)


def _requests(options: argparse.Namespace) -> int:
    client = _client(options)
    if options.id:
        print(json.dumps(client.request(options.id), indent=2))
        return 0
    found = client.requests(account=options.account, service=options.service, limit=options.limit)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for row in found["requests"]:
        print(f"{row['id']:>6}  {row['time']}  {row['status']}  {row['service']:10} {row['method']:6} {row['path']}")
    return _tally("requests", found)


def _tally(name: str, found: dict[str, Any]) -> int:
    shown = len(found[name])
    print(f"{shown} of {found['total']} {name}" if shown < found["total"] else f"{shown} {name}")
    return 0


def _clock(options: argparse.Namespace) -> int:
    client = _client(options)
    if options.action in ("set", "advance") and options.value is None:
        print(f"mockserver clock {options.action}: say to what", file=sys.stderr)
        return 2
    if options.action is None:
        answer = client.clock(account=options.account)
    else:
        value = True if options.value is None else options.value
        answer = client.turn_clock(account=options.account, **{options.action: value})
    print(json.dumps(answer, indent=2) if options.json else f"{answer['now']}{' (frozen)' if answer['frozen'] else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
