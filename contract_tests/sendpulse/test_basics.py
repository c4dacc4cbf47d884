"""Limits of every operation, and the many ways in which clients write requests."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contract_tests.sendpulse.responses import DONE, api_error, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World


@pytest.mark.assumed("list_senders:too_many_per_second")
@pytest.mark.sandbox_only
def test_eleventh_request_in_a_second_is_refused(api: httpx.Client, world: World) -> None:
    world.clock.freeze()
    world.limits.enable()
    for _ in range(10):
        assert api.get("/senders").status_code == 200
    assert api_error(api.get("/senders")) == (429, 2020202020, "More than 10 requests per second")
    world.clock.advance(1)
    assert api.get("/senders").status_code == 200


@pytest.mark.documented("list_senders:too_many_requests")
@pytest.mark.sandbox_only
def test_limited_response_has_no_rate_limit_headers(api: httpx.Client, world: World) -> None:
    world.limits.set("sendpulse", "day", 1)
    responses = [api.get("/senders") for _ in range(2)]
    assert api_error(responses[1]) == (429, 429, "Too many requests")
    assert not [name for name in responses[1].headers if "limit" in name or name == "retry-after"]


@pytest.mark.observed("create_mailing_list:badly_formed")
def test_body_that_cannot_be_read_is_badly_formed(api: httpx.Client) -> None:
    response = api.post("/addressbooks", content=b'{"bookName"', headers={"Content-Type": "application/json"})
    assert api_error(response) == (422, 21356, "Badly formed data. Check API documentation")


@pytest.mark.observed("list_mailing_lists")
@pytest.mark.parametrize("query", ["%7B%7D", "%7B%22limit%22:%20100%7D", ""])
def test_json_object_in_the_place_of_a_query_is_ignored(api: httpx.Client, query: str) -> None:
    assert api.get(f"/addressbooks?{query}").status_code == 200


@pytest.mark.observed("list_mailing_lists")
@pytest.mark.parametrize("path", ["/addressbooks/", "//addressbooks"])
def test_additional_slashes_are_ignored(api: httpx.Client, account: Sendpulse, path: str) -> None:
    assert api.get(f"{account.url}{path}").status_code == 200


FORMS = {
    "brackets": "emails%5B%5D=EMAIL",
    "nested brackets": "emails%5B0%5D%5Bemail%5D=EMAIL",
    "json text": "emails=%5B%7B%22email%22%3A%22EMAIL%22%7D%5D",
}
"""One e-mail in the ways in which clients write a form; PHP's own way is in the vendor's PHP client."""


@pytest.mark.observed("add_emails")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_forms_are_written_in_many_ways(
    api: httpx.Client, new_list: Callable[..., int], address: Callable[[str], str], form: str
) -> None:
    list_id, email = new_list(), address("form")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = api.post(f"/addressbooks/{list_id}/emails", content=form.replace("EMAIL", email), headers=headers)
    assert result(response) == DONE
    assert [row["email"] for row in result(api.get(f"/addressbooks/{list_id}/emails"))] == [email]


@pytest.mark.observed("add_emails")
def test_php_serialized_text_is_understood(
    api: httpx.Client, new_list: Callable[..., int], address: Callable[[str], str]
) -> None:
    list_id, email = new_list(), address("php")
    text = f'a:1:{{i:0;a:1:{{s:5:"email";s:{len(email)}:"{email}";}}}}'
    assert result(api.post(f"/addressbooks/{list_id}/emails", data={"emails": text})) == DONE
    assert [row["email"] for row in result(api.get(f"/addressbooks/{list_id}/emails"))] == [email]


@pytest.mark.assumed("*:not_found")
@pytest.mark.sandbox_only
def test_unknown_path_has_the_usual_shape(api: httpx.Client) -> None:
    assert api_error(api.get("/nothing")) == (404, 404, "Not Found")


@pytest.mark.assumed("*:method_not_allowed")
@pytest.mark.sandbox_only
def test_wrong_method_has_the_usual_shape(api: httpx.Client) -> None:
    assert api_error(api.put("/senders")) == (405, 405, "Method Not Allowed")


@pytest.mark.assumed("list_senders:internal_error", "list_senders:unavailable")
@pytest.mark.sandbox_only
def test_injected_faults_have_the_vendors_shape(api: httpx.Client, world: World) -> None:
    for status, message in ((500, "Internal Server Error"), (503, "Service Unavailable")):
        world.faults.add("sendpulse", "list_senders", status=status, first=1)
        assert api_error(api.get("/senders")) == (status, status, message)
