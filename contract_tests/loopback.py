"""Proves the way to the real services without the internet: ``python -m contract_tests.loopback``.

It starts a sandbox in the strict profile with the limits on, prepares an account in it as a user would (a verified
domain, an active sender), and runs the whole suite with ``--target real``: over TLS, to the vendors' own host names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import httpx

from mockserver import MockServer, Settings, World
from mockserver.interception import environment, run

DOMAIN = "mail.acme.example"
SENDER = "sender@acme.example"


def main(arguments: Sequence[str]) -> int:
    """Runs pytest with ``arguments`` and gives its exit status."""
    with MockServer(Settings(profile="strict")) as server:
        world = server.world("mock-contract")
        _prepare_sparkpost(world)
        _prepare_sendpulse(world)
        surroundings = environment(
            url=server.url,
            proxy_url=server.proxy_url,
            bundle=server.authority.bundle_file(),
            ca=server.ca_file,
        )
        surroundings |= {
            "SPARKPOST_API_KEY": world.sparkpost.key,
            "SPARKPOST_SENDING_DOMAIN": DOMAIN,
            "SENDPULSE_CLIENT_ID": world.sendpulse.client_id,
            "SENDPULSE_CLIENT_SECRET": world.sendpulse.client_secret,
            "SENDPULSE_SENDER": SENDER,
            "CONTRACT_RECIPIENTS": "wilma@flintstone.example",
        }
        command = [sys.executable, "-m", "pytest", "contract_tests", "--target", "real", *arguments]
        return run(command, surroundings)


def _prepare_sparkpost(world: World) -> None:
    with httpx.Client(base_url=world.sparkpost.url, headers=world.sparkpost.headers, trust_env=False) as client:
        client.post("/api/v1/sending-domains", json={"domain": DOMAIN}).raise_for_status()
        client.post(f"/api/v1/sending-domains/{DOMAIN}/verify", json={"dkim_verify": True}).raise_for_status()


def _prepare_sendpulse(world: World) -> None:
    with httpx.Client(base_url=world.sendpulse.url, headers=world.sendpulse.headers, trust_env=False) as client:
        client.post("/senders", json={"email": SENDER, "name": "Acme"}).raise_for_status()
        client.get(f"/senders/{SENDER}/code").raise_for_status()
        mail = world.wait_for(to=SENDER)[-1]
        code = re.search(r"[0-9A-Za-z]{6,}", mail.text or "")
        if code is None:
            raise RuntimeError(f"no activation code in {mail.text!r}")
        client.post(f"/senders/{SENDER}/code", json={"code": code[0]}).raise_for_status()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
