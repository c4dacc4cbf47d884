"""Large but legal work does not hold up others: the calls between two rounds of the event loop have a limit."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from threading import get_ident
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import from_json

from sparkbox.app import Application, create_app
from sparkbox.core.declare.schema import Body, Invalid
from sparkbox.core.request import large_json
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state.steps import Held, Steps, complete
from sparkbox.testing.transport import Transport

MOST_CALLS = 50_000
"""Calls of functions in one step: a few milliseconds."""
AT_LEAST = MOST_CALLS
"""Calls of an instance in all; fewer would prove nothing."""

MOST_SCHEMA_CALLS = 400_000
"""Pydantic builds all schemas of a service in one step: small calls, about 20 ms."""

SPARKPOST = {"authorization": "mock-sparkpost-key", "content-type": "application/json"}
JSON = {"content-type": "application/json"}


class Profile:
    """Counts the calls between the rounds of the event loop."""

    def __init__(self) -> None:
        self.calls = self.most = self.total = self.rounds = 0

    def count(self, frame: FrameType, event: str, arg: Any) -> None:
        if event in ("call", "c_call"):
            self.calls += 1

    def turn(self) -> None:
        self.most = max(self.most, self.calls)
        self.total += self.calls
        self.calls = 0
        self.rounds += 1

    async def turn_for_ever(self) -> None:
        while True:
            self.turn()
            await asyncio.sleep(0)


def call(app: Application, method: str, target: str, body: Any = b"", headers: dict[str, str] = JSON) -> Response:
    path, _, query = target.partition("?")
    pairs = [(name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()]
    found = app.find(path, pairs)
    assert found is not None
    dispatcher, prefix = found
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    base_url = f"http://localhost{prefix}"
    return dispatcher.respond(
        Request(method, path[len(prefix) :], query.encode(), pairs, content, "127.0.0.1", base_url)
    )


def settled(app: Application, *args: Any, **more: Any) -> Response:
    """Return the complete response."""
    response = call(app, *args, **more)
    if response.later is None:
        return response
    done = response.later.complete()
    return done if done is not None else asyncio.run(_wait(response))


async def _wait(response: Response) -> Response:
    assert response.later is not None
    return await response.later()


async def profiled(app: Application, *args: Any, **more: Any) -> tuple[Response, Profile]:
    profile = Profile()
    others = asyncio.create_task(profile.turn_for_ever())
    sys.setprofile(profile.count)
    try:
        response = call(app, *args, **more)
        if response.later is not None:
            response = await response.later()
    finally:
        sys.setprofile(None)
        profile.turn()
        others.cancel()
    return response, profile


CONTENT = {"from": "shop@acme.example", "subject": "Hi", "text": "Hello"}


def recipients(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"address": {"email": f"user{number}@example.com", "name": "U, V"}, **more} for number in range(count)]


def send(app: Application, count: int = 3000) -> None:
    body = {"recipients": recipients(count), "content": CONTENT}
    assert settled(app, "POST", "/sparkpost/api/v1/transmissions", body, SPARKPOST).status == 200


def arrive(app: Application) -> None:
    send(app)
    assert settled(app, "POST", "/_mock/clock", {"advance": 60}).status == 200


def begin_deliveries(app: Application) -> None:
    """Begin the deliveries of a large transmission, as the clock of a running sandbox does."""
    send(app)
    account = app.sandbox.accounts.find("mock-sparkpost-key")
    assert account is not None
    next(account.clock.turn(account.clock.now() + 60, frozen=True))


def keep_list(app: Application) -> None:
    body = {"id": "many", "recipients": recipients(3000)}
    assert settled(app, "POST", "/sparkpost/api/v1/recipient-lists", body, SPARKPOST).status == 200


def schedule(app: Application) -> None:
    keep_list(app)
    settled(app, "POST", "/_mock/clock", {"freeze": "2030-01-01T00:00:00Z"})
    body = {"recipients": {"list_id": "many"}, "content": CONTENT, "options": {"start_time": "2030-01-01T01:00:00Z"}}
    assert settled(app, "POST", "/sparkpost/api/v1/transmissions", body, SPARKPOST).status == 200


def suppress(app: Application) -> None:
    for start in (0, 5000):
        rows = [{"recipient": f"u{start + number}@example.com", "type": "transactional"} for number in range(5000)]
        response = settled(app, "PUT", "/sparkpost/api/v1/suppression-list", {"recipients": rows}, SPARKPOST)
        assert response.status == 200


def ask(app: Application) -> None:
    for _ in range(3000):
        settled(app, "GET", "/sparkpost/api/v1/templates", b"", SPARKPOST)


def open_accounts(app: Application) -> None:
    service = app.sandbox.service("sparkpost")
    for number in range(1500):
        account = app.sandbox.accounts.open(f"mock-{number}", "sparkpost")
        assert account is not None
        account.store("sparkpost", service.seed_account)


def nothing(app: Application) -> None:
    """An instance that needs no preparation."""


LOOP = "{{each rows}}{{each rows}}{{loop_index}}{{end}}{{end}}"


@dataclass(frozen=True)
class Instance:
    name: str
    prepare: Callable[[Application], None]
    method: str
    target: str
    body: Any = b""
    headers: dict[str, str] = field(default_factory=lambda: SPARKPOST)
    status: int = 200
    most: int = MOST_CALLS
    least: int = AT_LEAST


TRANSMISSIONS = "/sparkpost/api/v1/transmissions"
INSTANCES = [
    Instance("many recipients", nothing, "POST", TRANSMISSIONS, {"recipients": recipients(3000), "content": CONTENT}),
    Instance(
        "bad recipients", nothing, "POST", TRANSMISSIONS, {"recipients": [{}] * 40_000, "content": CONTENT}, status=400
    ),
    Instance(
        "templates with much to do",
        nothing,
        "POST",
        TRANSMISSIONS,
        {
            "recipients": recipients(60),
            "content": {**CONTENT, "text": LOOP},
            "substitution_data": {"rows": list(range(40))},
        },
    ),
    Instance("a reset of all", open_accounts, "POST", "/_mock/reset", b"", JSON),
    Instance("a large list", nothing, "POST", "/sparkpost/api/v1/recipient-lists", {"recipients": recipients(20_000)}),
    Instance(
        "a stored list", keep_list, "POST", TRANSMISSIONS, {"recipients": {"list_id": "many"}, "content": CONTENT}
    ),
    Instance("deliveries in a job", send, "POST", "/_mock/clock", {"advance": 60}, JSON),
    Instance("what is due in another's account", begin_deliveries, "GET", "/_mock/faults", b"", JSON),
    Instance(
        "a template with many tags",
        nothing,
        "POST",
        "/sparkpost/api/v1/templates",
        {"name": "many", "content": {**CONTENT, "text": "{{if a}}" + "{{a.b or 'x'}} " * 2000 + "{{end}}"}},
    ),
    Instance(
        "content with many tags",
        nothing,
        "POST",
        TRANSMISSIONS,
        {"recipients": recipients(1), "content": {**CONTENT, "html": "{{a}}" * 2000}},
    ),
    Instance("a scheduled transmission", schedule, "POST", "/_mock/clock", {"advance": 3600}, JSON),
    Instance("events, 10,000 a page", arrive, "GET", "/sparkpost/api/v1/events/message?per_page=10000"),
    Instance("older events", arrive, "GET", "/sparkpost/api/v1/message-events?per_page=10000"),
    Instance(
        "the first metrics",
        arrive,
        "GET",
        "/sparkpost/api/v1/metrics/deliverability?from=2020-01-01T00:00&metrics=count_sent",
    ),
    Instance("suppressions, 10,000 a page", suppress, "GET", "/sparkpost/api/v1/suppression-list?per_page=10000"),
    Instance("messages by text", send, "GET", "/_mock/messages?text=hello&limit=1000", b"", JSON),
    Instance("requests by field", ask, "GET", "/_mock/requests?header=host:localhost&limit=1000", b"", JSON),
    Instance("events by type", arrive, "GET", "/_mock/events?type=delivery&limit=1000", b"", JSON),
    Instance(  # a thread makes it; what is left for the loop depends on what was imported before
        "an OpenAPI document",
        nothing,
        "GET",
        "/_mock/services/sparkpost/openapi",
        b"",
        JSON,
        most=MOST_SCHEMA_CALLS,
        least=0,
    ),
]


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    """Import all sections and build all schemas, whichever test comes first: first requests have tests of their own."""
    app = create_app()
    dispatchers = [app.control, *map(app.dispatcher, app.sandbox.service_names)]
    for operation in chain.from_iterable(one.service.operations.values() for one in dispatchers):
        for adapter in (operation.body, operation.query, operation.response):
            if adapter is not None:
                adapter.rebuild(force=False)


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: instance.name)
def test_large_request_makes_way_for_others(instance: Instance) -> None:
    app = create_app()
    instance.prepare(app)
    more = (instance.method, instance.target, instance.body, instance.headers)
    response, profile = asyncio.run(profiled(app, *more))
    assert response.status == instance.status, response.body[:500]
    assert profile.total > instance.least
    assert profile.most < instance.most


def login(app: Application) -> dict[str, str]:
    ready = {
        "grant_type": "client_credentials",
        "client_id": "mock-sendpulse-id",
        "client_secret": "mock-sendpulse-secret",
    }
    token = settled(app, "POST", "/sendpulse/oauth/access_token", ready).json()["access_token"]
    book = settled(
        app, "POST", "/sendpulse/addressbooks", {"bookName": "Many"}, {**JSON, "authorization": f"Bearer {token}"}
    )
    assert book.status == 200
    plan = settled(
        app,
        "POST",
        "/_mock/services/sendpulse/simulations/plan?account=mock-sendpulse-id",
        {"category": "enterprise"},
        JSON,
    )
    assert plan.status == 200
    return {**JSON, "authorization": f"Bearer {token}", "x-book": str(book.json()["id"])}


def whole(mail: str) -> dict[str, str]:
    return {"email_rfc822": mail}


MULTIPART = "From: shop@acme.example\nSubject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
CONTENTS: dict[str, dict[str, str]] = {
    "tags": {"html": "<p>" * 200_000},
    "links without addresses": {"html": "<a >" * 100_000},
    "links": {"html": "<a href='http://a.example'>" * 20_000},
    "bodies": {"html": "</body>" * 50_000},
    "attributes": {"html": "<a " + "a " * 300_000},
    "comments": {"html": "<!-- - -- -->" * 50_000},
    "a comment": {"html": "<!--" + "-" * 600_000},
    "angle brackets": {"html": "<" * 600_000},
    "filled in": {"html": "{{a}}" + "<a >" * 100_000},
    "links in text": {"text": "http://a.example " * 50_000},
    "marked links": {"html": "<a href='http://a.example' data-msys-clicktrack=0>" * 20_000},
    "a mail of empty lines": whole("From: shop@acme.example\nSubject: s\n\n" + "\n" * 2_000_000),
    "a mail of almost boundaries": whole(f"{MULTIPART}\n" + "--bx\n" * 400_000 + "--b--\n"),
    "a mail of base64": whole(
        f"{MULTIPART}Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
        + f"{'A' * 76}\n" * 30_000
        + "--b--"
    ),
    "a mail of links": whole(
        "From: shop@acme.example\nSubject: s\nContent-Type: text/html\n\n" + "<a href='http://a.example'>\n" * 20_000
    ),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_contents_are_read_in_steps_and_once_for_all_recipients(content: dict[str, str]) -> None:
    app = create_app()
    more = {} if "email_rfc822" in content else CONTENT
    body = {"recipients": recipients(2), "content": {**more, **content}}
    response, profile = asyncio.run(profiled(app, "POST", TRANSMISSIONS, body, SPARKPOST))
    assert response.status == 200, response.body[:500]
    assert response.json()["results"]["total_accepted_recipients"] == 2
    assert profile.most < MOST_CALLS
    assert profile.rounds > 5


PAGES = ["<p>", "</p>", "<br>", "&#9", "<a >", "<a href='http://a.example'>", "<", "<!-- -- -->", "a ", "a\n", "a"]


@pytest.mark.parametrize("piece", PAGES)
def test_plain_text_of_a_large_page_is_made_in_steps(piece: str) -> None:
    app = create_app()
    headers = login(app)
    html = base64.b64encode(b"<p>x</p>" + piece.encode() * (600_000 // len(piece))).decode()
    box = {"name": "", "email": "a@example.com"}
    email = {"html": html, "auto_plain_text": True, "subject": "s", "from": box, "to": [box]}
    response, profile = asyncio.run(profiled(app, "POST", "/sendpulse/smtp/emails", {"email": email}, headers))
    assert response.status == 200, response.body[:500]
    assert profile.most < MOST_CALLS
    assert profile.rounds > 5


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"emails": [f"u{number}@example.com" for number in range(10_000)]}, JSON, 200),
        ({"emails": ["a@example.com"], "tags": ["x"] * 40_000}, JSON, 422),
        (urlencode({"emails[]": "%" * 700_000}).encode(), FORM, 422),
        (b"a" + b"[a]" * 300_000 + b"=1", FORM, 422),
        (urlencode({"[" * 700_000: "1"}).encode(), FORM, 422),
        (b"&".join(b"emails[]=u%d@example.com" % number for number in range(8000)), FORM, 200),
    ],
    ids=["e-mails", "tags", "a long field", "a deep name", "a long name", "fields"],
)
def test_sendpulse_makes_way_for_others(body: Any, kind: dict[str, str], status: int) -> None:
    app = create_app()
    headers = login(app)
    target = f"/sendpulse/addressbooks/{headers.pop('x-book')}/emails"
    response, profile = asyncio.run(profiled(app, "POST", target, body, {**headers, **kind}))
    assert response.status == status, response.body[:500]
    assert profile.most < MOST_CALLS


SENDSPARK = {**JSON, "x-api-key": "mock-sendspark-key", "x-api-secret": "mock-sendspark-secret"}
ENGAGESPARK = {**JSON, "authorization": "Token mock-engagespark-token"}
PLACE = "/engagespark/v1/organizations/1"
FILES = {**ENGAGESPARK, "content-type": "multipart/form-data; boundary=x"}


def people(count: int) -> list[dict[str, Any]]:
    return [{"fullPhoneNumber": f"63917{1000000 + number}", "firstName": "Ann"} for number in range(count)]


def file_parts(count: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="upload"; filename="%d.txt"\r\n\r\nx\r\n'
    return b"".join(head % number for number in range(count)) + b"--x--\r\n"


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "status"),
    [
        ("POST", f"{PLACE}/files/?category=a", file_parts(1000), FILES, 200),
        ("POST", f"{PLACE}/files/?category=a", file_parts(40_000), FILES, 400),
        ("GET", f"{PLACE}/contacts/?size=1000", b"", ENGAGESPARK, 200),
        ("GET", f"{PLACE}/messages/?page=1&size=1000&search=nobody", b"", ENGAGESPARK, 200),
        (
            "POST",
            "/engagespark/api/v1/engagements/1001/contacts/",
            people(1000),
            ENGAGESPARK,
            201,
        ),
    ],
    ids=["files", "too many parts", "contacts", "history", "subscriptions"],
)
def test_engagespark_makes_way_for_others(
    method: str, target: str, body: Any, headers: dict[str, str], status: int
) -> None:
    app = create_app()
    if method == "GET":
        prepare = {
            "organization_id": 1,
            "message": "Hi",
            "mobile_numbers": [p["fullPhoneNumber"] for p in people(900)],
        }
        settled(app, "POST", "/engagespark/api/v1/messages/sms", prepare, ENGAGESPARK)
    if method == "POST":  # which builds the schemas
        settled(app, method, target, file_parts(1) if isinstance(body, bytes) else people(1), headers)
    response, profile = asyncio.run(profiled(app, method, target, body, headers))
    assert response.status == status, response.body[:500]
    assert profile.most < MOST_CALLS


PROSPECTS = [{"contactName": "Ann", "contactEmail": f"u{number}@example.com"} for number in range(5000)]


@pytest.mark.parametrize("kind", ["bulk", "one list", "read", "generate", "urls", "list", "time"])
def test_sendspark_makes_way_for_others(kind: str) -> None:
    app = create_app()
    place = "/v1/workspaces/mock-workspace/dynamics"
    made = settled(app, "POST", f"/sendspark{place}", {"name": "Many"}, SENDSPARK)
    assert made.status == 200, made.body
    id = made.json()["_id"]
    asked: dict[str, tuple[str, str, Any]] = {
        "bulk": (
            "POST",
            f"{place}/{id}/prospects/bulk",
            {"prospectList": PROSPECTS, "processAndAuthorizeCharge": True},
        ),
        "one list": ("PATCH", f"/v2/workspaces/mock-workspace/dynamics/{id}", {"prospectList": PROSPECTS}),
        "read": ("GET", f"{place}/{id}", b""),
        "generate": ("POST", f"{place}/{id}/bulk", {"processAndAuthorizeCharge": True}),
        "urls": ("PATCH", f"{place}/{id}/prospects/urls/bulk", {"extractUrlFromEmail": True}),
        "list": ("GET", f"{place}?projectionType=DETAILED", b""),
    }
    if kind not in ("bulk", "one list"):
        method, path, body = asked["bulk" if kind == "time" else "one list"]
        assert settled(app, method, f"/sendspark{path}", body, SENDSPARK).status == 200
    if kind == "time":
        assert settled(app, "POST", "/_mock/clock", {"advance": 0}).status == 200  # which builds the schemas
        response, profile = asyncio.run(profiled(app, "POST", "/_mock/clock", {"advance": 200}))
    else:
        method, path, body = asked[kind]
        response, profile = asyncio.run(profiled(app, method, f"/sendspark{path}", body, SENDSPARK))
    assert response.status == 200, response.body[:500]
    assert profile.total > 40_000
    assert profile.most < MOST_CALLS


def test_too_many_elements_are_refused_before_they_are_read() -> None:
    body = b'{"recipients":[' + b"{}," * 5_000_000 + b"{}]}"
    response, profile = asyncio.run(profiled(create_app(), "POST", TRANSMISSIONS, body, SPARKPOST))
    assert (response.status, response.error) == (413, "too_large")
    assert profile.total < MOST_CALLS


@pytest.mark.parametrize(
    "recipients",
    [
        ["," * 800_000, '\\",\\\\' * 300_000],
        [{"address": "a@example.com", "tags": ["}, {" * 500_000, *("[,]" for _ in range(20_001))]}],
        [[[1] * 400_000], [[2] * 400_000]],
        [{f"n{half}{number}": {"a": 1, "b": 2} for number in range(40_000)} for half in range(2)],
    ],
    ids=["strings", "tags", "deeper elements", "names in several objects"],
)
def test_only_elements_are_counted(recipients: list[Any]) -> None:
    response, profile = asyncio.run(
        profiled(create_app(), "POST", TRANSMISSIONS, {"recipients": recipients, "content": CONTENT}, SPARKPOST)
    )
    assert response.status in (200, 400), response.body[:500]
    assert profile.most < MOST_CALLS


@pytest.mark.parametrize(
    "recipients",
    [[{}, *["x"] * 750_001], [{f"n{number}": 1 for number in range(75_001)}]],
    ids=["elements", "names"],
)
def test_too_many_elements_or_names_are_refused(recipients: list[Any]) -> None:
    response, profile = asyncio.run(
        profiled(create_app(), "POST", TRANSMISSIONS, {"recipients": recipients, "content": CONTENT}, SPARKPOST)
    )
    assert (response.status, response.error) == (413, "too_large")
    assert profile.most < MOST_CALLS


def test_large_request_is_freed_in_steps() -> None:
    class Row:
        gone = 0

        def __del__(self) -> None:
            Row.gone += 1

    value: dict[str, Any] = {"rows": [Row() for _ in range(3500)], "more": {"deeper": [Row() for _ in range(2500)]}}
    kept = value["rows"][:10]
    held = Held(value)
    del value
    assert Row.gone == 0
    before, most = 0, 0
    for _ in held.let_go():
        before, most = Row.gone, max(most, Row.gone - before)
    assert Row.gone == 6000 - len(kept)
    assert most <= 1000


def test_account_opened_during_a_reset_of_all_stays() -> None:
    app = create_app()
    open_accounts(app)
    resetting = app.sandbox.reset_in_steps()
    next(resetting)
    new = app.sandbox.accounts.open("mock-1", "sparkpost")
    complete(resetting)
    assert list(app.sandbox.accounts) == [new]


def test_unfinished_job_continues_in_steps_before_a_link_is_followed() -> None:
    app = create_app()
    account = app.sandbox.accounts.open("mock-far", "sparkpost")
    assert account is not None
    account.clock.freeze(1_800_000_000)
    seen: list[int] = []

    def job() -> Steps[None]:
        for number in range(5):
            seen.append(number)
            yield

    account.clock.call_at(1_800_000_000, job)
    ctx = app.sandbox.context("sparkpost", app.sandbox.anonymous)
    entering = ctx.enter(account)
    next(entering)
    assert seen == [0]
    complete(entering)
    assert seen == [0, 1, 2, 3, 4]
    assert ctx.account is account


def test_template_of_too_many_tags_is_refused_before_it_is_read() -> None:
    body = {"recipients": recipients(1), "content": {**CONTENT, "text": "{{a}}" * 20_001}}
    response, profile = asyncio.run(profiled(create_app(), "POST", TRANSMISSIONS, body, SPARKPOST))
    assert response.status == 422
    assert profile.total < MOST_CALLS


def test_service_is_imported_in_a_thread_by_its_first_requests() -> None:
    app = create_app()
    loading = app.sandbox.loading("sparked")
    load, threads = loading.at_once, []

    def loaded_here() -> None:
        threads.append(get_ident())
        load()

    loading.at_once = loaded_here

    async def first_requests() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await asyncio.gather(*(client.get("/sparked/api/v1/webhooks") for _ in range(3)))

    assert [response.status_code for response in asyncio.run(first_requests())] == [401] * 3
    assert len(threads) == 1
    assert threads[0] != get_ident()


def test_services_are_imported_in_a_thread_for_the_control_api() -> None:
    app = create_app()
    first = call(app, "GET", "/_mock/services")
    assert first.later is not None
    assert [row["loaded"] for row in asyncio.run(_wait(first)).json()["services"]] == [False] * 5
    assert all(map(app.sandbox.loaded, app.sandbox.service_names))


def test_small_request_is_answered_at_once() -> None:
    app = create_app()
    small = call(app, "POST", TRANSMISSIONS, {"recipients": recipients(50), "content": CONTENT}, SPARKPOST)
    assert (small.status, small.later) == (200, None)


def test_small_request_is_answered_during_a_large_one() -> None:
    app = create_app()
    large = call(app, "POST", TRANSMISSIONS, {"recipients": recipients(3000), "content": CONTENT}, SPARKPOST)

    async def both() -> tuple[int, Response]:
        assert large.later is not None
        task = asyncio.create_task(_wait(large))
        for _ in range(40):
            await asyncio.sleep(0)
        found = call(app, "GET", "/_mock/messages?limit=0", b"")
        if found.later is not None:
            found = await _wait(found)
        return found.json()["total"], await task

    seen, response = asyncio.run(both())
    assert 0 < seen < 3000
    assert response.json()["results"]["total_accepted_recipients"] == 3000


def test_reset_ends_a_large_request_for_good() -> None:
    app = create_app()
    large = call(app, "POST", TRANSMISSIONS, {"recipients": recipients(3000), "content": CONTENT}, SPARKPOST)
    assert settled(app, "POST", "/_mock/reset").status == 200
    assert large.later is not None
    ended = large.later.complete()
    assert ended is not None
    assert (ended.status, ended.error) == (503, "unavailable")
    assert settled(app, "GET", "/_mock/messages").json()["total"] == 0


def test_call_within_a_running_loop_completes_at_once() -> None:
    app = create_app()
    body = {"recipients": recipients(3000), "content": CONTENT}

    async def within() -> httpx.Response:
        with httpx.Client(transport=Transport(app), base_url="https://api.sparkpost.com") as client:
            return client.post("/api/v1/transmissions", json=body, headers={"authorization": "mock-sparkpost-key"})  # noqa: ASYNC212

    assert asyncio.run(within()).json()["results"]["total_accepted_recipients"] == 3000


class Shape(Body):
    rows: Any = None
    more: Any = None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.text(max_size=8)
    | st.sampled_from(["},{", '"},{"', ","]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=40,
)


@given(VALUES, VALUES, st.sampled_from([None, 2]), st.integers(1, 40))
def test_large_json_reads_the_same_as_small_json(rows: Any, more: Any, indent: int | None, size: int) -> None:
    body = json.dumps({"rows": rows, "more": more, "unknown": 1}, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_json, "PIECE", size)
        patch.setattr(large_json, "ELEMENTS_A_STEP", 1)
        patch.setattr(large_json, "_DEPTH", 50)
        found = complete(large_json.decoded(body, TypeAdapter(Shape)))
    known = {"rows": rows, "more": more}
    assert {name: found.get(name) for name in known} == known


@given(VALUES, st.integers(0, 400), st.sampled_from([b",", b"]", b"x", b"}", b'"', b""]), st.integers(1, 40))
def test_large_json_refuses_the_same_as_small_json(value: Any, at: int, wrong: bytes, size: int) -> None:
    whole = json.dumps([value, value, 1]).encode()
    body = whole[:at] + wrong + whole[at + 1 :]
    try:
        expected = from_json(body, allow_inf_nan=False)
    except ValueError:
        expected = Invalid
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_json, "PIECE", size)
        patch.setattr(large_json, "ELEMENTS_A_STEP", 1)
        patch.setattr(large_json, "_DEPTH", 50)
        try:
            found = complete(large_json.decoded_whole(body))
        except Invalid:
            found = Invalid
    assert found == expected
