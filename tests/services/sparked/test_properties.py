"""Property tests: cursors while items are added, limits against a model, and any request."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import JSON_TYPE, Request, Response
from sparkbox.core.state.config import Settings
from sparkbox.services.sparked import SERVICE
from tests.services.fuzz import UNFILLED, Fuzz, holds
from tests.services.sparked.api import BACK, Api, oauth_error
from tests.services.view import NOW


def fresh(**more: Any) -> Api:
    return Api(create_app(Settings(validate_responses=True, **{"rate_limits": False, **more})))


# Cursors.


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 3)), max_size=20), st.booleans())
@settings(max_examples=25, deadline=None)
def test_cursor_returns_each_item_once_while_items_are_added(steps: list[tuple[int, int]], at_one_time: bool) -> None:
    api = fresh()
    path = "/api/v1/studio/cr_mock/assets"
    there = {row["id"] for row in api.get(path, limit=100)["data"]}
    seen: list[str] = []
    cursor: str | None = None
    for limit, more in [*steps, *[(50, 0)] * 3]:
        response = api.get(path, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["id"] for row in response["data"]]
        cursor = response["next_cursor"]
        if cursor is None:
            break
        for _ in range(more):
            api.clock.advance(0 if at_one_time else 1)
            api.simulate("asset")
    assert cursor is None
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


@given(st.lists(st.tuples(st.integers(1, 5), st.lists(st.integers(1, 2_000), max_size=3)), max_size=15))
@settings(max_examples=25, deadline=None)
def test_cursor_returns_each_slot_once_while_slots_are_added(steps: list[tuple[int, list[int]]]) -> None:
    api = fresh()
    path = "/api/v1/gameplan/cr_mock"
    there = {row["id"] for row in api.get(path, limit=100)["data"]}
    seen: list[str] = []
    cursor: str | None = None
    for limit, hours in [*steps, (100, [])]:
        response = api.get(path, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["id"] for row in response["data"]]
        cursor = response["next_cursor"]
        if cursor is None:
            break
        day = [{"platform": "tiktok", "title": "x", "scheduled_at": at(hour)} for hour in hours]
        if day:
            api.send("POST", f"{path}/slots", {"slots": day})
    assert cursor is None
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def at(hour: int) -> str:
    return f"2026-{4 + hour // 700:02}-{1 + hour // 24 % 28:02}T{hour % 24:02}:07:00Z"


# Limits.


@given(
    st.integers(0, 6),
    st.integers(0, 3),
    st.lists(st.sampled_from([0, 0, 0, 0.25, 0.5, 1, 60, 1800, 3600]), max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_rate_limit_allows_what_the_tier_allows(hour: int, burst: int, waits: list[float]) -> None:
    api = fresh(rate_limits=True)
    api.simulate("tier", {"tier": "enterprise", "requests_per_hour": hour, "burst_per_second": burst})
    now, window, used, bursts = NOW, -1.0, 0, list[float]()
    for wait in waits:
        now += wait
        api.clock.freeze(now)
        if now // 3600 != window:
            window, used = now // 3600, 0
        bursts = [time for time in bursts if time > now - 1]
        response = api.send("GET", "/api/v1/creators/cr_mock")
        if used < hour:
            used += 1
            passes = True
        elif passes := len(bursts) < burst:
            bursts.append(now)
        assert response.status_code == (200 if passes else 429)
        assert response.headers["x-ratelimit-limit"] == str(hour)
        assert response.headers["x-ratelimit-remaining"] == str(hour - used)
        assert response.headers["x-ratelimit-reset"] == str(int((window + 1) * 3600))
        if not passes:
            api.clock.freeze(now + int(response.headers["retry-after"]))
            allowed = hour > 0 or burst > 0
            assert not allowed or api.ctx.account.buckets.take("sparked", "", SERVICE.limits, api.clock.now()) is None
            api.account.buckets.clear()
            now, window, used, bursts = api.clock.now(), -1.0, 0, []


# Any request.

API = fresh()
FUZZ = Fuzz(
    SERVICE,
    [(b"authorization", f"Bearer {API.id}".encode()), (b"host", b"api.sparked.com")],
    ("cr_mock", "tiktok", "2026-05-01T00:00:00Z", "2026-02-28", "authorization_code", "approve", BACK, "read:profile"),
    known={"id": "cr_mock", "creator_id": "cr_mock"},
    names=("slots", "client_id", "client_secret"),
)


def is_in_shape(operation: Operation, response: Response) -> None:
    """Check the envelope of the API, the errors of RFC 6749, or that people get a page."""
    fields = response.json() if JSON_TYPE in response.headers else {}
    if operation.path.startswith("/api/"):
        assert set(fields) == {"error"}
        assert set(fields["error"]) == {"code", "message", "details", "request_id"}
        assert not UNFILLED.search(fields["error"]["message"])
    elif operation.path in ("/oauth/token", "/oauth/revoke"):
        assert set(fields) == {"error", "error_description"}
        assert (b"cache-control", b"no-store") in response.headers
    else:
        assert (b"content-type", b"text/html; charset=utf-8") in response.headers


@settings(max_examples=700, deadline=None)
@given(FUZZ.requests())
def test_any_request_gets_a_response_in_the_vendors_shape(sent: tuple[Operation, Request]) -> None:
    holds(API.app.dispatcher("sparked"), sent, is_in_shape)


@given(
    st.dictionaries(st.sampled_from(["grant_type", "code", "redirect_uri", "refresh_token", "token"]), st.text()),
    st.sampled_from(["token", "revoke"]),
)
@settings(max_examples=100, deadline=None)
def test_any_oauth_request_of_a_known_client_gets_a_response_in_its_shape(form: dict[str, str], end: str) -> None:
    response = API.http.post(f"/oauth/{end}", data=form, auth=(API.id, API.secret))
    assert response.status_code < 500
    if not response.is_success:
        oauth_error(response)
