"""Laws: cursors while items are added, limits against a model, and nothing that breaks the room."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.app import create_app
from mockserver.core.config import Settings
from mockserver.services.sparked import SERVICE

from .partner import BACK, NOW, Partner, oauth_refusal, refusal


def fresh(**more: Any) -> Partner:
    return Partner(create_app(Settings(validate_answers=True, **{"rate_limits": False, **more})))


# Cursors.


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 3)), max_size=20), st.booleans())
@settings(max_examples=25, deadline=None)
def test_each_item_comes_once_while_items_are_added(steps: list[tuple[int, int]], at_one_time: bool) -> None:
    partner = fresh()
    path = "/api/v1/studio/cr_mock/assets"
    there = {row["id"] for row in partner.get(path, limit=100)["data"]}
    seen: list[str] = []
    cursor: str | None = None
    for limit, more in [*steps, *[(50, 0)] * 3]:
        answer = partner.get(path, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["id"] for row in answer["data"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
        for _ in range(more):
            partner.clock.advance(0 if at_one_time else 1)
            partner.simulate("asset")
    assert cursor is None
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


@given(st.lists(st.tuples(st.integers(1, 5), st.lists(st.integers(1, 2_000), max_size=3)), max_size=15))
@settings(max_examples=25, deadline=None)
def test_each_slot_comes_once_wherever_slots_are_added(steps: list[tuple[int, list[int]]]) -> None:
    partner = fresh()
    path = "/api/v1/gameplan/cr_mock"
    there = {row["id"] for row in partner.get(path, limit=100)["data"]}
    seen: list[str] = []
    cursor: str | None = None
    for limit, hours in [*steps, (100, [])]:
        answer = partner.get(path, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["id"] for row in answer["data"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
        day = [{"platform": "tiktok", "title": "x", "scheduled_at": at(hour)} for hour in hours]
        if day:
            partner.send("POST", f"{path}/slots", {"slots": day})
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
def test_requests_pass_as_the_tier_allows(hour: int, burst: int, waits: list[float]) -> None:
    partner = fresh(rate_limits=True)
    partner.simulate("tier", {"tier": "enterprise", "requests_per_hour": hour, "burst_per_second": burst})
    now, window, used, bursts = NOW, -1.0, 0, list[float]()
    for wait in waits:
        now += wait
        partner.clock.freeze(now)
        if now // 3600 != window:
            window, used = now // 3600, 0
        bursts = [time for time in bursts if time > now - 1]
        answer = partner.send("GET", "/api/v1/creators/cr_mock")
        if used < hour:
            used += 1
            passes = True
        elif passes := len(bursts) < burst:
            bursts.append(now)
        assert answer.status_code == (200 if passes else 429)
        assert answer.headers["x-ratelimit-limit"] == str(hour)
        assert answer.headers["x-ratelimit-remaining"] == str(hour - used)
        assert answer.headers["x-ratelimit-reset"] == str(int((window + 1) * 3600))
        if not passes:
            partner.clock.freeze(now + int(answer.headers["retry-after"]))
            allowed = hour > 0 or burst > 0
            assert (
                not allowed
                or partner.ctx.account.buckets.take("sparked", "", SERVICE.limits, partner.clock.now()) is None
            )
            partner.account.buckets.clear()
            now, window, used, bursts = partner.clock.now(), -1.0, 0, []


# Whatever comes.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "slots", "platform", "scheduled_at", "title", "caption", "content_type", "asset_ids", "status", "platforms",
        "url", "events", "active", "secret", "description", "event", "limit", "cursor", "from", "to", "granularity",
        "grant_type", "code", "redirect_uri", "refresh_token", "scope", "request", "decision", "creator", "client_id",
        "token", "brand",
    ]
)  # fmt: skip
VALUES = JSON | st.sampled_from(
    ["tiktok", "2026-05-01T00:00:00Z", "authorization_code", "approve", BACK, "read:profile", "mock-partner"]
)
BODIES = JSON | st.dictionaries(FIELDS, VALUES, max_size=6)
API = [operation for operation in SERVICE.operations.values() if operation.path.startswith("/api/")]
OTHERS = [operation for operation in SERVICE.operations.values() if operation not in API]


def fill(path: str, id: str) -> str:
    return path.replace("{id}", id).replace("{creator_id}", id).replace("{name}", id)


@given(st.sampled_from(API), st.sampled_from(["cr_mock", "wh_x", "%00", "ü"]), BODIES)
@settings(max_examples=300, deadline=None)
def test_any_body_is_answered_in_the_envelope(operation: Any, id: str, body: Any) -> None:
    headers = {"authorization": f"Bearer {PARTNER.id}", "content-type": "application/json"}
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    answer = PARTNER.http.request(operation.method, fill(operation.path, id), content=content, headers=headers)
    assert answer.status_code < 500
    if not answer.is_success:
        refusal(answer)


@given(st.sampled_from(API), st.dictionaries(FIELDS, st.text(max_size=12), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_query_is_answered_in_the_envelope(operation: Any, query: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {PARTNER.id}"}
    answer = PARTNER.http.request(operation.method, fill(operation.path, "cr_mock"), params=query, headers=headers)
    assert answer.status_code < 500
    if not answer.is_success:
        refusal(answer)


@given(
    st.sampled_from(OTHERS),
    st.dictionaries(FIELDS, st.text(max_size=12), max_size=5),
    st.binary(max_size=40),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_to_oauth_and_to_pages_is_answered_in_their_shapes(
    operation: Any, fields: dict[str, str], noise: bytes, form: bool
) -> None:
    fields = {"client_id": PARTNER.id, "client_secret": PARTNER.secret, **fields}
    sent: dict[str, Any] = {"data": fields} if form else {"content": noise}
    if operation.method == "GET":
        sent = {"params": fields}
    answer = PARTNER.http.request(operation.method, fill(operation.path, "x"), **sent)
    assert answer.status_code < 500
    if operation.path in ("/oauth/token", "/oauth/revoke") and not answer.is_success:
        oauth_refusal(answer)
    elif answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("text/html")


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    headers = {"authorization": f"Bearer {PARTNER.id}", "content-type": "application/json"}
    answer = PARTNER.http.post("/api/v1/webhooks", content=body, headers=headers)
    assert refusal(answer) in [(400, "invalid_request"), (422, "validation_failed")]


PARTNER = fresh()
