"""Proves the way to the real services without the internet: ``python -m contract_tests.loopback``.

It starts a sandbox in the strict profile with the limits on, prepares an account in it as a user would, and runs the
whole suite with ``--target real``: over TLS, to the vendors' own host names. Then it checks what the run did to
that account: nothing may have been sent to anybody else, and nothing may have been left behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from contract_tests.pace import ACCOUNT
from contract_tests.parts import parts
from contract_tests.receiver import Receiver
from contract_tests.targets import PREFIX, target_of
from sparkbox import Settings, Sparkbox, World
from sparkbox.server.interception import environment, run
from sparkbox.services import SERVICES


def main(arguments: Sequence[str]) -> int:
    """Run pytest with ``arguments``; return its exit status, or 1 if the run misbehaved."""
    with Sparkbox(Settings(profile="strict")) as server, Receiver() as receiver:
        world = server.world("mock-contract")
        credentials = {**_prepare(world), "CONTRACT_WEBHOOK_TARGET": receiver.url, ACCOUNT: world.credential}
        prepared = len(world.messages)
        surroundings = environment(**server.ways_in())
        command = [sys.executable, "-m", "pytest", "contract_tests", "--target", "real", "--allow-charges", *arguments]
        status = run(command, surroundings | credentials)
        faults = [*_strays(world, prepared, credentials), *_leftovers(world)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return status or int(bool(faults))


def _prepare(world: World) -> dict[str, str]:
    credentials: dict[str, str] = {}
    for info in SERVICES:
        credentials |= target_of(info.name).sandbox(world).environment
    return credentials


def _strays(world: World, prepared: int, credentials: Mapping[str, str]) -> Iterator[str]:
    """Yield what was sent to others than the environment names and the test addresses."""
    named = {name.strip().lstrip("+") for value in credentials.values() for name in value.split(",")}
    for message in world.messages[prepared:]:
        if message.to.lstrip("+") not in named and not message.to.endswith(".sink.sparkpostmail.com"):
            yield f"{message.service} has sent {message.subject!r} to {message.to}"


def _leftovers(world: World) -> Iterator[str]:
    """Yield what the run made and did not remove."""
    server = world.server
    account = server.sandbox.accounts.open(world.credential)
    if account is None:
        raise LookupError(world.credential)
    records = server.call(
        lambda: [
            (service, kind, record)
            for service, store in account.stores.items()
            for kind, _, collection in store.collections()
            for record in collection.values()
        ]
    )
    stays = {service: {kind for part in parts(service, "sweep") for kind in part.STAYS} for service in account.stores}
    for service, kind, record in records:
        if kind not in stays[service] and PREFIX in repr(record):
            yield f"{service} still has the {kind} {record.key}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
