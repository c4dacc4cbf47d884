"""Property tests: depuration, prospects, pages, and any request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sparkbox.app import create_app
from sparkbox.core.declare.operation import Operation
from sparkbox.core.logs.deliveries import check_target
from sparkbox.core.request.http import JSON_TYPE, Request, Response
from sparkbox.core.state.config import Settings
from sparkbox.services.sendspark import SERVICE
from sparkbox.services.sendspark.fields import normal_url
from sparkbox.services.sendspark.prospects import depuration
from sparkbox.services.sendspark.prospects.depuration import Row, Strategy
from tests.services.fuzz import UNFILLED, Fuzz, holds
from tests.services.sendspark.api import KEY, SECRET, Api

EMAILS = ["ann@acme.example", "bob@acme.example", "eve@acme.example"]
STRATEGIES: tuple[Strategy, ...] = ("keep-first-valid", "keep-last-valid")

# Depuration.

rows = st.builds(
    Row,
    email=st.sampled_from(["", *EMAILS]),
    name=st.text("ab", max_size=2),
    problems=st.sampled_from([(), (("backgroundUrl", "Invalid URL"),)]),
)
lists = st.lists(rows, max_size=12)


@given(lists, st.sampled_from(STRATEGIES))
def test_depuration_keeps_each_address_once_from_its_own_row(given_rows: list[Row], strategy: Strategy) -> None:
    kept = depuration.chosen(given_rows, strategy)
    assert set(kept) == {row.email for row in given_rows if row.email}
    assert all(given_rows[number].email == email for email, number in kept.items())


@given(lists)
def test_depuration_chooses_the_first_or_last_valid_row(given_rows: list[Row]) -> None:
    for strategy, best in zip(STRATEGIES, (min, max), strict=True):
        for email, number in depuration.chosen(given_rows, strategy).items():
            own = [n for n, row in enumerate(given_rows) if row.email == email]
            valid = [n for n in own if given_rows[n].valid]
            assert number == best(valid or own)


@given(lists)
def test_depuration_of_the_reversed_list_swaps_first_and_last(given_rows: list[Row]) -> None:
    last = depuration.chosen(given_rows, "keep-last-valid")
    first = depuration.chosen(given_rows[::-1], "keep-first-valid")
    assert {email: len(given_rows) - 1 - number for email, number in first.items()} == last


@given(lists, st.sampled_from(STRATEGIES))
def test_depuration_is_idempotent(given_rows: list[Row], strategy: Strategy) -> None:
    kept = [given_rows[number] for number in depuration.chosen(given_rows, strategy).values()]
    again = depuration.chosen(kept, strategy)
    assert [kept[number] for number in again.values()] == kept


@given(rows.filter(lambda row: bool(row.email)), st.sampled_from([None, False, True]), st.sampled_from(STRATEGIES))
def test_only_valid_rows_create_or_update_prospects(row: Row, existing: bool | None, strategy: Strategy) -> None:
    for force in (False, True):
        kind = depuration.settle(row, existing, strategy, force=force)
        assert (kind == "invalid") == (not row.valid)
        if kind == "created":
            assert existing is None or force
        if kind in ("updated", "depurated"):
            assert existing is not None


SHARED = Api(create_app(Settings(validate_responses=True, rate_limits=False)))

payloads = st.fixed_dictionaries(
    {"contactEmail": st.sampled_from([*EMAILS, "ANN@acme.example", "bad", ""])},
    optional={
        "company": st.sampled_from(["One", "Two", "Three"]),
        "backgroundUrl": st.sampled_from(["https://acme.example/", "nowhere", ""]),
    },
)
configs = st.fixed_dictionaries(
    {}, optional={"forceCreation": st.booleans(), "payloadDepurationStrategy": st.sampled_from(STRATEGIES)}
)


@settings(max_examples=60, deadline=None)
@given(st.lists(payloads, min_size=1, max_size=8), configs)
def test_bulk_response_counts_every_row(given_rows: list[dict[str, Any]], config: dict[str, Any]) -> None:
    response = SHARED.add_list(SHARED.new_campaign(), given_rows, **config)
    kinds = [one["depurationStatus"] for one in response["prospectList"]]
    assert len(kinds) == len(given_rows)
    assert response["depuration"] == {kind: kinds.count(kind) for kind in response["depuration"]}


@settings(max_examples=60, deadline=None)
@given(st.lists(payloads, min_size=1, max_size=8))
def test_bulk_request_repeated_changes_nothing(given_rows: list[dict[str, Any]]) -> None:
    campaign = SHARED.new_campaign()
    SHARED.add_list(campaign, given_rows, payloadDepurationStrategy="keep-first-valid")
    before = SHARED.members(campaign)
    response = SHARED.add_list(campaign, given_rows, payloadDepurationStrategy="keep-first-valid")
    assert SHARED.members(campaign) == before
    assert response["depuration"]["created"] == response["depuration"]["updated"] == 0


class Campaigns(RuleBasedStateMachine):
    """A campaign to which rows are added in every way, compared with a dictionary."""

    @initialize()
    def begin(self) -> None:
        self.campaign = SHARED.new_campaign()
        self.expected: dict[str, bool] = {}
        self.videos = 0

    def take(self, response: Any) -> None:
        for one in response["prospectList"]:
            email = one["contactEmail"].lower()
            if one["depurationStatus"] in ("created", "updated"):
                assert one["valid"]
                self.expected[email] = True
            elif "@" in email:
                self.expected.setdefault(email, False)

    @rule(given_rows=st.lists(payloads, min_size=1, max_size=5), config=configs)
    def add_list(self, given_rows: list[dict[str, Any]], config: dict[str, Any]) -> None:
        self.take(SHARED.add_list(self.campaign, given_rows, **config))

    @rule(payload=payloads, config=configs)
    def add(self, payload: dict[str, Any], config: dict[str, Any]) -> None:
        body = {"processAndAuthorizeCharge": True, "prospect": payload, "prospectDepurationConfig": config}
        self.take(SHARED.call("POST", f"/v1/workspaces/mock-workspace/dynamics/{self.campaign}/prospect", body))

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        SHARED.clock.advance(seconds)

    @invariant()
    def one_address_is_one_prospect(self) -> None:
        members = SHARED.members(self.campaign)
        assert {one["contactEmail"].lower(): one["valid"] for one in members} == self.expected
        assert len(members) == len(self.expected)
        assert len({one["_id"] for one in members}) == len(members)


TestCampaigns = Campaigns.TestCase
TestCampaigns.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)

# Pages.

ONE_PAGER = Api(create_app(Settings(validate_responses=True, rate_limits=False)), "mock-pages")
NAMES = [f"{word} {number}" for number in range(6) for word in ("Spring", "Summer", "Autumn & söhne/50%")]
MADE = {ONE_PAGER.new_campaign(name): name for name in NAMES}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 20),
    st.sampled_from(["asc", "desc"]),
    st.sampled_from(["", "spring", "& SÖHNE/50%", "none"]),
    st.sampled_from(["DEFAULT", "MINIMAL", "DETAILED"]),
)
def test_campaign_pages_have_every_campaign_exactly_once(limit: int, order: str, search: str, projection: str) -> None:
    query = {"limit": limit, "offset": 0, "sortOrder": order, "search": search, "projectionType": projection}
    wanted = [id for id, name in MADE.items() if search.lower() in name.lower()]
    wanted = wanted if order == "asc" else wanted[::-1]
    path = "/v1/workspaces/mock-workspace/dynamics"
    assert follow(path, "next", **query) == wanted
    last = max(0, len(wanted) - 1) // limit * limit
    assert sorted(follow(path, "previous", **{**query, "offset": last})) == sorted(wanted)


def follow(path: str, link: str, **query: Any) -> list[str]:
    """Return the ids of all campaigns on a page and on the pages it links to."""
    response = ONE_PAGER.call("GET", path, **query)["response"]
    ids = [row["_id"] for row in response["data"]]
    while response["links"][link]:
        response = ONE_PAGER.http.get(response["links"][link]).json()["response"]
        ids += [row["_id"] for row in response["data"]]
    return ids


# Any request.


def known_names() -> dict[str, str]:
    """Valid values of path parameters."""
    campaign = SHARED.new_campaign()
    url = SHARED.shared(campaign)
    webhook = SHARED.call(
        "POST", "/v1/workspaces/mock-workspace/webhooks", {"name": "W", "url": "https://x.example/", "module": "global"}
    )
    SHARED.send("DELETE", f"/v1/workspaces/mock-workspace/webhooks/{webhook['_id']}")
    return {
        "workspaceId": "mock-workspace",
        "dynamicId": campaign,
        "dynamicsId": campaign,
        "contactEmail": EMAILS[0],
        "bundleId": "prod_mockCustomMinutes",
        "webhookId": webhook["_id"],
        "shareId": url.rpartition("/")[2],
        "number": "0",
    }


FUZZ = Fuzz(
    SERVICE,
    [(b"x-api-key", KEY.encode()), (b"x-api-secret", SECRET.encode())],
    (*EMAILS, "https://acme.example/", "global", "video_liked", "1", "mock-workspace", "status:x", "fields"),
    known=known_names(),
    names=("contactEmail", "prospect", "link", "name", "fields", "voiceCloning", "calendar", "identifiers",
           "percentage"),
    base="http://127.0.0.1:8025/sendspark",
)  # fmt: skip


def is_in_shape(operation: Operation, response: Response) -> None:
    """Check the envelope of the API, or that people get a page."""
    if JSON_TYPE in response.headers:
        fields = response.json()
        assert set(fields) - {"code"} == {"statusCode", "error", "message"}
        assert fields["statusCode"] == response.status
        assert ("code" in fields) == (response.status in (400, 403))
        assert not UNFILLED.search(fields["message"])


@settings(max_examples=800, deadline=None)
@given(FUZZ.requests())
def test_any_request_gets_a_response_in_the_vendors_shape(sent: tuple[Operation, Request]) -> None:
    holds(SHARED.app.dispatcher("sendspark"), sent, is_in_shape)


@pytest.mark.parametrize("text", ["http://a.example", "https://b.example/x?y=z#w", "https://[::1]/"])
def test_normal_url_is_unchanged(text: str) -> None:
    once = normal_url(text)
    assert once is not None
    assert normal_url(once) == once


@given(st.text(max_size=40).map(lambda text: "https://" + text))
def test_normalised_url_is_its_own_normal_form(text: str) -> None:
    once = normal_url(text)
    if once is not None:
        assert normal_url(once) == once
        check_target(once)
        check_target(text.strip())
