"""The command ``sparkbox``. Each command imports what it needs when it runs, so that the quick ones stay quick."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sparkbox import UserError, __version__, services

from . import remote, serve
from .command import Command
from .output import print_json, print_table

CONTROL = "control"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 with one clear line, or 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # print what the terminal cannot show as an escape instead of failing
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
        # Python would try to write the rest once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader of our output has left; nothing is wrong
            return 0
        print(f"sparkbox: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sparkbox",
        description="A local sandbox that answers as SparkPost, SendPulse, engageSPARK, Sendspark and Sparked do.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sparkbox {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[Any], int], help: str, more: str = "") -> argparse.ArgumentParser:
        description = f"{help[0].upper()}{help[1:]}. {more}"
        added: argparse.ArgumentParser = commands.add_parser(
            name, help=help, description=description, allow_abbrev=False
        )
        added.set_defaults(run=run, reject=added.error)
        return added

    serve.add_commands(command)
    _add_reference(command)
    remote.add_commands(command)
    return parser


def _add_reference(command: Command) -> None:
    names = [info.name for info in services.SERVICES]
    operations = command("operations", _operations, "list every operation")
    operations.add_argument("--service", choices=names, help="only this service")
    operations.add_argument("--json", action="store_true", help="print every detail as JSON")
    openapi = command("openapi", _openapi, "print the OpenAPI 3.1 document of a service or of the control API")
    openapi.add_argument("service", choices=[*names, CONTROL])
    command("ca", _ca, "print the path of the certificate authority's file", "It is made if there is none yet.")


def _operations(options: argparse.Namespace) -> int:
    from sparkbox.core.docs.openapi import describe

    names = [options.service] if options.service else [info.name for info in services.SERVICES]
    rows = [row for name in names for row in describe(services.load(name))]
    if options.json:
        return print_json(rows)
    return print_table([row["service"], row["method"], row["path"], row["summary"]] for row in rows)


def _openapi(options: argparse.Namespace) -> int:
    from sparkbox.core.docs.openapi import document

    if options.service == CONTROL:
        from sparkbox.control import SERVICE

        return print_json(document(SERVICE, server_url=remote.DEFAULT_URL))
    service = services.load(options.service)
    return print_json(document(service, server_url=f"{remote.DEFAULT_URL}/{service.name}"))


def _ca(options: argparse.Namespace) -> int:
    from sparkbox.server.certificates import Authority, home

    print(Authority(home(), services.hosts()).ca_file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
