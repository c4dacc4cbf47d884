"""Lists: limits and cursors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.sparked.api import Api, issues

LISTS = (
    "/api/v1/creators/cr_mock/accounts",
    "/api/v1/gameplan/cr_mock",
    "/api/v1/studio/cr_mock/assets",
    "/api/v1/pulse/cr_mock/insights",
    "/api/v1/pulse/cr_mock/nudges",
    "/api/v1/mediakit/cr_mock/views",
    "/api/v1/webhooks",
)


def pages(api: Api, path: str, limit: int) -> list[list[dict[str, Any]]]:
    found, cursor = [], None
    while True:
        response = api.get(path, limit=limit, **({"cursor": cursor} if cursor else {}))
        assert set(response) == {"data", "next_cursor"}
        found.append(response["data"])
        cursor = response["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("path", LISTS)
def test_pages_have_every_row_once(api: Api, path: str) -> None:
    whole = api.get(path, limit=100)["data"]
    small = pages(api, path, 2)
    assert [row for page in small for row in page] == whole
    assert all(len(page) == 2 for page in small[:-1])


@pytest.mark.parametrize("path", LISTS)
def test_last_page_has_no_next_cursor(api: Api, path: str) -> None:
    count = len(api.get(path, limit=100)["data"])
    if count:
        assert api.get(path, limit=count)["next_cursor"] is None


def test_page_has_20_rows_by_default(api: Api) -> None:
    assert len(api.get("/api/v1/studio/cr_mock/assets")["data"]) == 20
    assert len(api.get("/api/v1/studio/cr_mock/assets", limit=3)["data"]) == 3


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5", ""])
def test_list_limit_is_between_1_and_100(api: Api, path: str, limit: str) -> None:
    response = api.send("GET", path, limit=limit)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")
    assert list(issues(response)) == ["limit"]


@pytest.mark.parametrize(
    "cursor", ["x", "ü", "e30", "W10", "WzEsMl0", "bnVsbA", "W3RydWUsIngiXQ", "", "WyJhIiwiYiJd" * 999]
)
def test_invalid_cursor_is_refused(api: Api, cursor: str) -> None:
    response = api.send("GET", "/api/v1/studio/cr_mock/assets", cursor=cursor)
    assert (response.status_code, issues(response)) == (400, {"cursor": "must be the next_cursor of an earlier page"})
