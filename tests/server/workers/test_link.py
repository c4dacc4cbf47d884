"""A link between workers: one call that fails does not end the link, and with it all workers."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from sparkbox.server.workers.calls import Call, LoginCall, Reply
from sparkbox.server.workers.link import Link


def test_call_that_fails_gets_an_error_and_the_next_one_its_reply(caplog: pytest.LogCaptureFixture) -> None:
    async def later(status: int) -> Reply:
        if status == 2:
            raise ValueError("later")
        return Reply(status)

    def serve(call: Call) -> Reply | asyncio.Future[Reply]:
        assert isinstance(call, LoginCall)
        if call.user == "1":
            raise ValueError("at once")
        return Reply(0) if call.user == "0" else asyncio.ensure_future(later(int(call.user)))

    async def talk() -> list[int]:
        lost: list[None] = []
        ours, theirs = socket.socketpair()
        link = await Link.connect(ours, serve, lambda: None)
        other = await Link.connect(theirs, serve, lambda: lost.append(None))
        replies = await asyncio.gather(*(link.call(LoginCall(str(user), "", "")) for user in range(4)))
        assert not lost
        link.close()
        other.close()
        await asyncio.sleep(0)
        return [reply.status for reply in replies]

    with caplog.at_level(logging.CRITICAL, "sparkbox"):
        assert asyncio.run(talk()) == [0, 500, 500, 3]
