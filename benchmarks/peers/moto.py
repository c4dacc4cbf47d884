"""moto's server: Amazon's SES in Python, https://docs.getmoto.org."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from benchmarks.peers.cache import from_pypi
from benchmarks.peers.peer import Peer
from benchmarks.processes import Server, call, free_port, process, wait_for
from benchmarks.requests import HTML, TEXT, HttpRequest

SENDER = "team@mail.acme.example"
HEADERS = {
    "content-type": "application/x-www-form-urlencoded",
    "authorization": "AWS4-HMAC-SHA256 Credential=mock/20260301/us-east-1/ses/aws4_request, "
    "SignedHeaders=host, Signature=0",
}


def _action(name: str, **fields: str) -> HttpRequest:
    body = urlencode({"Action": name, "Version": "2010-12-01", **fields})
    return HttpRequest("/", HEADERS, body, "POST")


SEND_EMAIL = _action(
    "SendEmail",
    **{
        "Source": SENDER,
        "Destination.ToAddresses.member.1": "wilma@flintstone.example",
        "Message.Subject.Data": "Welcome, Wilma",
        "Message.Body.Text.Data": TEXT,
        "Message.Body.Html.Data": HTML,
    },
)


@contextmanager
def started() -> Iterator[Server]:
    """Run moto's server with a verified sender."""
    port = free_port()
    command = [str(from_pypi("moto_server", "moto[server,ses]")), "-p", str(port)]
    with process(command, quiet=True) as running:
        wait_for(port)
        call(port, _action("VerifyEmailIdentity", EmailAddress=SENDER))
        yield Server(port, running.pid)


PEER = Peer("moto", started, read=None, send=SEND_EMAIL)
