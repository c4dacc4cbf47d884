"""Property tests of every operation, and of mailing lists."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from sparkbox.app import create_app
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state.config import Settings
from sparkbox.services.sendpulse import SERVICE
from sparkbox.services.sendpulse.bulk_email.models import BLOCKED, SENDABLE, UNSUBSCRIBED
from tests.services.fuzz import UNFILLED, Fuzz, holds
from tests.services.sendpulse.api import KEY, Api, encode

EMAILS = ["ann@example.org", "bob@example.org", "eve@example.org"]
SHARED = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
LIST = SHARED.new_list("Readers", *EMAILS)
FUZZ = Fuzz(
    SERVICE,
    [(b"authorization", f"Bearer {KEY}".encode())],
    (*EMAILS, encode("ann@example.org"), "2026-03-01", "1", "force", str(LIST), "sender@example.com"),
    known={"id": str(LIST), "email": EMAILS[0]},
    names=("email", "name", "id", "variables", "value", "subject", "text", "html", "from", "to", "cc", "bcc",
           "template", "reply_to", "attachments_binary"),
)  # fmt: skip


def is_in_shape(operation: Operation, response: Response) -> None:
    fields = response.json()
    assert set(fields) in ({"message", "error_code"}, {"message", "error", "error_description"}, {"message", "errors"})
    assert fields["message"]
    assert not UNFILLED.search(fields["message"])


@settings(max_examples=800, deadline=None)
@given(FUZZ.requests())
def test_any_request_gets_the_vendors_shape(sent: tuple[Operation, Request]) -> None:
    holds(SHARED.app.dispatcher("sendpulse"), sent, is_in_shape)


names = st.sampled_from(["Readers", "Fans", "Friends"])
emails = st.sampled_from([*EMAILS, "Zoe@Example.org"])
variables = st.dictionaries(
    st.sampled_from(["city", "age", "born"]),
    st.one_of(st.integers(-5, 5), st.sampled_from(["Kyiv", "2026-03-01"]), st.just(1.5)),
    max_size=3,
)


class MailingLists(RuleBasedStateMachine):
    """Mailing lists and their e-mails against plain dictionaries."""

    lists = Bundle("lists")

    def __init__(self) -> None:
        super().__init__()
        self.api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
        self.names: dict[int, str] = {}
        self.contacts: dict[int, dict[str, dict[str, Any]]] = {}
        self.blocked: set[str] = set()

    def teardown(self) -> None:
        self.api.http.close()

    def status(self, contact: dict[str, Any], email: str) -> int:
        return BLOCKED if email in self.blocked else int(contact["status"])

    @rule(target=lists, name=names, number=st.integers(1, 2))
    def create(self, name: str, number: int) -> int:
        name = f"{name} {number}"
        response = self.api.send("POST", "/addressbooks", {"bookName": name})
        if name in self.names.values():
            assert response.json()["error_code"] == 203
            return next(id for id, known in self.names.items() if known == name)
        id: int = response.json()["id"]
        assert id not in self.names
        self.names[id], self.contacts[id] = name, {}
        return id

    @rule(id=lists, name=names)
    def rename(self, id: int, name: str) -> None:
        response = self.api.send("PUT", f"/addressbooks/{id}", {"name": name})
        if id not in self.names:
            assert response.json()["error_code"] == 213
        elif any(known == name and other != id for other, known in self.names.items()):
            assert response.json()["error_code"] == 203
        else:
            self.names[id] = name

    @rule(id=consumes(lists))
    def delete(self, id: int) -> None:
        response = self.api.send("DELETE", f"/addressbooks/{id}")
        assert (response.status_code == 200) == (self.names.pop(id, None) is not None)
        self.contacts.pop(id, None)

    @rule(id=lists, email=emails, variables=variables, keep=st.booleans())
    def add(self, id: int, email: str, variables: dict[str, Any], keep: bool) -> None:
        body = {"emails": [{"email": email, "variables": variables}], "dont_update": keep}
        response = self.api.send("POST", f"/addressbooks/{id}/emails", body)
        assert (response.status_code == 200) == (id in self.names)
        known = self.contacts.get(id, {})
        if email.lower() not in known:
            known[email.lower()] = {"status": 0, "variables": dict(variables), "phone": None}
        elif not keep:
            known[email.lower()]["variables"].update(variables)

    @rule(id=lists, email=emails)
    def remove(self, id: int, email: str) -> None:
        response = self.api.send("DELETE", f"/addressbooks/{id}/emails", {"emails": [email]})
        assert (response.status_code == 200) == (self.contacts.get(id, {}).pop(email.lower(), None) is not None)

    @rule(id=lists, email=emails)
    def unsubscribe(self, id: int, email: str) -> None:
        response = self.api.send("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": [email]})
        contact = self.contacts.get(id, {}).get(email.lower())
        active = contact is not None and self.status(contact, email.lower()) in SENDABLE
        assert (response.status_code == 200) == active
        if contact is not None and active:
            contact["status"] = UNSUBSCRIBED

    @rule(id=lists, email=emails, variables=variables)
    def update(self, id: int, email: str, variables: dict[str, Any]) -> None:
        body = {"email": email, "variables": [{"name": name, "value": value} for name, value in variables.items()]}
        response = self.api.send("POST", f"/addressbooks/{id}/emails/variable", body)
        contact = self.contacts.get(id, {}).get(email.lower())
        assert (response.status_code == 200) == (contact is not None)
        if contact is not None:
            contact["variables"].update(variables)

    @rule(id=lists, email=emails, phone=st.integers(1_000_000, 9_999_999))
    def call(self, id: int, email: str, phone: int) -> None:
        response = self.api.send("PUT", f"/addressbooks/{id}/phone", {"email": email, "phone": str(phone)})
        contact = self.contacts.get(id, {}).get(email.lower())
        assert (response.status_code == 200) == (contact is not None)
        if contact is not None:
            contact["phone"] = phone

    @rule(email=emails)
    def remove_everywhere(self, email: str) -> None:
        response = self.api.send("DELETE", f"/emails/{email}")
        removed = [known.pop(email.lower(), None) for known in self.contacts.values()]
        assert (response.status_code == 200) == any(contact is not None for contact in removed)

    @rule(email=emails, block=st.booleans())
    def blacklist(self, email: str, block: bool) -> None:
        self.api.call("POST" if block else "DELETE", "/blacklist", {"emails": encode(email)})
        (self.blocked.add if block else self.blocked.discard)(email.lower())

    @invariant()
    def lists_are_as_they_should_be(self) -> None:
        found = self.api.call("GET", "/addressbooks")
        assert {row["id"]: row["name"] for row in found} == self.names
        for row in found:
            known = self.contacts[row["id"]]
            active = sum(self.status(contact, email) in SENDABLE for email, contact in known.items())
            assert (row["all_email_qty"], row["active_email_qty"]) == (len(known), active)
            assert row["inactive_email_qty"] == len(known) - active
            phones = [row[f"{kind}_phones_quantity"] for kind in ("new", "active", "exc")]
            assert sum(phones) == sum(bool(contact["phone"]) for contact in known.values())
            assert phones[2] == sum(
                bool(contact["phone"]) and contact["status"] not in SENDABLE for contact in known.values()
            )

    @invariant()
    def emails_are_as_they_should_be(self) -> None:
        for id, known in self.contacts.items():
            rows = self.api.call("GET", f"/addressbooks/{id}/emails")
            assert [row["email"] for row in rows] == list(known)
            for row in rows:
                contact = known[row["email"]]
                assert (row["variables"], row["phone"]) == (contact["variables"], contact["phone"])
                assert row["status"] == self.status(contact, row["email"])

    @invariant()
    def an_email_is_where_its_lists_say(self) -> None:
        found = self.api.call("POST", "/emails", {"emails": EMAILS})
        for email in EMAILS:
            holding = [id for id, known in self.contacts.items() if email in known]
            assert [row["book_id"] for row in found[email]] == holding


TestMailingLists = MailingLists.TestCase
TestMailingLists.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@settings(max_examples=200, deadline=None)
@given(st.one_of(FUZZ.values, st.integers(-(2**63), 2**63 - 1)))
def test_variables_come_back_as_they_were_sent_or_are_refused(value: Any) -> None:
    id = SHARED.new_list(SHARED.ctx.ids.hex(32))
    entry = {"email": EMAILS[0], "variables": {"v": value}}
    response = SHARED.send("POST", f"/addressbooks/{id}/emails", {"emails": [entry]})
    if isinstance(value, (dict, list)):
        assert response.json()["message"] == "Argument emails.*.variables is invalid"
    else:
        kept = SHARED.call("GET", f"/addressbooks/{id}/emails")[0]["variables"]["v"]
        known = {None: "", True: "true", False: "false"}
        assert kept == (known[value] if value is None or isinstance(value, bool) else value)
    SHARED.call("DELETE", f"/addressbooks/{id}")
