"""What a handler and a job are given."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest

from sparkbox.core.logs.events import Event, view
from sparkbox.core.logs.messages import Message
from sparkbox.core.request.http import Request
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, complete
from tests.core import api
from tests.core.api import KEY, SERVICE
from tests.core.office import Office

MARCH = 1_772_366_400.0


@pytest.fixture
def office(frozen: Office) -> Office:
    return frozen


@pytest.fixture
def ctx(office: Office) -> Context:
    return office.context()


def test_now_is_the_accounts_time_when_the_request_began(office: Office, ctx: Context) -> None:
    office.account().clock.advance(10)
    assert ctx.now == MARCH
    assert ctx.clock.now() == MARCH + 10


def test_strict_says_which_profile_the_account_has(office: Office, ctx: Context) -> None:
    assert not ctx.strict
    office.account().profile = "strict"
    assert ctx.strict


def test_entering_another_account_takes_everything_along(office: Office, ctx: Context) -> None:
    other = office.account("mock-other")
    other.clock.freeze(MARCH + 1000)
    complete(ctx.enter(other))
    assert ctx.account is other
    assert ctx.now == MARCH + 1000
    assert ctx.ids is other.ids
    assert ctx.store is other.store("post")
    assert len(ctx.store[api.Letter]) == 1


def test_request_that_enters_another_account_is_in_its_journal(office: Office) -> None:
    from sparkbox.core.declare.operation import Operations
    from sparkbox.core.request.dispatch import Dispatcher

    operations = Operations("Keys")

    @operations.post("/v1/enter", public=True)
    def enter(ctx: Context) -> Steps[None]:
        """Exchange a credential."""
        account = ctx.sandbox.accounts.open("mock-entered")
        assert account is not None
        yield from ctx.enter(account)

    response = Dispatcher(office.sandbox, api.service_of(operations)).respond(Request("POST", "/v1/enter"))
    assert response.status == 200
    assert [entry.account for entry in office.account("mock-entered").requests.oldest()] == ["mock-entered"]


def test_a_note_is_kept_in_the_journal(office: Office) -> None:
    from sparkbox.core.declare.operation import Operations
    from sparkbox.core.request.dispatch import Dispatcher

    operations = Operations("Notes")

    @operations.get("/v1/noted", public=True)
    def noted(ctx: Context) -> None:
        """Leave a note."""
        ctx.note = "seen"

    Dispatcher(office.sandbox, api.service_of(operations)).respond(Request("GET", "/v1/noted"))
    assert next(office.sandbox.logs.requests.newest()).note == "seen"


# Jobs.


def test_a_job_runs_in_its_account_when_its_time_comes(office: Office) -> None:
    office.send()
    assert office.call("GET", "/v1/letters/2").json()["data"]["state"] == "accepted"
    assert office.account().clock.advance(60) == 1
    assert office.call("GET", "/v1/letters/2").json()["data"]["state"] == "delivered"


def test_what_is_due_runs_before_a_request_is_answered(office: Office, ctx: Context) -> None:
    ctx.call_at(MARCH - 1, api.deliver, 1)
    assert office.call("GET", "/v1/letters/1").json()["data"]["state"] == "delivered"


def test_a_job_of_one_account_does_not_run_with_anothers_clock(office: Office) -> None:
    office.send()
    office.account("mock-other").clock.advance(1000)
    assert office.call("GET", "/v1/letters/2").json()["data"]["state"] == "accepted"


def test_a_job_has_its_own_now(office: Office, ctx: Context) -> None:
    seen: list[Any] = []
    ctx.call_in(30, lambda ctx, *args: seen.append((ctx.now, args)), 1, "two")
    office.account().clock.advance(100)
    assert seen == [(MARCH + 30, (1, "two"))]


def test_a_job_is_cancelled_by_its_number(office: Office, ctx: Context) -> None:
    seen: list[Any] = []
    number = ctx.call_at(MARCH + 30, lambda ctx: seen.append(ctx))
    ctx.clock.cancel(number)
    office.account().clock.advance(100)
    assert seen == []


def test_a_reset_forgets_the_jobs(office: Office) -> None:
    office.send()
    office.account().reset()
    assert office.account().clock.advance(1000) == 0


def test_in_strict_mode_a_job_that_fails_is_told(office: Office) -> None:
    office.call("POST", "/v1/blunder")
    with pytest.raises(ZeroDivisionError, match="a job of ours"):
        office.account().clock.advance(10)


def test_else_a_job_that_fails_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    office = Office(validate_responses=False)
    office.account().clock.freeze(MARCH)
    office.call("POST", "/v1/blunder")
    office.send()
    assert office.account().clock.advance(100) == 2
    assert "a job of post failed: stumble" in caplog.text
    assert office.call("GET", "/v1/letters/2").json()["data"]["state"] == "delivered"


def test_a_job_is_named_after_its_function(ctx: Context) -> None:
    ctx.call_in(1, api.stumble)
    ctx.call_in(2, partial(api.deliver, id=1))
    assert [job.function.name for job in ctx.clock.jobs] == ["stumble", "deliver"]  # type: ignore[union-attr]


# Messages.


def test_a_captured_message_knows_where_it_came_from(office: Office, ctx: Context) -> None:
    kept = ctx.capture(Message(channel="sms", to="+431234", text="hello"))
    assert (kept.service, kept.account, kept.time) == ("post", KEY, MARCH)
    assert kept.number == 1
    assert office.account().messages.get(1) == kept
    assert list(office.sandbox.logs.messages.newest()) == [kept]


def test_a_message_may_bring_its_own_time(ctx: Context) -> None:
    assert ctx.capture(Message(channel="sms", time=MARCH + 5)).time == MARCH + 5


def test_a_message_is_marked(office: Office) -> None:
    office.send()
    office.account().clock.advance(60)
    [message] = office.account().messages.oldest()
    assert (message.text, message.status) == ("hello", "delivered")


def test_marking_what_was_dropped_is_no_error(office: Office, ctx: Context) -> None:
    kept = ctx.capture(Message(channel="sms"))
    office.account().messages.clear()
    ctx.mark(kept.number, "delivered")
    assert len(office.account().messages) == 0


# Facts.


def test_event_is_kept_with_its_time_and_account(office: Office, ctx: Context) -> None:
    event = ctx.emit("opened", {"by": "Ada"}, message=7)
    assert event == Event(1, MARCH, "post", KEY, "opened", 7, b'{"by":"Ada"}')
    assert list(office.account().events.oldest()) == [event]
    assert event.json() == {"by": "Ada"}
    assert view(event) == {
        "id": "1",
        "time": "2026-03-01T12:00:00.000Z",
        "service": "post",
        "account": KEY,
        "type": "opened",
        "message": "7",
        "data": {"by": "Ada"},
    }


def test_event_without_a_message_shows_none(ctx: Context) -> None:
    assert view(ctx.emit("opened", b"{}"))["message"] is None


def test_event_may_carry_any_json_object(ctx: Context) -> None:
    assert ctx.emit("opened", {"n": 10**30}).json() == {"n": 1e30}


def test_listeners_get_each_event(office: Office) -> None:
    office.send("ada@example.com")
    office.account().clock.advance(60)
    notes = office.call("GET", "/v1/boxes/receipts/notes").json()["data"]
    assert [note["text"] for note in notes] == ["receipt for ada@example.com"]


def test_service_reads_its_own_events_in_order(office: Office, ctx: Context) -> None:
    ctx.emit("first", {})
    foreign = Event(99, MARCH, "bank", KEY, "paid", 0, b"{}")
    office.account().events.append(foreign, 100)
    ctx.emit("second", {})
    assert [event.type for event in ctx.events()] == ["first", "second"]
    assert [event.type for event in office.account().events.oldest()] == ["first", "paid", "second"]


def test_events_are_bounded() -> None:
    office = Office(most_events=3)
    ctx = office.context()
    for number in range(5):
        ctx.emit("tick", {"n": number})
    assert [event.json()["n"] for event in ctx.events()] == [2, 3, 4]


def test_a_context_outside_of_a_request_has_an_empty_one(ctx: Context) -> None:
    assert (ctx.request.method, ctx.request.path, ctx.operation) == ("", "", None)
    assert ctx.service is SERVICE
    orjson.dumps(ctx.request.query_dict())


def test_digest_of_an_event_is_made_once(ctx: Context) -> None:
    event, read = ctx.emit("opened", {"by": "ada"}), []

    def digest(event: Event) -> str:
        read.append(event.number)
        return str(event.json()["by"])

    assert [event.digested(digest), event.digested(digest)] == ["ada", "ada"]
    assert read == [event.number]


def test_queued_item_that_fails_leaves_the_others(caplog: pytest.LogCaptureFixture) -> None:
    office = Office(validate_responses=False)
    office.account().clock.freeze(MARCH)
    ctx = office.context()
    done: list[tuple[int, float]] = []

    def handle(ctx: Context, item: int) -> None:
        if item == 2:
            raise RuntimeError("out of order")
        done.append((item, ctx.now))

    for item in range(4):
        ctx.queue_in(5, handle, item)
    assert ctx.clock.advance(10) == 4
    assert done == [(item, MARCH + 5) for item in (0, 1, 3)]
    assert "a job of post failed" in caplog.text
