"""The command ``sparkbox``. Each command's imports are its own, so that the quick ones stay quick."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sparkbox import UserError, __version__, services

if TYPE_CHECKING:
    from sparkbox.client import Client
    from sparkbox.server.certificates import Authority
    from sparkbox.server.ports import Addresses, Listening

    from .settings import Config

DEFAULT_URL = "http://127.0.0.1:8025"
CONTROL = "control"
WIDEST = 60
"""Characters of somebody's subject or path in a table."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit status: 0, 1 with one clear line, or 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            options = _parser().parse_args(arguments)
            status: int = options.run(options)
            return status
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except UserError as error:
        print(f"sparkbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # What could not be written must not be tried once more at exit, with a complaint of Python's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read our output has left; nothing is wrong
            return 0
        print(f"sparkbox: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sparkbox",
        description="A local sandbox that answers as Sendspark, Sparked, engageSPARK, SendPulse and SparkPost do.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sparkbox {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    names = [info.name for info in services.SERVICES]

    def command(name: str, run: Callable[[Any], int], help: str, more: str = "") -> argparse.ArgumentParser:
        description = f"{help[0].upper()}{help[1:]}. {more}"
        added: argparse.ArgumentParser = commands.add_parser(
            name, help=help, description=description, allow_abbrev=False
        )
        added.set_defaults(run=run, refuse=added.error)
        return added

    serve = command("serve", _serve, "start the sandbox", "It prints where everything is, and ends with Ctrl+C.")
    serve.add_argument("--host", help="where to listen (default 127.0.0.1)")
    serve.add_argument("--port", type=int, metavar="N", help="HTTP (default 8025; 0 picks a free one)")
    serve.add_argument("--tls-port", type=int, metavar="N", help="HTTPS (default 8443)")
    serve.add_argument("--proxy-port", type=int, metavar="N", help="CONNECT proxy (default 8026)")
    serve.add_argument("--smtp-port", type=int, metavar="N", help="SMTP (default 2525)")
    serve.add_argument("--smtps-port", type=int, metavar="N", help="SMTP over TLS from the start (default 4650)")
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

    operations = command("operations", _operations, "list every operation")
    operations.add_argument("--service", choices=names, help="only this service's")
    operations.add_argument("--json", action="store_true", help="all that is known of each, as JSON")

    openapi = command("openapi", _openapi, "print a service's OpenAPI 3.1 document, or that of the control API")
    openapi.add_argument("service", choices=[*names, CONTROL])

    command("ca", _ca, "print the file of the certificate authority", "The authority is made if there is none yet.")

    reset = command("reset", _reset, "put a running sandbox back to how it started")
    messages = command("messages", _messages, "show what was sent, newest first")
    requests = command("requests", _requests, "show what was asked and answered, newest first")
    clock = command("clock", _clock, "read or turn the clock of a running sandbox")
    seed = command("seed", _seed, "fill a running sandbox with people and what was sent to them")
    for asking in (reset, messages, requests, clock, seed):
        url = os.environ.get("SPARKBOX_URL") or DEFAULT_URL
        asking.add_argument("--url", default=url, help=f"the sandbox (default SPARKBOX_URL, else {DEFAULT_URL})")
        asking.add_argument("--account", metavar="CREDENTIAL", help="only this account")
        asking.add_argument("--json", action="store_true", help="the answer as JSON")
    for listing in (messages, requests):
        listing.add_argument("id", nargs="?", help="only this one, whole, as JSON")
        listing.add_argument("--service", metavar="NAME", help="only this service's")
        listing.add_argument("--limit", type=int, default=20, metavar="N", help="how many (default 20)")
    messages.add_argument("--to", metavar="ADDRESS", help="only those to this recipient")
    messages.add_argument("--raw", action="store_true", help="with an id: the mail as message/rfc822")
    messages.add_argument("--part", metavar="PATH", help="with an id: the contents of one of its parts, such as 1.2")
    clock.add_argument("action", nargs="?", choices=("freeze", "resume", "set", "advance"))
    clock.add_argument("value", nargs="?", help="a time (2026-03-01T12:00:00Z) or, to advance, a span (90, 8h30m)")
    seed.add_argument(
        "--story",
        action="store_true",
        required=True,
        help="the same people in all five services",
    )
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="settings from a TOML file")
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="where ids and chance begin (0); makes links' signatures the same in each run",
    )
    parser.add_argument("--profile", choices=("easy", "strict"), help="how much new accounts ask for (default easy)")
    parser.add_argument(
        "--no-rate-limits", dest="rate_limits", action="store_false", default=None, help="answer however often"
    )
    parser.add_argument(
        "--accept-any-key", action="store_true", default=None, help="take credentials that do not begin with mock-"
    )


# A sandbox of one's own.


def _serve(options: argparse.Namespace) -> int:
    from sparkbox.server.ports import listen

    from .settings import load

    config = load(vars(options))
    listening = listen(config.host, config.ports)

    from sparkbox.server.http import run

    run(_serve_until_stopped(config, listening))
    return 0


async def _serve_until_stopped(config: Config, listening: Listening) -> None:
    import asyncio
    import gc
    import logging
    import signal

    from sparkbox.app import create_app
    from sparkbox.server.http import Server, allow_connections

    logging.basicConfig(format="sparkbox: %(message)s")
    allow_connections()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    server = Server(create_app(config.settings), listening)
    try:
        await server.start()
        # What is here now stays: the collector need not look at it again and again.
        gc.freeze()
        authority = await asyncio.to_thread(_authority_line, server.authority)
        print(_card(listening.addresses, config, authority), flush=True)
        await stop.wait()
    finally:
        await server.stop()


def _authority_line(authority: Authority) -> str:
    """The file that clients over TLS have to trust, or why there is none; only the first start has to make it."""
    from sparkbox.server.certificates import AuthorityError

    try:
        return str(authority.ca_file)
    except AuthorityError as error:
        return f"none: {error}"


def _card(addresses: Addresses, config: Config, authority: str) -> str:
    """What a newcomer has to know about a sandbox that has just started."""
    width = max(len(info.title) for info in services.SERVICES)
    urls = {info.name: f"{addresses.url}/{info.name}" for info in services.SERVICES}
    wide = max(len(url) for url in urls.values())
    relays = [info for info in services.SERVICES if info.smtp_hosts]
    limits = "on" if config.settings.rate_limits else "off"
    return "\n".join(
        [
            f"sparkbox {__version__} at {addresses.url}   (profile {config.settings.profile}, rate limits {limits})",
            "",
            *(f"  {info.title:{width}}  {urls[info.name]:{wide}}  {info.credentials}" for info in services.SERVICES),
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
        options.refuse("there is no command; try: sparkbox run -- python app.py")
    config = load(vars(options))
    with Sparkbox(config.settings) as mock:
        child = environment(**mock.ways_in())
        for obstacle in obstacles(command, child, services.hosts()):
            print(f"sparkbox: {obstacle}", file=sys.stderr, flush=True)
        return run(command, child)


def _operations(options: argparse.Namespace) -> int:
    from sparkbox.core.docs.openapi import describe

    names = [options.service] if options.service else [info.name for info in services.SERVICES]
    rows = [row for name in names for row in describe(services.load(name))]
    if options.json:
        return _print_json(rows)
    return _print_table([row["service"], row["method"], row["path"], row["summary"]] for row in rows)


def _openapi(options: argparse.Namespace) -> int:
    from sparkbox.core.docs.openapi import document

    if options.service == CONTROL:
        from sparkbox.control import SERVICE

        return _print_json(document(SERVICE, server_url=DEFAULT_URL))
    service = services.load(options.service)
    return _print_json(document(service, server_url=f"{DEFAULT_URL}/{service.name}"))


def _ca(options: argparse.Namespace) -> int:
    from sparkbox.server.certificates import Authority, home

    print(Authority(home(), services.hosts()).ca_file)
    return 0


# A sandbox that runs elsewhere.


def _client(options: argparse.Namespace) -> Client:
    from sparkbox.client import Client

    try:
        return Client(options.url)
    except ValueError as error:
        raise UserError(error) from None


def _reset(options: argparse.Namespace) -> int:
    response = _client(options).reset(account=options.account)
    if options.json:
        return _print_json(response)
    print(f"{_count(response['accounts'], 'account')} put back to how a sandbox starts")
    return 0


def _seed(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from .demo import tell

    people = tell(_client(options).url, options.account)
    if options.json:
        return _print_json({"people": [asdict(person) for person in people]})
    for person in people:
        print(f"{person.name}  {person.email}  {person.phone}  {person.title}, {person.company}")
    return 0


def _messages(options: argparse.Namespace) -> int:
    if (options.raw or options.part) and not options.id:
        options.refuse(f"{'--raw' if options.raw else '--part'} wants the id of a mail")
    client = _client(options)
    if options.part:
        sys.stdout.buffer.write(client.part(options.id, options.part))
        return 0
    if options.raw:
        sys.stdout.buffer.write(client.raw(options.id))
        return 0
    if options.id:
        return _print_json(client.message(options.id))
    found = client.messages(account=options.account, service=options.service, to=options.to, limit=options.limit)
    if not options.json:
        for message in found["messages"]:
            message["subject"] = message["subject"] or message["preview"]
    return _print_list(options, found, "message", ("id", "time", "service", "channel", "to", "subject", "status"))


def _requests(options: argparse.Namespace) -> int:
    client = _client(options)
    if options.id:
        return _print_json(client.request(options.id))
    found = client.requests(account=options.account, service=options.service, limit=options.limit)
    return _print_list(options, found, "request", ("id", "time", "status", "service", "method", "path"))


def _clock(options: argparse.Namespace) -> int:
    wants, takes = options.action in ("set", "advance"), options.action in ("set", "advance", "freeze")
    if wants and options.value is None:
        options.refuse(f"clock {options.action} wants a value, such as 2026-03-01T12:00:00Z or 8h30m")
    if not takes and options.value is not None:
        options.refuse(f"clock {options.action} takes no value")
    client = _client(options)
    if options.action is None:
        response = client.clock(account=options.account)
    else:
        value = True if options.value is None else options.value
        response = client.turn_clock(account=options.account, **{options.action: value})
    if options.json:
        return _print_json(response)
    ran = f", {_count(response['ran'], 'job')} ran" if response.get("ran") else ""
    print(f"{response['now']}{' (frozen)' if response['frozen'] else ''}{ran}")
    return 0


# How it is shown.


def _print_json(value: Any) -> int:
    print(json.dumps(value, indent=2))
    return 0


def _print_list(options: argparse.Namespace, found: dict[str, Any], noun: str, columns: Sequence[str]) -> int:
    if options.json:
        return _print_json(found)
    rows = found[f"{noun}s"]
    _print_table([_plain(str(row[column])) for column in columns] for row in rows)
    print(f"{_count(found['total'], noun)}{f', {len(rows)} shown' if len(rows) < found['total'] else ''}")
    return 0


def _print_table(rows: Iterable[Sequence[str]]) -> int:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _plain(cell: str) -> str:
    """What a terminal shows as it stands: subjects and paths are anybody's, and may hold its control characters."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cell)
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


if __name__ == "__main__":
    sys.exit(main())
