"""Commands that talk to a running sandbox through its control API."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from sparkbox import UserError

from .command import Command
from .output import count, print_json, print_list

if TYPE_CHECKING:
    from sparkbox.client import Client

DEFAULT_URL = "http://127.0.0.1:8025"


def add_commands(command: Command) -> None:
    reset = command("reset", _reset, "put a running sandbox back to how it started")
    messages = command("messages", _messages, "show the messages that were sent, newest first")
    requests = command("requests", _requests, "show requests and responses, newest first")
    clock = command("clock", _clock, "show or turn the clock of a running sandbox")
    seed = command("seed", _seed, "fill a running sandbox with demo data")
    for each in (reset, messages, requests, clock, seed):
        url = os.environ.get("SPARKBOX_URL") or DEFAULT_URL
        each.add_argument("--url", default=url, help=f"the sandbox (default SPARKBOX_URL, else {DEFAULT_URL})")
        each.add_argument("--account", metavar="CREDENTIAL", help="only this account")
        each.add_argument("--json", action="store_true", help="print the response as JSON")
    for each in (messages, requests):
        each.add_argument("id", nargs="?", help="show only this one, whole, as JSON")
        each.add_argument("--service", metavar="NAME", help="only this service")
        each.add_argument("--limit", type=int, default=20, metavar="N", help="how many to show (default 20)")
    messages.add_argument("--to", metavar="ADDRESS", help="only those to this recipient")
    messages.add_argument("--raw", action="store_true", help="with an id: print the mail as message/rfc822")
    messages.add_argument("--part", metavar="PATH", help="with an id: print the contents of one part, such as 1.2")
    clock.add_argument("action", nargs="?", choices=("freeze", "resume", "set", "advance"))
    clock.add_argument("value", nargs="?", help="a time (2026-03-01T12:00:00Z) or, to advance, a span (90, 8h30m)")
    seed.add_argument("--demo", action="store_true", required=True, help="the same people in all five services")


def _client(options: argparse.Namespace) -> Client:
    from sparkbox.client import Client

    try:
        return Client(options.url)
    except ValueError as error:
        raise UserError(error) from None


def _reset(options: argparse.Namespace) -> int:
    response = _client(options).reset(account=options.account)
    if options.json:
        return print_json(response)
    print(f"{count(response['accounts'], 'account')} put back to how a sandbox starts")
    return 0


def _seed(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from .demo_data import fill

    people = fill(_client(options).url, options.account)
    if options.json:
        return print_json({"people": [asdict(person) for person in people]})
    for person in people:
        print(f"{person.name}  {person.email}  {person.phone}  {person.title}, {person.company}")
    return 0


def _messages(options: argparse.Namespace) -> int:
    if (options.raw or options.part) and not options.id:
        options.reject(f"{'--raw' if options.raw else '--part'} needs the id of a mail")
    client = _client(options)
    if options.part:
        sys.stdout.buffer.write(client.part(options.id, options.part))
        return 0
    if options.raw:
        sys.stdout.buffer.write(client.raw(options.id))
        return 0
    if options.id:
        return print_json(client.message(options.id))
    found = client.messages(account=options.account, service=options.service, to=options.to, limit=options.limit)
    if options.json:
        return print_json(found)
    for message in found["messages"]:
        message["subject"] = message["subject"] or message["preview"]
    return print_list(found, "message", ("id", "time", "service", "channel", "to", "subject", "status"))


def _requests(options: argparse.Namespace) -> int:
    client = _client(options)
    if options.id:
        return print_json(client.request(options.id))
    found = client.requests(account=options.account, service=options.service, limit=options.limit)
    if options.json:
        return print_json(found)
    return print_list(found, "request", ("id", "time", "status", "service", "method", "path"))


def _clock(options: argparse.Namespace) -> int:
    needs_value, takes_value = options.action in ("set", "advance"), options.action in ("set", "advance", "freeze")
    if needs_value and options.value is None:
        options.reject(f"clock {options.action} needs a value, such as 2026-03-01T12:00:00Z or 8h30m")
    if not takes_value and options.value is not None:
        options.reject(f"clock {options.action} takes no value")
    client = _client(options)
    if options.action is None:
        response = client.clock(account=options.account)
    else:
        value = True if options.value is None else options.value
        response = client.turn_clock(account=options.account, **{options.action: value})
    if options.json:
        return print_json(response)
    ran = f", {count(response['ran'], 'job')} ran" if response.get("ran") else ""
    print(f"{response['now']}{' (frozen)' if response['frozen'] else ''}{ran}")
    return 0
