"""Which services there are."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sparkbox import services
from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.testing.transport import Transport
from tests.control.harness import Harness


def test_a_service_is_listed_with_what_it_consists_of(harness: Harness) -> None:
    found = harness.get("services")
    assert found["total"] == 1
    row = found["services"][0]
    assert (row["name"], row["title"], row["base_path"]) == ("post", "The Post Office", "/post")
    assert row["hosts"] == ["api.post.example"]
    assert row["operations"] == sum(row["evidence"].values())
    assert row["evidence"]["documented"] == 5


def test_a_service_says_whether_it_was_in_use_before(harness: Harness) -> None:
    assert harness.get("services")["services"][0]["loaded"] is False
    assert harness.get("services")["services"][0]["loaded"] is True


def test_a_service_is_shown_with_the_names_that_faults_and_limits_take(harness: Harness) -> None:
    shown = harness.get("services/post")
    operations = {operation["id"]: operation for operation in shown["operation_list"]}
    assert (operations["get_letter"]["method"], operations["get_letter"]["path"]) == ("GET", "/v1/letters/{letterId}")
    assert (operations["get_letter"]["errors"], operations["get_letter"]["limits"]) == (
        ["letter_unknown"],
        ["per_minute", "reads"],
    )
    assert {"name", "status", "code", "message", "cause", "evidence"} == set(shown["error_list"][0])
    assert {limit["name"]: limit["amount"] for limit in shown["limit_list"]} == {
        "per_minute": 100,
        "reads": 3,
        "a_day": 5,
    }


@pytest.mark.parametrize("path", ["services/pots", "services/pots/openapi", "services/%00"])
def test_a_service_that_is_none_is_refused(harness: Harness, path: str) -> None:
    assert harness.refused("GET", path)[:2] == (404, "not_found")


def test_all_vendors_services_are_listed_and_described() -> None:
    app = create_app(Settings(validate_responses=True))

    async def ask() -> tuple[Any, list[int]]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            listed = (await client.get("/_mock/services")).json()
            shown = [await client.get(f"/_mock/services/{row['name']}") for row in listed["services"]]
            return listed, [response.status_code for response in shown]

    listed, statuses = asyncio.run(ask())
    assert [row["name"] for row in listed["services"]] == [api.name for api in services.SERVICES]
    assert set(statuses) == {200}


def test_own_operations_are_marked_and_not_counted() -> None:
    app = create_app(Settings(validate_responses=True))
    with httpx.Client(transport=Transport(app), base_url="http://mock") as client:
        shown = client.get("/_mock/services/sparkpost").json()
    own = {operation["path"] for operation in shown["operation_list"] if operation["own"]}
    assert own == {"/f/{sublink}/{token}", "/q/{token}", "/u/{token}"}
    assert shown["operations"] == sum(not operation["own"] for operation in shown["operation_list"])
