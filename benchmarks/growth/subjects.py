"""What is measured as it grows: collections of each service, events, accounts and logs, see :mod:`.growth`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.growth.inprocess import CONTROL, ENGAGESPARK, Cost, InProcess, Meter
from sparkbox.core.request.http import Headers
from sparkbox.core.state.store import Collection, replace

PART = 10_000
"""Of what is sent to fill a collection."""


@dataclass(frozen=True)
class Case:
    """One request to be measured. Where ``target`` or ``body`` is a function, it gets the number of the repetition."""

    name: str
    method: str
    target: str | Callable[[int], str]
    body: Any = b""
    headers: Headers | None = None
    before: Callable[[int], object] | None = None
    """Done before each repetition, and not measured."""
    once: bool = False
    may_grow: bool = False
    """Whether it has to look at all that is kept."""


class Work(NamedTuple):
    """Something else to be measured, once."""

    name: str
    work: Callable[[], Cost]
    may_grow: bool = True


Subject = Callable[[InProcess, int], Iterator[Case | Work]]
"""Fills a sandbox with so many things, then yields what is to be measured."""


def checked(name: str, cost: Cost) -> Cost:
    """Return the cost of a request that must have succeeded."""
    if cost.status >= 400:
        raise RuntimeError(f"{name}: {cost.status}")
    return cost


# SparkPost.

NOON, DAY_AFTER = 1_772_366_400.0, "2026-03-02T12:00:00+00:00"
TEMPLATE = {"from": "team@mail.acme.example", "subject": "Welcome", "html": "<p>Hello {{ name }}</p>" * 20}


def templates(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.services.sparkpost.templates.models import Template

    path = "/sparkpost/api/v1/templates"
    sandbox.send("POST", path, {"id": "t0", "published": True, "content": TEMPLATE})
    _fill(sandbox.store("sparkpost", "mock-sparkpost-key")[Template, 0], "t0", size)
    yield Case("get a template", "GET", f"{path}/t{size // 2}")
    new: Callable[[int], Any] = lambda n: {"id": f"new{n}", "content": TEMPLATE}  # noqa: E731
    yield Case("create a template", "POST", path, new)
    yield Case("update a template", "PUT", f"{path}/t{size // 2}", lambda n: {"content": TEMPLATE, "name": f"n{n}"})
    yield Case("delete a template", "DELETE", lambda n: f"{path}/new{n}")
    yield Case("list all templates (at most 50,000)", "GET", path, may_grow=True)


def suppressions(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    path = "/sparkpost/api/v1/suppression-list"
    for start in range(0, size, 10_000):
        rows = [{"recipient": _email(n), "type": "transactional"} for n in range(start, min(size, start + 10_000))]
        sandbox.send("PUT", path, {"recipients": rows})
    one = f"{path}/{_email(size // 2)}"
    yield Case("get a suppression", "GET", one)
    yield Case("put a suppression", "PUT", one, {"type": "non_transactional"})
    put: Callable[[int], Any] = lambda n: sandbox.send("PUT", f"{path}/x{n}@a.example", {"type": "transactional"})  # noqa: E731
    yield Case("delete a suppression", "DELETE", lambda n: f"{path}/x{n}@a.example", {}, before=put)
    yield Case("first page of suppressions", "GET", f"{path}?per_page=100", may_grow=True)
    yield Case("first page after a change", "GET", f"{path}?per_page=100", before=put, may_grow=True)
    yield Case("last page of suppressions", "GET", f"{path}?per_page=100&page={max(size // 100, 1)}", may_grow=True)
    yield Case("suppressions of a domain", "GET", f"{path}?per_page=100&domain=nowhere.example", may_grow=True)
    yield Case("summary of suppressions", "GET", f"{path}/summary", may_grow=True)


def recipient_lists(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.services.sparkpost.recipient_lists.recipient_lists import RecipientList

    path = "/sparkpost/api/v1/recipient-lists"
    people = [{"address": {"email": "wilma@flintstone.example"}}]
    sandbox.send("POST", path, {"id": "t0", "recipients": people})
    _fill(sandbox.store("sparkpost", "mock-sparkpost-key")[RecipientList, 0], "t0", size)
    yield Case("get a recipient list (of a tenth)", "GET", f"{path}/t{size // 2}")
    yield Case("update a recipient list", "PUT", f"{path}/t{size // 2}", {"recipients": people})
    yield Case("list all recipient lists", "GET", path, may_grow=True)


def events(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    _transmit(sandbox, size // 2)
    _advance(sandbox)
    path, long_ago = "/sparkpost/api/v1", "from=2020-01-01T00:00"
    metrics = f"{path}/metrics/deliverability?{long_ago}&metrics=count_sent,count_accepted"
    found = f"{path}/events/message?per_page=100"
    yield Case("first page of events", "GET", found, may_grow=True)
    yield Case("events of one recipient", "GET", f"{found}&recipients={_email(7)}", may_grow=True)
    yield Case("events with words in the subject", "GET", f"{found}&subjects=welcome", may_grow=True)
    yield Case(
        "message-events, last page",
        "GET",
        f"{path}/message-events?per_page=100&page={max(size // 100, 1)}",
        may_grow=True,
    )
    yield Case("metrics, first poll", "GET", metrics, once=True, may_grow=True)
    yield Case("metrics, later polls", "GET", metrics, may_grow=True)
    yield Case("metrics by domain", "GET", metrics.replace("y?", "y/domain?"), may_grow=True)
    yield Case("metrics over time", "GET", metrics.replace("y?", "y/time-series?"), may_grow=True)


def transmissions(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    yield Work("transmission to so many recipients", lambda: _transmit(sandbox, size))
    yield Work("advance the clock over so many deliveries", lambda: _advance(sandbox))


def scheduled(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    path = "/sparkpost/api/v1/transmissions"
    sandbox.send("GET", "/sparkpost/api/v1/account")
    sandbox.account().clock.freeze(NOON)
    body = {"recipients": [{"address": _email(1)}], "content": TEMPLATE, "options": {"start_time": DAY_AFTER}}
    ids = [sandbox.send("POST", path, body)["results"]["id"] for _ in range(max(size - 100, 50))]
    yield Case("schedule a transmission", "POST", path, body)
    yield Case("get a scheduled transmission", "GET", f"{path}/{ids[-1]}")
    yield Case("delete a scheduled transmission", "DELETE", lambda n: f"{path}/{ids[n]}")
    yield Case("list the scheduled transmissions", "GET", path, may_grow=True)


def webhooks(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.services.sparkpost.webhooks.models import Webhook

    sandbox.send("GET", "/sparkpost/api/v1/templates")
    hook = Webhook(
        id="hook", name="all", target="http://127.0.0.1:9/", events=("injection", "delivery"), active=True,
        subaccount=-1, exceptions=(), auth_type="none", username="", password="", tokens_url="", tokens_body=b"",
        auth_token="", custom_headers=(),
    )  # fmt: skip
    sandbox.store("sparkpost", "mock-sparkpost-key")[Webhook].put(hook)
    yield Work("transmission to a tenth, with a webhook", lambda: _transmit(sandbox, size // 10))
    yield Work("its deliveries, with a webhook", lambda: _advance(sandbox))
    yield Case("list webhooks", "GET", "/sparkpost/api/v1/webhooks", may_grow=True)
    yield Case("status of a webhook's batches", "GET", "/sparkpost/api/v1/webhooks/hook/batch-status", may_grow=True)


# engageSPARK.


def contacts(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.services.engagespark.contacts.models import Contact, Namesakes

    path, key = "/engagespark/v1/organizations/1/contacts/", ENGAGESPARK
    first = sandbox.send("POST", path, {"fullPhoneNumber": "639170000000", "firstName": "Wilma"}, key)["id"]
    store = sandbox.store("engagespark", "mock-engagespark-token")
    example = store[Contact].get(first)
    assert example is not None
    for _ in range(size - 1):
        id = store[Contact].next_id()
        number = str(639_170_000_000 + id)
        store[Contact].put(replace(example, id=id, number=number))
        store[Namesakes].put(Namesakes(number, (id,)))
    one = f"{path}{first + size // 2}/"
    yield Case("get a contact", "GET", one, headers=key)
    new: Callable[[int], Any] = lambda n: {"fullPhoneNumber": f"63918{n:07}", "firstName": "Fred"}  # noqa: E731
    yield Case("create a contact", "POST", path, new, key)
    yield Case("update a contact", "PUT", one, lambda n: {"firstName": f"Fred {n}"}, key)
    yield Case("first page of contacts", "GET", f"{path}?size=50", headers=key)
    yield Case("last page of contacts", "GET", f"{path}?size=50&page={max(size // 50, 1)}", headers=key)
    yield Case("contacts with a number", "GET", f"{path}?phonenumber=6391700{size // 2:05}", headers=key)
    yield Case("contacts with a name", "GET", f"{path}?size=50&search=nobody", headers=key, may_grow=True)
    wanted = "%7B%22field%22%3A%22lastName%22%2C%22op%22%3A%22is%22%2C%22value%22%3A%22x%22%7D"
    yield Case("contacts with a condition", "GET", f"{path}?size=50&conditions={wanted}", headers=key, may_grow=True)


# SendPulse.


def mailing_lists(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    key = sandbox.sendpulse()
    book = sandbox.send("POST", "/sendpulse/addressbooks", {"bookName": "Many"}, key)["id"]
    path = f"/sendpulse/addressbooks/{book}"
    people = [{"email": _email(n), "variables": {"plan": f"p{n % 1000}", "age": n % 80}} for n in range(size)]
    half = size // 2
    for start in range(0, half, PART):
        sandbox.send("POST", f"{path}/emails", {"emails": people[start : start + PART]}, key)
    last = size - size // 10
    for start in range(half, last, PART):
        sandbox.send("POST", f"{path}/emails", {"emails": people[start : min(last, start + PART)]}, key)
    rest = {"emails": people[last:]}
    yield Work("a tenth of them, for a mailing list", lambda: sandbox.measure("POST", f"{path}/emails", rest, key))
    add: Callable[[int], Any] = lambda n: {"emails": [f"new{n}@a.example"]}  # noqa: E731
    yield Case("add an e-mail to a mailing list", "POST", f"{path}/emails", add, key)
    yield Case("get an e-mail of a mailing list", "GET", f"{path}/emails/{_email(half)}", headers=key)
    yield Case("get an e-mail in all lists", "GET", f"/sendpulse/emails/{_email(half)}", headers=key)
    yield Case("delete an e-mail", "DELETE", f"{path}/emails", lambda n: {"emails": [_email(n)]}, key)
    yield Case("get a mailing list", "GET", path, headers=key)
    yield Case("first page of a mailing list", "GET", f"{path}/emails?limit=100", headers=key)
    yield Case(
        "last page of a mailing list", "GET", f"{path}/emails?limit=100&offset={max(size - 200, 0)}", headers=key
    )
    yield Case(
        "last page, newest first", "GET", f"{path}/emails?limit=100&offset={max(size - 200, 0)}&order=desc", headers=key
    )
    yield Case(
        "last page of the active ones",
        "GET",
        f"{path}/emails?limit=100&offset={max(size - 200, 0)}&active=1",
        headers=key,
        may_grow=True,
    )
    yield Case("e-mails with a variable's value", "GET", f"{path}/variables/plan/p7", headers=key, may_grow=True)
    yield Case("forget a mailing list", "DELETE", path, headers=key, once=True, may_grow=True)


def many_lists(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.services.sendpulse.bulk_email.models import MailingList

    key, path = sandbox.sendpulse(), "/sendpulse/addressbooks"
    book = sandbox.send("POST", path, {"bookName": "First"}, key)["id"]
    emails = {"emails": list(map(_email, range(5)))}
    sandbox.send("POST", f"{path}/{book}/emails", emails, key)
    lists = sandbox.store("sendpulse", "mock-sendpulse-id")[MailingList]
    example = lists.get(book)
    assert example is not None
    for _ in range(size):
        lists.put(replace(example, id=lists.next_id()))
    yield Case("get an e-mail beside many lists", "GET", f"/sendpulse/emails/{_email(3)}", headers=key)
    yield Case("add an e-mail beside many lists", "POST", f"{path}/{book}/emails", emails, key)
    yield Case("create a mailing list", "POST", path, lambda n: {"bookName": f"New {n}"}, key)
    yield Case("last page of mailing lists", "GET", f"{path}?limit=100&offset={max(size - 200, 0)}", headers=key)


def blacklists(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    key, path = sandbox.sendpulse(), "/sendpulse/blacklist"
    listed = {"emails": base64.b64encode(",".join(map(_email, range(size))).encode()).decode()}
    yield Work("blacklist so many e-mails", lambda: sandbox.measure("POST", path, listed, key))
    one: Callable[[int], Any] = lambda n: {"emails": base64.b64encode(f"new{n}@a.example".encode()).decode()}  # noqa: E731
    yield Case("blacklist one", "POST", path, one, key)
    yield Case("take one from the blacklist", "DELETE", path, one, key)
    yield Case("last page of the blacklist", "GET", f"{path}?limit=100&offset={max(size - 200, 0)}", headers=key)
    yield Case("all of the blacklist", "GET", path, headers=key, may_grow=True)
    book = sandbox.send("POST", "/sendpulse/addressbooks", {"bookName": "Few"}, key)["id"]
    for start in range(0, size, PART):
        some = {"emails": list(map(_email, range(start, min(size, start + PART))))}
        sandbox.send("POST", f"/sendpulse/addressbooks/{book}/emails", some, key)
    yield Case("a mailing list beside the blacklist", "GET", f"/sendpulse/addressbooks/{book}", headers=key)


def unsubscribed(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    key, path = sandbox.sendpulse(), "/sendpulse/smtp/unsubscribe"
    rows = [{"email": _email(n), "comment": "asked"} for n in range(size)]
    for start in range(0, size, PART):
        sandbox.send("POST", path, {"emails": rows[start : start + PART]}, key)
    more = [{"email": f"more{n}@a.example"} for n in range(size // 3)]
    yield Work("unsubscribe a third of so many", lambda: sandbox.measure("POST", path, {"emails": more}, key))
    yield Case("unsubscribe one", "POST", path, lambda n: {"emails": [{"email": f"new{n}@a.example"}]}, key)
    yield Case("find an unsubscribed one", "GET", f"{path}/search?email={_email(7)}", headers=key)
    yield Case("last page of the unsubscribed", "GET", f"{path}?limit=100&offset={max(size - 200, 0)}", headers=key)
    yield Case("all of the unsubscribed", "GET", path, headers=key, may_grow=True)


# The sandbox.


def accounts(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    path = "/sparkpost/api/v1/templates"
    for number in range(max(20, size - 100)):
        sandbox.measure("GET", path, headers=[(b"authorization", f"mock-{number}".encode())])
    news = iter(range(size, 2 * size))
    yield Work(
        "first request of a new account",
        lambda: min(
            (
                sandbox.measure("GET", path, headers=[(b"authorization", f"mock-{next(news)}".encode())])
                for _ in range(9)
            ),
            key=lambda cost: cost.total,
        ),
    )
    yield Case("health", "GET", "/_mock/health", headers=CONTROL)
    yield Case("first page of accounts", "GET", "/_mock/accounts?limit=50", headers=CONTROL)
    yield Case(
        "last page of accounts",
        "GET",
        f"/_mock/accounts?limit=50&offset={max(size - 220, 0)}",
        headers=CONTROL,
        may_grow=True,
    )
    yield Case("one account", "GET", "/_mock/accounts?account=mock-7", headers=CONTROL)
    yield Case("messages of one account", "GET", "/_mock/messages?account=mock-7", headers=CONTROL)
    yield Case("messages of all accounts", "GET", "/_mock/messages?limit=10", headers=CONTROL)
    yield Case("the clock of all accounts", "GET", "/_mock/clock", headers=CONTROL, may_grow=True)
    yield Case(
        "change all accounts", "PATCH", "/_mock/accounts", {"rate_limits": False}, headers=CONTROL, may_grow=True
    )
    yield Case("reset an account", "POST", lambda n: f"/_mock/reset?account=mock-{n}", headers=CONTROL)
    yield Case("reset all", "POST", "/_mock/reset", headers=CONTROL, once=True, may_grow=True)


def logs(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    _transmit(sandbox, size)
    path = "/_mock/messages"
    yield Case("first page of messages", "GET", f"{path}?limit=50", headers=CONTROL)
    yield Case("last page of messages", "GET", f"{path}?limit=50&offset={size - 100}", headers=CONTROL, may_grow=True)
    yield Case("messages to one recipient", "GET", f"{path}?to={_email(7)}", headers=CONTROL, may_grow=True)
    yield Case("messages with a text", "GET", f"{path}?text=nowhere", headers=CONTROL, may_grow=True)
    newest = sandbox.app.sandbox.logs.messages.next_number() - 1
    yield Case("one message with its events", "GET", f"{path}/{newest}", headers=CONTROL, may_grow=True)
    yield Case("messages since an id", "GET", f"{path}?since={newest - 20}", headers=CONTROL)
    yield Case("first page of events of all services", "GET", "/_mock/events?limit=50", headers=CONTROL, may_grow=True)
    yield Case(
        "reset an account with full logs",
        "POST",
        "/_mock/reset?account=mock-sparkpost-key",
        headers=CONTROL,
        once=True,
        may_grow=True,
    )


def routes(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    from sparkbox.core.request.routing import Routes

    table: Routes[int] = Routes()
    for number in range(size):
        table.add("GET", f"/v1/section{number // 20}/things{number % 20}/{{id}}", number)

    def match() -> Cost:
        meter = Meter()
        path = f"/v1/section{size // 40}/things7/%s"
        meter.step(lambda: [table.match("GET", path % number) for number in range(1000)])
        return meter.cost(200)

    yield Work("1,000 routings (to a hundredth as many routes)", match)


def world(sandbox: InProcess, size: int) -> Iterator[Case | Work]:
    suppress = suppressions(sandbox, size)
    next(suppress)
    path, key = "/_mock/state", "account=mock-sparkpost-key"
    yield Case("first page of the state", "GET", f"{path}?{key}&limit=50", headers=CONTROL)
    yield Case("last page of the state", "GET", f"{path}?{key}&limit=50&offset={size - 60}", headers=CONTROL)
    copy: Callable[[int], Any] = lambda n: {"credential": f"mock-copy{n}", "from": "mock-sparkpost-key"}  # noqa: E731
    yield Case("fork an account", "POST", "/_mock/accounts", copy, headers=CONTROL)
    put = ("PUT", "/sparkpost/api/v1/suppression-list/x@a.example", {"type": "transactional"})
    copied = [(b"authorization", b"mock-copy0"), (b"content-type", b"application/json")]
    yield Case("first change in a fork", *put, headers=copied, once=True, may_grow=True)
    yield Case("reset a fork", "POST", "/_mock/reset?account=mock-copy1", headers=CONTROL, once=True, may_grow=True)
    yield Case(
        "reset a world", "POST", "/_mock/reset?account=mock-sparkpost-key", headers=CONTROL, once=True, may_grow=True
    )


SUBJECTS: dict[str, Subject] = {
    subject.__name__: subject
    for subject in (
        templates, suppressions, recipient_lists, events, transmissions, scheduled, webhooks,
        contacts, mailing_lists, many_lists, blacklists, unsubscribed, accounts, logs, world, routes,
    )
}  # fmt: skip
SCALES = {"recipient_lists": 10, "accounts": 10, "scheduled": 10, "routes": 100}
"""Those at a tenth or a hundredth of the sizes: there cannot be more."""


def _email(number: int) -> str:
    return f"user{number}@flintstone.example"


def _fill(collection: Collection[Any], first: str, size: int) -> None:
    """Copy a record under other ids."""
    example = collection.get(first)
    assert example is not None
    for number in range(1, size):
        collection.put(replace(example, id=f"t{number}"))


def _transmit(sandbox: InProcess, count: int) -> Cost:
    """Send to so many recipients; what happens to the mails then waits for the clock."""
    sandbox.send("GET", "/sparkpost/api/v1/account")
    sandbox.account().clock.freeze()
    people = [{"address": {"email": _email(n)}, "substitution_data": {"name": f"n{n}"}} for n in range(count)]
    body = {"campaign_id": "welcome", "recipients": people, "content": TEMPLATE}
    return checked("a transmission", sandbox.measure("POST", "/sparkpost/api/v1/transmissions", body))


def _advance(sandbox: InProcess) -> Cost:
    clock = sandbox.account().clock
    return sandbox.run(clock.turn(clock.now() + 3600, frozen=True))
