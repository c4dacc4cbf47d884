"""A world's relays, over real sockets."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from sparkbox import Sparkbox, World
from tests.server.smtp.wire import Wire, logged_in, wire


@pytest.fixture
def bare(sparkbox: World) -> Iterator[Wire]:
    """A connection that has said EHLO and no more."""
    with wire(sparkbox.sparkpost) as connection:
        yield connection


@pytest.fixture
def sparkpost(sparkbox: World) -> Iterator[Wire]:
    """A connection with the world's login at SparkPost."""
    with logged_in(sparkbox.sparkpost) as connection:
        yield connection


@pytest.fixture
def sendpulse(sparkbox: World) -> Iterator[Wire]:
    """A connection with the world's login at SendPulse."""
    with logged_in(sparkbox.sendpulse) as connection:
        yield connection


@pytest.fixture
def trusting(sparkbox_session: Sparkbox) -> ssl.SSLContext:
    """What a client has that trusts the sandbox's authority."""
    return ssl.create_default_context(cafile=str(sparkbox_session.ca_file))
