"""The ports: opened all or none, a taken one said in one line, a taken default replaced by a free one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from sparkbox.server.ports import FREE, Addresses, Listening, PortError, listen


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def numbers(listening: Listening) -> list[int]:
    return [sock.getsockname()[1] for sock in listening.sockets.values()]


def test_port_0_is_a_free_one() -> None:
    with closing(listen("127.0.0.1", FREE)) as listening:
        addresses = listening.addresses
        assert numbers(listening) == [addresses.http, addresses.tls, addresses.proxy, addresses.smtp, addresses.smtps]
        assert len({0, *numbers(listening)}) == 6
        assert addresses.moved == ()


def test_requested_port_is_used() -> None:
    port = free_port()
    with closing(listen("127.0.0.1", replace(FREE, http=port))) as listening:
        assert listening.addresses.http == port


def test_early_connection_waits() -> None:
    with (
        closing(listen("127.0.0.1", FREE)) as listening,
        socket.create_connection(("127.0.0.1", listening.addresses.http)),
    ):
        accepted, _ = listening.sockets["http"].accept()
        accepted.close()


def test_taken_port_is_reported_with_a_remedy(taken: int) -> None:
    with pytest.raises(PortError) as caught:
        listen("127.0.0.1", replace(FREE, http=taken))
    assert (
        str(caught.value)
        == f"port {taken} on 127.0.0.1 is taken; choose another with --port, or --port 0 for a free one"
    )


@pytest.mark.parametrize(
    ("name", "flag"),
    [("tls", "--tls-port"), ("proxy", "--proxy-port"), ("smtp", "--smtp-port"), ("smtps", "--smtps-port")],
)
def test_taken_port_that_was_requested_is_not_replaced(taken: int, name: str, flag: str) -> None:
    ports = replace(FREE, **{name: taken}, fixed=frozenset({"http", name}))
    with pytest.raises(PortError, match=f"port {taken} on 127.0.0.1 is taken; choose another with {flag}, "):
        listen("127.0.0.1", ports)


def test_taken_default_port_is_replaced_and_reported(taken: int) -> None:
    with closing(listen("127.0.0.1", replace(FREE, tls=taken))) as listening:
        tls = listening.addresses.tls
        assert tls not in (0, taken)
        assert listening.addresses.moved == (
            f"port {taken} is taken, so tls listens on {tls} (choose with --tls-port)",
        )


def test_all_ports_are_opened_or_none(taken: int) -> None:
    port = free_port()
    with pytest.raises(PortError):
        listen("127.0.0.1", replace(FREE, http=port, proxy=taken, fixed=frozenset({"http", "proxy"})))
    with socket.create_server(("127.0.0.1", port)) as again:
        assert again.getsockname()[1] == port


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("no-such-host.invalid", "cannot listen on 'no-such-host.invalid', port 0: "),
        ("192.0.2.1", "cannot listen on '192.0.2.1', port 0: Cannot assign requested address"),
        (":::::", "cannot listen on ':::::', port 0: "),
        ("ä..b", "cannot listen on 'ä..b': it is not a host name"),
        ("é" * 300, "é': it is not a host name"),
    ],
)
def test_foreign_host_is_reported_in_one_line(host: str, line: str) -> None:
    with pytest.raises(PortError) as caught:
        listen(host, FREE)
    assert line in str(caught.value)
    assert len(str(caught.value)) < 200


def test_address_in_version_6_stands_in_brackets() -> None:
    addresses = Addresses("::1", 1, 2, 3, 4, 5)
    assert (addresses.url, addresses.tls_url, addresses.proxy_url) == (
        "http://[::1]:1",
        "https://[::1]:2",
        "http://[::1]:3",
    )


def test_listener_on_all_interfaces_is_reached_at_loopback() -> None:
    with closing(listen("0.0.0.0", FREE)) as listening:
        assert listening.addresses.url == f"http://127.0.0.1:{listening.addresses.http}"
