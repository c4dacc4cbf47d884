"""https://developers.sparkpost.com/api/suppression-list/"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import api_error, error, results
from contract_tests.sparkpost.target import SINK
from sparkbox.testing.world import World

PATH = "/api/v1/suppression-list"
NOT_FOUND = (404, {"message": "Recipient could not be found"})
BLOCK = {"type": "non_transactional", "description": "Unsubscribed by a contract test"}


@pytest.fixture
def suppressed(api: httpx.Client, recipient: str) -> str:
    """An address that gets no marketing mail."""
    results(api.put(f"{PATH}/{recipient}", json=BLOCK))
    return recipient


@pytest.mark.observed("update_suppression")
def test_an_address_is_suppressed(api: httpx.Client, recipient: str) -> None:
    response = api.put(f"{PATH}/{recipient}", json=BLOCK)
    assert results(response) == "Suppression List successfully updated"


@pytest.mark.observed("update_suppression", "retrieve_suppression")
def test_older_clients_set_flags_instead_of_a_type(api: httpx.Client, recipient: str) -> None:
    results(api.put(f"{PATH}/{recipient}", json={"transactional": True, "non_transactional": True}))
    assert {row["type"] for row in results(api.get(f"{PATH}/{recipient}"))} == {"transactional", "non_transactional"}


@pytest.mark.documented("retrieve_suppression")
def test_a_suppression_is_shown(api: httpx.Client, suppressed: str) -> None:
    response = api.get(f"{PATH}/{suppressed}")
    (row,) = results(response)
    assert (row["recipient"], row["type"], row["source"]) == (suppressed, "non_transactional", "Manually Added")
    assert (row["description"], row["non_transactional"]) == (BLOCK["description"], True)
    assert (response.json()["links"], response.json()["total_count"]) == ([], 1)


@pytest.mark.observed("retrieve_suppression")
def test_clients_write_the_at_sign_encoded_too(api: httpx.Client, suppressed: str) -> None:
    (row,) = results(api.get(f"{PATH}/{suppressed.replace('@', '%40')}"))
    assert row["recipient"] == suppressed


@pytest.mark.documented("update_suppressions", "search_suppressions")
def test_suppressions_are_updated_in_bulk(api: httpx.Client, name: Callable[[str], str]) -> None:
    wanted = {f"{name('a')}@{SINK}", f"{name('b')}@{SINK}"}
    body = {"recipients": [{"recipient": address, **BLOCK} for address in sorted(wanted)]}
    assert results(api.put(PATH, json=body)) == {"message": "Suppression List successfully updated"}
    found = {row["recipient"] for row in results(api.get(PATH, params={"domain": SINK}))}
    assert wanted <= found


@pytest.mark.documented("search_suppressions")
def test_a_search_is_narrowed_by_type(api: httpx.Client, suppressed: str) -> None:
    for types, there in (("non_transactional", True), ("transactional", False)):
        rows = results(api.get(PATH, params={"types": types, "domain": SINK}))
        assert (suppressed in {row["recipient"] for row in rows}) is there


@pytest.mark.documented("search_suppressions")
def test_a_search_is_paged_by_cursor(api: httpx.Client, name: Callable[[str], str]) -> None:
    wanted = {f"{name('page')}@{SINK}" for _ in range(2)}
    results(api.put(PATH, json={"recipients": [{"recipient": address, **BLOCK} for address in sorted(wanted)]}))
    page = api.get(PATH, params={"cursor": "initial", "per_page": 1, "domain": SINK})
    assert len(results(page)) == 1
    assert page.json()["total_count"] >= 2
    (link,) = [link for link in page.json()["links"] if link["rel"] == "next"]
    assert link["href"].startswith(f"{PATH}?")
    following = api.get(link["href"])
    assert results(following) != results(page)


@pytest.mark.documented("summarize_suppressions")
def test_a_summary_counts_by_source(api: httpx.Client, suppressed: str) -> None:
    summary = results(api.get(f"{PATH}/summary"))
    assert summary["manually_added"] >= 1
    assert summary["total"] >= summary["manually_added"]


@pytest.mark.documented("delete_suppression")
def test_deleting_a_list_gets_a_204(api: httpx.Client, suppressed: str) -> None:
    response = api.delete(f"{PATH}/{suppressed}")
    assert (response.status_code, response.content) == (204, b"")
    assert api_error(api.get(f"{PATH}/{suppressed}")) == NOT_FOUND


@pytest.mark.documented("delete_suppression", "retrieve_suppression")
def test_one_type_can_be_deleted(api: httpx.Client, suppressed: str) -> None:
    results(api.put(f"{PATH}/{suppressed}", json={"type": "transactional"}))
    assert api.request("DELETE", f"{PATH}/{suppressed}", json={"type": "transactional"}).status_code == 204
    assert [row["type"] for row in results(api.get(f"{PATH}/{suppressed}"))] == ["non_transactional"]


@pytest.mark.parametrize(
    "method",
    [
        case("retrieve_suppression:recipient_not_found", "GET", evidence="observed"),
        case("delete_suppression:recipient_not_found", "DELETE", evidence="observed"),
    ],
)
def test_an_address_that_is_not_there_has_no_code(api: httpx.Client, recipient: str, method: str) -> None:
    assert api_error(api.request(method, f"{PATH}/{recipient}")) == NOT_FOUND


@pytest.mark.parametrize(
    ("body", "message"),
    [
        case("update_suppression:suppression_type_missing", {"description": "x"}, "Must supply a suppression type"),
        case(
            "update_suppression:suppression_type_unknown",
            {"type": "all"},
            "Type must be one of: 'transactional', 'non_transactional'",
        ),
    ],
)
def test_a_suppression_has_a_type(api: httpx.Client, recipient: str, body: Any, message: str) -> None:
    assert api_error(api.put(f"{PATH}/{recipient}", json=body)) == (400, error(message))


@pytest.mark.documented("delete_suppression:suppression_type_unknown")
def test_an_unknown_type_cannot_be_deleted(api: httpx.Client, suppressed: str) -> None:
    response = api.request("DELETE", f"{PATH}/{suppressed}", json={"type": "all"})
    assert api_error(response) == (400, error("Type must be one of: 'transactional', 'non_transactional'"))


@pytest.mark.documented("update_suppressions:suppressions_malformed")
def test_bulk_update_with_a_malformed_entry_stores_nothing(api: httpx.Client, recipient: str) -> None:
    body = {"recipients": [{"recipient": recipient, **BLOCK}, {"recipient": "nobody", **BLOCK}]}
    message = "PUT body contains 1 invalid or malformed recipient(s): nobody"
    assert api_error(api.put(PATH, json=body)) == (400, error(message))
    assert api.get(f"{PATH}/{recipient}").status_code == 404


@pytest.mark.observed("update_suppressions:no_recipient_array")
def test_bulk_update_needs_an_array(api: httpx.Client) -> None:
    assert api_error(api.put(PATH, json={})) == (400, error("PUT body must contain an array of recipients"))


@pytest.mark.assumed("search_suppressions:invalid_query")
def test_search_with_invalid_dates_is_refused(api: httpx.Client) -> None:
    status, row = api_error(api.get(PATH, params={"from": "yesterday"}))
    assert (status, row["param"]) == (400, "from")


@pytest.mark.assumed("update_suppression:suppression_invalid")
@pytest.mark.sandbox_only
def test_invalid_address_cannot_be_suppressed(api: httpx.Client) -> None:
    assert api_error(api.put(f"{PATH}/nobody", json=BLOCK))[0] == 400


@pytest.mark.documented("delete_suppression:compliance_kept")
@pytest.mark.sandbox_only
def test_compliance_suppression_cannot_be_removed(api: httpx.Client, recipient: str, world: World) -> None:
    # Only the vendor's compliance team suppresses like this, and the control API.
    url = f"{world.url}/_mock/services/sparkpost/simulations/suppression"
    fields = {"recipient": recipient, "source": "Compliance"}
    httpx.post(url, params={"account": world.credential}, json=fields, trust_env=False).raise_for_status()
    response = api.delete(f"{PATH}/{recipient}")
    assert (response.status_code, response.json()) == (
        403,
        {"errors": [{"message": "Recipient could not be removed - Compliance"}]},
    )
