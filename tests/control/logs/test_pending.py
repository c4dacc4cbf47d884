"""Messages that are made while a list is made: how many at a time, and how many of them are held."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

from sparkbox.core.logs.messages import PendingMessage
from sparkbox.mail.message import MailMessage
from tests.control.harness import A, Harness

MADE: list[weakref.ref[Traced]] = []
WEIGHT = 200_000


class Traced(MailMessage, frozen=True, gc=True, weakref=True, kw_only=True):
    """A message that tells whether it is still there."""


class Large(PendingMessage, frozen=True, kw_only=True):
    """Weighs much, and twice as much once it is made."""

    def made(self, number: int) -> Traced:
        message = Traced(number=number, account=A, sender="a@shop.example", to=self.to, text="x" * 2 * WEIGHT)
        MADE.append(weakref.ref(message))
        return message


def alive() -> int:
    return sum(ref() is not None for ref in MADE)


def test_large_messages_are_made_one_at_a_time_and_let_go() -> None:
    with Harness(most_message_bytes=20 * WEIGHT) as harness:
        harness.send(key=A)
        account = harness.account(A)
        account.messages.clear()
        for number in range(20):
            account.messages.append(Large(to=f"{number}@example.com"), WEIGHT)
        at_once, held = [0], [0]

        async def watch(path: str) -> Any:
            MADE.clear()
            request = asyncio.ensure_future(harness.client.get(path))
            while not request.done():
                before = len(MADE)
                await asyncio.sleep(0)
                at_once.append(len(MADE) - before)
                held.append(alive())
            return request.result().json()

        for query in ("limit=2&offset=17", "limit=2&offset=17&text=X", "limit=2&offset=17&from=a@shop.example"):
            found = harness.run(watch(f"/_mock/messages?{query}"))
            assert (found["total"], [row["to"][0] for row in found["messages"]]) == (20, ["2", "1"])
        assert len(MADE) == 20
        assert max(at_once) == 1
        assert max(held) <= 1
        assert account.messages.bytes == 20 * WEIGHT
