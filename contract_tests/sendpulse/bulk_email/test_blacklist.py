"""https://sendpulse.com/integrations/api/bulk-email#blacklist"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import DONE, EMAIL_MISSING, EMAIL_SYNTAX, NO_DATA, api_error, encode, result


@pytest.mark.documented("add_to_blacklist", "list_blacklist", "delete_from_blacklist")
def test_blacklist_takes_base64(api: httpx.Client, address: Callable[[str], str]) -> None:
    ann, bob = address("ann"), address("bob")
    body = {"emails": encode(f"{ann},{bob}"), "comment": "a contract test"}
    assert result(api.post("/blacklist", json=body)) == DONE
    assert {ann, bob} <= set(result(api.get("/blacklist")))
    assert result(api.request("DELETE", "/blacklist", json={"emails": encode(ann)})) == DONE
    assert {ann, bob} & set(result(api.get("/blacklist"))) == {bob}


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        case(f"{operation}:{error}", method, body, expected, evidence="assumed")
        for operation, method in (("add_to_blacklist", "POST"), ("delete_from_blacklist", "DELETE"))
        for error, body, expected in (
            ("email_missing", {}, EMAIL_MISSING),
            ("email_syntax", {"emails": encode("nobody")}, EMAIL_SYNTAX),
            ("no_data", {"emails": encode(",")}, NO_DATA),
        )
    ],
)
def test_blacklist_refuses_invalid_addresses(api: httpx.Client, method: str, body: Any, expected: Any) -> None:
    assert api_error(api.request(method, "/blacklist", json=body)) == expected


@pytest.mark.documented("add_to_blacklist:argument_invalid")
def test_blacklist_refuses_plain_text(api: httpx.Client) -> None:
    response = api.post("/blacklist", json={"emails": "ann@example.com"})
    assert api_error(response) == (422, 422, "Argument emails is invalid")
