"""The life of a request: its steps, their order, and the vendor's clothes on whatever goes wrong."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import Application
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.schema import unreadable
from sparkbox.core.logs.journal import Entry
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state import jobs as jobs_module
from sparkbox.core.state import store as store_module
from sparkbox.core.state.context import Context
from sparkbox.core.testing.faults import Fault
from tests.conftest import Serve
from tests.core import api
from tests.core.office import Office, sandbox


def error(response: Response) -> str:
    body = response.json()
    assert body["ok"] is False
    assert response.error == body["error"]["name"]
    return str(response.error)


def header(response: Response, name: bytes) -> bytes | None:
    return dict(response.headers).get(name)


def newest(office: Office) -> Entry:
    return next(office.sandbox.logs.requests.newest())


# What is well.


def test_a_request_is_answered_in_the_envelope(office: Office) -> None:
    response = office.send()
    assert response.status == 201
    assert response.json() == {
        "ok": True,
        "data": {"id": 2, "to": "you@example.com", "text": "hello", "state": "accepted"},
    }
    assert response.headers == [
        (b"content-type", b"application/json"),
        (b"x-post", b"post"),
        (b"content-length", b"%d" % len(response.body)),
    ]


def test_a_bare_operation_answers_without_the_envelope(office: Office) -> None:
    assert office.call("GET", "/v1/boxes/mine/notes/7").json() == {"box": "mine", "id": "7", "text": ""}


def test_an_operation_that_answers_nothing_has_no_body(office: Office) -> None:
    response = office.call("DELETE", "/v1/letters/1")
    assert (response.status, response.body) == (204, b"")
    assert header(response, b"content-length") is None
    assert header(response, b"content-type") is None


def test_a_reply_sets_status_and_headers(office: Office) -> None:
    response = office.call("POST", "/v1/keys")
    key = response.json()["data"]["key"]
    assert response.status == 202
    assert header(response, b"location") == f"/v1/keys/{key}".encode()
    assert office.call("GET", "/v1/letters", key=key).json() == office.call("GET", "/v1/letters").json()


def test_a_handlers_own_response_goes_out_unchanged(office: Office) -> None:
    response = office.call("GET", "/v1/file")
    assert response.body == b"a,b\n1,2\n"
    assert response.headers[0] == (b"content-type", b"text/csv")
    assert header(response, b"content-length") == b"8"


def test_a_public_operation_needs_no_key(office: Office) -> None:
    assert office.call("GET", "/v1/ping", key=None).json()["data"] == {"account": ""}
    assert office.call("GET", "/v1/ping").json()["data"] == {"account": api.KEY}


def test_a_query_is_checked_and_has_defaults(office: Office) -> None:
    for _ in range(12):
        office.send()
    assert len(office.call("GET", "/v1/letters").json()["data"]) == 10
    assert len(office.call("GET", "/v1/letters?size=3").json()["data"]) == 3
    assert office.call("GET", "/v1/letters?size=3&state=delivered&unknown=1").json()["data"] == []
    assert error(office.call("GET", "/v1/letters?size=many")) == "invalid"
    assert error(office.call("GET", "/v1/letters?size=0")) == "invalid"


def test_a_body_may_be_left_out_where_it_is_not_required(office: Office) -> None:
    assert office.call("POST", "/v1/visits", key=None).json()["data"] == "nothing"
    assert office.call("POST", "/v1/visits", {"text": "hello"}).json()["data"] == "hello"
    assert error(office.call("POST", "/v1/visits", {"text": 5})) == "invalid"
    assert error(office.call("POST", "/v1/letters")) == "malformed"


def test_content_type_is_not_checked_without_a_body(office: Office) -> None:
    assert office.call("POST", "/v1/visits", headers=[(b"content-type", b"text/plain")]).status == 200


@pytest.mark.parametrize("path", ["/v1/letters/1", "/v1/letters/1/", "/v1/letters/%31", "/v1/lett%65rs/1"])
def test_one_path_is_written_in_several_ways(office: Office, path: str) -> None:
    assert office.call("GET", path).json()["data"]["id"] == 1


@pytest.mark.parametrize(
    ("segment", "box"),
    [("e@mail", "e@mail"), ("e%40mail", "e@mail"), ("a+b", "a+b"), ("a%2Bb", "a+b"), ("a%20b", "a b"), ("a%2Fb", "a/b"),
     ("%C3%A9", "é"), ("%F0%9F%93%AE", "📮"), ("%00", "\0"), ("%ff", "\ufffd"), ("..", ".."), ("%", "%")],
)  # fmt: skip
def test_a_path_parameter_is_decoded(office: Office, segment: str, box: str) -> None:
    response = office.call("POST", f"/v1/boxes/{segment}/notes/n1", {"text": "hello"})
    assert response.json()["data"]["box"] == box
    assert office.call("GET", f"/v1/boxes/{segment}/notes").json()["data"] == [
        {"box": box, "id": "n1", "text": "hello"}
    ]


def test_head_is_answered_as_get(office: Office) -> None:
    head, get = office.call("HEAD", "/v1/letters"), office.call("GET", "/v1/letters")
    assert (head.status, head.headers) == (get.status, get.headers)


# The order of the steps: of two things that are wrong, the earlier step refuses.


def test_a_path_is_looked_up_before_the_key(office: Office) -> None:
    assert error(office.call("GET", "/v1/nothing", key=None)) == "no_place"
    assert error(office.call("PATCH", "/v1/letters", key=None)) == "no_method"


def test_a_fault_strikes_before_the_key_is_looked_at(office: Office) -> None:
    office.sandbox.faults.add(Fault(status=503))
    assert error(office.call("GET", "/v1/letters", key=None)) == "closed"


def test_error_while_reading_comes_before_the_key_and_after_path_and_fault(office: Office) -> None:
    def heavy(path: str) -> str:
        return error(office.dispatcher.respond(Request("POST", path), api_error=api.TOO_LARGE()))

    assert heavy("/v1/letters") == "too_large"
    assert heavy("/v1/nothing") == "no_place"
    office.sandbox.faults.add(Fault(status=503))
    assert heavy("/v1/letters") == "closed"


def test_key_is_checked_before_limits_and_body(office: Office) -> None:
    office.account().buckets.set_amount("post", "per_minute", 0)
    assert error(office.call("POST", "/v1/letters", body=b"{", key=None)) == "unauthorized"
    assert error(office.call("POST", "/v1/letters", body=b"{", key="real-key")) == "unauthorized"


def test_rights_are_checked_before_limits(office: Office) -> None:
    office.account("mock-reader").buckets.set_amount("post", "per_minute", 0)
    assert error(office.send(key="mock-reader")) == "forbidden"
    assert error(office.call("GET", "/v1/letters", key="mock-reader")) == "throttled"


def test_limits_count_before_the_body_is_looked_at(office: Office) -> None:
    office.account().buckets.set_amount("post", "per_minute", 1)
    assert error(office.call("POST", "/v1/letters", {})) == "invalid"
    assert error(office.call("POST", "/v1/letters", {})) == "throttled"


def test_content_type_is_checked_before_the_body(office: Office) -> None:
    headers = [(b"content-type", b"text/plain")]
    assert error(office.call("POST", "/v1/letters", body=b"{", headers=headers)) == "media"


def test_the_body_is_checked_before_a_number_in_the_path(office: Office) -> None:
    assert error(office.call("PUT", "/v1/letters/x", body=b"{", headers=[(b"content-type", b"application/json")])) == (
        "malformed"
    )
    assert error(office.call("PUT", "/v1/letters/x", {})) == "invalid"


def test_a_request_that_does_not_fit_changes_nothing(office: Office) -> None:
    office.call("POST", "/v1/letters", {"to": {"address": 5}, "text": "hello"})
    office.call("POST", "/v1/letters", {"to": {"address": "full@example.com"}, "text": "hello"})
    assert len(office.context().store[api.Letter]) == 1
    assert len(office.account().messages) == len(office.account().events) == 0


# What is wrong wears the vendor's clothes and is in the journal.

JSON_TYPE = [(b"content-type", b"application/json")]
DEEP = b'{"to": {"address": "a"}, "text": "", "extra": {"deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}"

TROUBLE = [
    ("GET", "/v1/nothing", b"", [], 404, "no_place"),
    ("GET", "/v1/letters/1/2/3", b"", [], 404, "no_place"),
    ("GET", "//", b"", [], 404, "no_place"),
    ("PATCH", "/v1/letters", b"", [], 405, "no_method"),
    ("OPTIONS", "/v1/letters", b"", [], 405, "no_method"),
    ("BREW", "/v1/letters", b"", [], 405, "no_method"),
    ("POST", "/v1/letters", b"<a/>", [(b"content-type", b"application/xml")], 415, "media"),
    ("POST", "/v1/letters", b"{}", [], 415, "media"),
    ("POST", "/v1/letters", b"{}", [(b"content-type", b"\xff/;;=")], 415, "media"),
    ("POST", "/v1/letters", b"", JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b"{", JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b"\xff\xfe{}", JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b'{"text": "\xc3\x28"}', JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b'{"text": "\\ud800"}', JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b"\0" * 100, JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", DEEP, JSON_TYPE, 400, "malformed"),
    ("POST", "/v1/letters", b"[]", JSON_TYPE, 422, "invalid"),
    ("POST", "/v1/letters", b"null", JSON_TYPE, 422, "invalid"),
    ("POST", "/v1/letters", b'{"to": [], "text": {}}', JSON_TYPE, 422, "invalid"),
    ("POST", "/v1/letters", b'{"to": {"address": "a"}, "text": "' + b"x" * 5001 + b'"}', JSON_TYPE, 422, "invalid"),
    ("POST", "/v1/letters", b'{"copies": [' + b"1," * 4000 + b"1]}", JSON_TYPE, 422, "invalid"),
    ("GET", "/v1/letters/one", b"", [], 422, "invalid"),
    ("GET", "/v1/letters/" + "9" * 5000, b"", [], 422, "invalid"),
    ("GET", "/v1/letters/%00", b"", [], 422, "invalid"),
    ("GET", "/v1/letters?size=" + "9" * 5000, b"", [], 422, "invalid"),
    ("GET", "/v1/letters?" + "a=1&" * 5000, b"", [], 422, "invalid"),
    ("GET", "/v1/letters?size=%ff%00", b"", [], 422, "invalid"),
    ("GET", "/v1/letters/99", b"", [], 404, "letter_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "name"),
    TROUBLE,
    ids=[f"{row[0]} {row[1][:24]} {row[2][:12]!r}" for row in TROUBLE],
)
def test_errors_go_out_in_the_envelope_and_are_journaled(
    office: Office, method: str, path: str, body: bytes, headers: Any, status: int, name: str
) -> None:
    response = office.call(method, path, body=body, headers=headers)
    assert (response.status, error(response)) == (status, name)
    assert header(response, b"x-post") == b"post"
    assert header(response, b"content-length") == b"%d" % len(response.body)
    entry = newest(office)
    assert (entry.method, entry.path, entry.body) == (method, path.partition("?")[0], body)
    assert (entry.status, entry.error, entry.response, entry.account) == (status, name, response.body, api.KEY)


def test_a_path_that_is_known_says_which_methods_it_takes(office: Office) -> None:
    response = office.call("PATCH", "/v1/letters/7")
    assert header(response, b"allow") == b"DELETE, GET, PUT"
    assert response.json()["error"]["message"] == "PATCH is not for /v1/letters/7"
    assert header(office.call("GET", "/v1/nothing"), b"allow") is None


def test_a_row_is_filled_in(office: Office) -> None:
    assert office.call("GET", "/v1/letters/99").json()["error"] == {
        "name": "letter_unknown", "message": "no letter 99", "code": "L404",
    }  # fmt: skip
    assert office.send("full@example.com").json()["error"]["description"] == "the box of full@example.com is full"


def test_limit_puts_its_headers_on_the_error(office: Office) -> None:
    office.account().clock.freeze(1_000_000)
    for _ in range(3):
        assert office.call("GET", "/v1/letters/1").status == 200
    office.account().clock.advance(4)
    response = office.call("GET", "/v1/letters/1")
    assert error(response) == "throttled"
    assert header(response, b"retry-after") == b"6"
    office.account().clock.advance(6)
    assert office.call("GET", "/v1/letters/1").status == 200


def test_requests_without_an_account_are_not_limited(office: Office) -> None:
    office.sandbox.anonymous.buckets.set_amount("post", "per_minute", 0)
    assert office.call("POST", "/v1/visits", key=None).status == 200


@pytest.mark.parametrize("number", [10**18, 10**19, 10**30, -(10**30), 10**4000])
def test_a_huge_number_is_no_reason_to_fall_over(office: Office, number: int) -> None:
    body = b'{"to": {"address": "a"}, "text": "", "extra": {"n": %s}}' % str(number).encode()
    response = office.call("POST", "/v1/letters", body=body, headers=JSON_TYPE)
    assert response.status == 201
    shown = response.json()["data"]["extra"]["n"]
    assert shown is None if abs(number) > 10**308 else shown == pytest.approx(number)


# Our own mistakes.


def test_a_crash_is_the_envelopes_500_without_a_traceback(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    response = office.call("GET", "/v1/crash")
    assert (response.status, error(response)) == (500, "crashed")
    assert b"Traceback" not in response.body
    assert b"ZeroDivision" not in response.body
    assert "ZeroDivisionError: a mistake of ours" in caplog.text
    assert newest(office).error == "crashed"


def test_validate_responses_catches_an_undeclared_error(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    assert error(office.call("GET", "/v1/undeclared")) == "crashed"
    assert "undeclared answered with 'secret', which it does not declare" in caplog.text
    assert error(Office(validate_responses=False).call("GET", "/v1/undeclared")) == "secret"


def test_validate_responses_catches_an_undeclared_status(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    assert error(office.call("GET", "/v1/surprise")) == "crashed"
    assert "surprise answered with 203, which it does not declare" in caplog.text
    assert Office(validate_responses=False).call("GET", "/v1/surprise").status == 203


@pytest.mark.parametrize("path", ["/v1/misshapen", "/v1/surplus"])
def test_validate_responses_catches_an_undeclared_shape(office: Office, path: str) -> None:
    assert error(office.call("GET", path)) == "crashed"
    assert Office(validate_responses=False).call("GET", path).status == 200


def test_a_store_or_a_clock_that_is_full_is_unavailable_not_broken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "MOST_RECORDS", 1)
        assert error(office.send()) == "closed"
    with monkeypatch.context() as patch:
        patch.setattr(jobs_module, "MOST_JOBS", 0)
        assert error(office.send()) == "closed"
    assert office.send().status == 201


class Clumsy(api.OpenPostEnvelope):
    """Trips over its own feet."""

    def error(self, api_error: ApiError) -> Response:
        if api_error.error is not api.CRASHED:
            raise ZeroDivisionError("while wording a refusal")
        return super().error(api_error)

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        raise ZeroDivisionError("while wrapping a success")

    def finish(self, ctx: Context, response: Response) -> None:
        raise ZeroDivisionError("while finishing")


@pytest.mark.parametrize("path", ["/v1/letters", "/v1/nothing", "/v1/letters/one", "/v1/crash"])
def test_a_mistake_in_the_envelope_itself_is_answered_and_logged(path: str, caplog: pytest.LogCaptureFixture) -> None:
    service = api.service_of(api.letters, api.boxes, api.trouble, envelope=Clumsy())
    box = sandbox()
    response = Dispatcher(box, service).respond(Request("GET", path, b"", [(b"x-key", b"mock-key")]))
    assert (response.status, error(response)) == (500, "crashed")
    assert header(response, b"content-length") == b"%d" % len(response.body)
    assert "ZeroDivisionError: while" in caplog.text
    assert len(box.logs.requests) == 1


def test_a_decoder_may_find_a_body_unreadable() -> None:
    def decode(request: Request) -> Any:
        raise unreadable("not a form")

    dispatcher = Dispatcher(sandbox(), api.service_of(api.letters, decode_body=decode, content_types=()))
    response = dispatcher.respond(Request("POST", "/v1/letters", b"", [(b"x-key", b"mock-key")], b"a"))
    assert error(response) == "malformed"


def test_an_operation_may_take_other_content_types() -> None:
    operations = Operations("Forms")

    @operations.post("/v1/forms", content_types=("text/plain",))
    def fill_in(ctx: Context, body: api.NewNote) -> str:
        """Fill in a form."""
        return body.text

    dispatcher = Dispatcher(sandbox(), api.service_of(operations))

    def posted(content_type: bytes) -> Response:
        headers = [(b"x-key", b"mock-key"), (b"content-type", content_type)]
        return dispatcher.respond(Request("POST", "/v1/forms", b"", headers, b'{"text": "a"}'))

    assert posted(b"text/plain; charset=utf-8").status == 200
    assert error(posted(b"application/json")) == "media"


WHATEVER = st.text(max_size=30) | st.sampled_from(["/v1/letters", "/v1/letters/1", "/v1/boxes/%/notes", "/v1/visits"])


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "X"]),
    path=WHATEVER.map(lambda path: "/" + path.lstrip("/")),
    query=st.binary(max_size=60),
    headers=st.lists(
        st.tuples(
            st.sampled_from([b"x-key", b"authorization", b"content-type", b"x-other"]),
            st.binary(max_size=30) | st.sampled_from([b"mock-key", b"application/json", b"Basic bW9jay1rZXk6"]),
        ),
        max_size=4,
    ),
    body=st.binary(max_size=60)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode()),
)
@settings(max_examples=300, deadline=None)
def test_no_request_crashes_the_dispatcher(method: str, path: str, query: bytes, headers: Any, body: bytes) -> None:
    office = Office()
    response = office.dispatcher.respond(Request(method, path, query, headers, body))
    assert response.status < 500
    assert response.body == b"" or response.json()["ok"] is (response.status < 400)
    assert newest(office).status == response.status


# The ASGI side.


def client(office: Office) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Application(office.sandbox))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver/post", headers={"x-key": api.KEY})


@pytest.mark.asyncio
async def test_a_service_answers_under_its_name(office: Office) -> None:
    async with client(office) as post:
        response = await post.get("/v1/boxes/e%40mail/notes?x=1")
        assert response.json() == {"ok": True, "data": []}
        assert newest(office).path == "/v1/boxes/e%40mail/notes"
        assert newest(office).query == b"x=1"
        assert (await post.get("/")).status_code == 404
        assert (await post.get("")).json()["error"]["name"] == "no_place"


@pytest.mark.asyncio
async def test_head_has_the_headers_of_get_and_no_body(office: Office) -> None:
    async with client(office) as post:
        head, get = await post.head("/v1/letters"), await post.get("/v1/letters")
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)
    assert int(head.headers["content-length"]) == len(get.content) > 0


@pytest.mark.asyncio
async def test_a_body_that_is_too_large_is_refused_in_the_envelope(office: Office) -> None:
    async with client(office) as post:
        response = await post.post("/v1/letters", content=b"x" * 10_001, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["name"]) == (413, "too_large")
    assert response.headers["connection"] == "close"
    assert newest(office).body == b""


def test_a_request_knows_where_it_was_sent(serve: Serve) -> None:
    operations = Operations("Mirror")

    @operations.get("/v1/mirror/{word}", public=True)
    def mirror(ctx: Context, word: str) -> dict[str, str]:
        """Show the request."""
        return {"base": ctx.request.base_url, "client": ctx.request.client, "word": word}

    service = api.service_of(operations)
    box = sandbox(service, validate_responses=False)
    url = serve(Application(box))
    shown = httpx.get(f"{url}/post/v1/mirror/e%40mail").json()["data"]
    assert shown == {"base": f"{url}/post", "client": "127.0.0.1", "word": "e@mail"}


def test_over_a_socket_the_wire_says_the_same(serve: Serve, office: Office) -> None:
    url = serve(Application(office.sandbox)) + "/post"
    with httpx.Client(headers={"x-key": api.KEY}) as http:
        assert http.head(f"{url}/v1/letters").content == b""
        assert http.delete(f"{url}/v1/letters/1").status_code == 204
        refused = http.request("PATCH", f"{url}/v1/letters")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")
        large = http.post(f"{url}/v1/letters", content=b"x" * 50_000, headers={"content-type": "application/json"})
        assert (large.status_code, large.json()["error"]["name"]) == (413, "too_large")
        assert http.get(f"{url}/v1/letters").json() == {"ok": True, "data": []}
        assert http.get(f"{url}/v1/boxes/a+b/notes").json() == {"ok": True, "data": []}
