"""Requests as the vendor's clients write them, and the envelope of responses."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import requests

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault
from sparkbox.testing.transport import Transport
from tests.services.sendpulse.api import Api, encode


class PySendPulse:
    """Sends exactly what the vendor's Python client 0.1.8 sends, whose host is compiled in.

    It has one way for all calls: the parameters as JSON text, which becomes the query of a GET, and one content type.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.token = ""

    def send_request(self, path: str, method: str = "GET", params: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers["Content-Type"] = "application/json"
        text = json.dumps(params if type(params) in (dict, list) else {})
        if method in ("POST", "PUT", "DELETE"):
            request = requests.Request(method, f"https://api.sendpulse.com/{path}", headers=headers, data=text)
        else:
            request = requests.Request("GET", f"https://api.sendpulse.com/{path}", headers=headers, params=text)
        prepared = request.prepare()
        assert prepared.url is not None
        assert prepared.body is None or isinstance(prepared.body, str | bytes)
        with httpx.Client(transport=Transport(self.api.app)) as http:
            headers = {name: str(value) for name, value in prepared.headers.items()}
            return http.request(method, prepared.url, headers=headers, content=prepared.body)

    def log_in(self) -> None:
        fields = {"grant_type": "client_credentials", "client_id": "mock-key", "client_secret": "mock-secret"}
        self.token = self.send_request("oauth/access_token", "POST", fields).json()["access_token"]


@pytest.fixture
def python(api: Api) -> PySendPulse:
    client = PySendPulse(api)
    client.log_in()
    return client


def test_python_clients_mailing_list_calls_work(python: PySendPulse, api: Api) -> None:
    id = python.send_request("addressbooks", "POST", {"bookName": "Readers"}).json()["id"]
    assert python.send_request(f"addressbooks/{id}", "PUT", {"name": "Fans"}).json() == {"result": True}
    emails = json.dumps([{"email": "a@example.org", "variables": {"city": "Kyiv"}}, {"email": "b@example.org"}])
    assert python.send_request(f"addressbooks/{id}/emails", "POST", {"emails": emails}).json() == {"result": True}
    listed = python.send_request("addressbooks", "GET", {"limit": 0, "offset": 0}).json()
    assert [(found["id"], found["name"], found["all_email_qty"]) for found in listed] == [(id, "Fans", 2)]
    page = python.send_request(f"addressbooks/{id}/emails", "GET", {"limit": 0, "offset": 0}).json()
    assert [row["email"] for row in page] == ["a@example.org", "b@example.org"]
    update = {"email": "b@example.org", "variables": {"city": "Lviv"}}
    assert python.send_request(f"addressbooks/{id}/emails/variable", "POST", update).json() == {"result": True}
    found = python.send_request(f"addressbooks/{id}/emails/b@example.org").json()
    assert found["variables"] == [{"name": "city", "type": "string", "value": "Lviv"}]
    statistics = python.send_request("emails/campaigns", "POST", {"emails": json.dumps(["a@example.org"])}).json()
    assert statistics["a@example.org"]["adressbooks"] == [{"id": id, "name": "Fans"}]
    assert python.send_request("emails/a@example.org", "DELETE").json() == {"result": True}
    removed = python.send_request(f"addressbooks/{id}/emails", "DELETE", {"emails": json.dumps(["b@example.org"])})
    assert removed.json() == {"result": True}
    assert python.send_request(f"addressbooks/{id}", "DELETE").json() == {"result": True}


def test_python_clients_sender_calls_work(python: PySendPulse, api: Api) -> None:
    python.send_request("senders", "POST", {"email": "me@example.net", "name": "Me"})
    assert python.send_request("senders/me@example.net/code").json()["result"] is True
    code = json.loads(api.messages[-1].metadata)["activation_code"]
    assert python.send_request("senders/me@example.net/code", "POST", {"code": code}).json()["result"] is True
    assert python.send_request("senders", "DELETE", {"email": "me@example.net"}).json() == {"result": True}


def test_python_clients_smtp_calls_work(python: PySendPulse, api: Api) -> None:
    email = {
        "subject": "Hello", "html": encode("<p>Hi</p>"), "text": "Hi",
        "from": {"name": "Shop", "email": "sender@example.com"}, "to": [{"name": "Ann", "email": "ann@example.org"}],
        "bcc": [{"email": "archive@example.org"}],
    }  # fmt: skip
    id = python.send_request("smtp/emails", "POST", {"email": json.dumps(email)}).json()["id"]
    assert [(message.to, message.html) for message in api.messages] == [
        ("ann@example.org", "<p>Hi</p>"),
        ("archive@example.org", "<p>Hi</p>"),
    ]
    assert python.send_request(f"smtp/emails/{id}").json()["recipient"] == "ann@example.org"
    nothing = {"limit": 0, "offset": 0, "from": None, "to": None, "sender": None, "recipient": None}
    assert len(python.send_request("smtp/emails", "GET", nothing).json()) == 2
    entries = json.dumps([{"email": "ann@example.org", "comment": "asked"}])
    assert python.send_request("smtp/unsubscribe", "POST", {"emails": entries}).json() == {"result": True}
    gone = json.dumps(["ann@example.org"])
    assert python.send_request("smtp/unsubscribe", "DELETE", {"emails": gone}).json() == {"result": True}
    assert python.send_request("smtp/ips").status_code == 200
    assert python.send_request("smtp/domains", "POST", {"email": "me@example.net"}).json() == {"result": True}
    assert python.send_request("smtp/domains/me@example.net").json() == {"result": True}
    assert python.send_request("smtp/domains").json() == []
    assert python.send_request("balance/USD").json()["currency"] == "USD"
    assert python.send_request("balance/").status_code == 200
    assert python.send_request("blacklist", "GET", {"limit": 0, "offset": 0}).json() == []


def test_php_clients_forms_are_understood(api: Api) -> None:
    id = api.form("POST", "/addressbooks", "bookName=%D0%A7%D0%B8%D1%82%D0%B0%D1%87%D1%96").json()["id"]
    assert api.call("GET", f"/addressbooks/{id}")[0]["name"] == "Читачі"
    emails = quote(json.dumps([{"email": "a@example.org", "variables": {"city": "Київ"}}]))
    assert api.form("POST", f"/addressbooks/{id}/emails", f"emails={emails}").status_code == 200
    nested = "emails[0][email]=b@example.org&emails[0][variables][city]=Lviv&emails[1]=c@example.org"
    assert api.form("POST", f"/addressbooks/{id}/emails", nested).status_code == 200
    rows = api.call("GET", f"/addressbooks/{id}/emails")
    assert [(row["email"], row["variables"]) for row in rows] == [
        ("a@example.org", {"city": "Київ"}),
        ("b@example.org", {"city": "Lviv"}),
        ("c@example.org", {}),
    ]
    serialized = quote('a:2:{i:0;s:13:"a@example.org";i:1;s:13:"b@example.org";}')
    assert api.form("DELETE", f"/addressbooks/{id}/emails", f"emails={serialized}").json() == {"result": True}
    assert api.form("POST", "/emails", "0=c@example.org").json()["c@example.org"][0]["book_id"] == id


def test_php_serialized_mail_is_sent(api: Api) -> None:
    html = base64.b64encode("<p>Привіт</p>".encode()).decode()
    text = (
        f'a:5:{{s:4:"html";s:{len(html)}:"{html}";s:4:"text";s:12:"Привіт";s:7:"subject";s:2:"Hi";'
        's:4:"from";a:2:{s:4:"name";s:4:"Shop";s:5:"email";s:18:"sender@example.com";}'
        's:2:"to";a:1:{i:0;a:1:{s:5:"email";s:15:"ann@example.org";}}}'
    )
    assert api.form("POST", "//smtp/emails", f"email={quote(text)}").json()["result"] is True
    assert (api.messages[0].text, api.messages[0].html) == ("Привіт", "<p>Привіт</p>")


def test_multipart_body_is_understood(api: Api) -> None:
    response = api.http.post("/addressbooks", files={"bookName": (None, "Readers")})
    assert response.status_code == 200


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json;charset=utf-8", "application/x-www"])
def test_json_is_understood_under_any_content_type(api: Api, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = api.http.post("/addressbooks", content=b'{"bookName": "Readers"}', headers=headers)
    assert response.status_code == 200


def test_parameters_of_a_get_may_be_in_its_body(api: Api) -> None:
    ids = [api.new_list(f"List {number}") for number in range(3)]
    assert [found["id"] for found in api.call("GET", "/addressbooks", {"limit": 1, "offset": 1})] == ids[1:2]
    assert [found["id"] for found in api.call("GET", "/addressbooks", {"limit": 1}, limit=2)] == ids[:2]


def test_parameters_of_a_post_may_be_in_its_query(api: Api) -> None:
    assert api.call("POST", "/addressbooks?bookName=Readers")["id"]
    assert api.call("DELETE", "/senders?email=sender@example.com") == {"result": True}


@pytest.mark.parametrize("query", ["", "?", "?%7B%7D", "?%7B%22limit%22:%20100%7D", "?limit=&offset="])
def test_odd_queries_have_no_parameters(api: Api, query: str) -> None:
    id = api.new_list()
    assert [found["id"] for found in api.call("GET", f"/addressbooks{query}")] == [id]


@pytest.mark.parametrize("path", ["//addressbooks", "/addressbooks/", "//addressbooks//"])
def test_additional_slashes_are_ignored(api: Api, path: str) -> None:
    assert api.http.get("https://api.sendpulse.com" + path).json() == []


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/json", b"{broken"),
        ("application/json", b'"text"'),
        ("application/json", b"\xff\xfe"),
        ("application/json", b"[" * 100_000),
        ("multipart/form-data", b"--x"),
        ("application/x-www-form-urlencoded", b"a=%ff"),
        ("application/json", b"[1, 2]"),
    ],
)
def test_body_that_cannot_be_read_is_badly_formed(api: Api, content_type: str, content: bytes) -> None:
    headers = {"Content-Type": content_type}
    response = api.http.post("/addressbooks", content=content, headers=headers)
    assert response.status_code == 422
    assert response.json() == {"message": "Badly formed data. Check API documentation", "error_code": 21356}


def test_unreadablemail_has_its_own_error_code(api: Api) -> None:
    response = api.http.post("/smtp/emails", content=b"{broken", headers={"Content-Type": "application/json"})
    assert response.json() == {"message": "Badly formed incoming data", "error_code": 999}


def test_query_or_a_gets_body_that_cannot_be_read_is_badly_formed(api: Api) -> None:
    api_error = (422, 21356, "Badly formed data. Check API documentation")
    assert api.refuse("GET", "/addressbooks?limit=%ff") == api_error
    assert api.refuse("POST", "/addressbooks?bookName=%ff", {}) == api_error
    response = api.http.request("GET", "/addressbooks", content=b"{broken")
    assert response.json()["error_code"] == 21356


def test_sandbox_errors_have_the_vendors_shape(api: Api) -> None:
    assert api.refuse("GET", "/nothing") == (404, 404, "Not Found")
    assert api.refuse("PATCH", "/addressbooks") == (405, 405, "Method Not Allowed")
    large = api.http.post("/addressbooks", content=b"x" * (20 * 1024 * 1024 + 1))
    assert (large.status_code, large.json()) == (413, {"message": "Request Entity Too Large", "error_code": 413})


@pytest.mark.parametrize(("status", "message"), [(500, "Internal Server Error"), (503, "Service Unavailable")])
def test_injected_faults_have_the_vendors_shape(api: Api, status: int, message: str) -> None:
    api.account.faults.add(Fault(status=status))
    assert api.refuse("GET", "/addressbooks") == (status, status, message)


def test_cors_is_not_allowed(api: Api) -> None:
    response = api.http.get("/addressbooks", headers={"Origin": "https://example.com"})
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_same_requests_give_the_same_responses_in_another_sandbox() -> None:
    def run() -> list[Any]:
        api = Api(create_app(Settings(rate_limits=False)))
        id = api.mail()
        api.call("POST", "/senders", {"email": "me@example.net", "name": "Me"})
        return [id, api.messages[-1].text, api.call("GET", "/user/info"), api.new_list()]

    assert run() == run()
