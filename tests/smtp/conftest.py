"""A world's relays, over real sockets."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from mockserver import MockServer, World
from tests.smtp.wire import Wire, logged_in, wire


@pytest.fixture
def bare(mockserver: World) -> Iterator[Wire]:
    """A connection that has said EHLO and no more."""
    with wire(mockserver.sparkpost) as connection:
        yield connection


@pytest.fixture
def sparkpost(mockserver: World) -> Iterator[Wire]:
    """A connection with the world's login at SparkPost."""
    with logged_in(mockserver.sparkpost) as connection:
        yield connection


@pytest.fixture
def sendpulse(mockserver: World) -> Iterator[Wire]:
    """A connection with the world's login at SendPulse."""
    with logged_in(mockserver.sendpulse) as connection:
        yield connection


@pytest.fixture
def trusting(mockserver_session: MockServer) -> ssl.SSLContext:
    """What a client has that trusts the sandbox's authority."""
    return ssl.create_default_context(cafile=str(mockserver_session.ca_file))
