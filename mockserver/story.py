"""One story in all five services: the same people and companies, each where that service would know them.

The people are the creators of the account's Sparked integration. They are a recipient list and a first mail in
SparkPost, a mailing list with variables in SendPulse, contacts with a text message in engageSPARK, prospects of a video
campaign in Sendspark. Everything is made through the services' own APIs, so it is what software would have made.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import UserError
from .client import Client

if TYPE_CHECKING:
    import httpx

COMPANIES = ("Cinder Coffee", "Harbour Bikes", "Larch & Pine", "Nimbus Studio", "Quarry Foods", "Velvet Audio")
TITLES = ("Founder", "Head of Marketing", "Brand Manager", "Producer", "Partnerships Lead", "Community Manager")
LIST_NAME = "Story customers"
LIST_ID = "story-customers"
TEMPLATE_ID = "story-welcome"

READY = {
    "sparkpost": "mock-sparkpost-key",
    "sendpulse": "mock-sendpulse-id",
    "engagespark": "mock-engagespark-token",
    "sendspark": "mock-sendspark-key",
    "sparked": "mock-sparked-id",
}


class StoryError(UserError):
    """A service did not take its part of the story."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people, as all services know them."""

    name: str
    email: str
    phone: str
    company: str
    title: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


def tell(url: str, account: str | None = None) -> list[Person]:
    """Puts the story into a running sandbox, into the ready accounts or into one account; answers its people."""
    import httpx

    accounts = dict.fromkeys(READY, account) if account else READY
    people = _people(Client(url), accounts["sparked"] or "")
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        _sparkpost(http, accounts["sparkpost"] or "", people)
        _sendpulse(http, accounts["sendpulse"] or "", people)
        _engagespark(http, accounts["engagespark"] or "", people)
        _sendspark(http, accounts["sendspark"] or "", people)
    return people


def _people(client: Client, credential: str) -> list[Person]:
    creators = client.simulate("sparked", "creators", credential)["creators"]
    people = []
    for index, creator in enumerate(creators):
        company = COMPANIES[index % len(COMPANIES)]
        email = f"{_slug(creator['name'], '.')}@{_slug(company, '-')}.example"
        # Numbers of a Philippine operator that the engageSPARK sandbox knows; the digits are nobody's business.
        people.append(Person(creator["name"], email, f"+63917100{index:04d}", company, TITLES[index % len(TITLES)]))
    return people


def _sparkpost(http: httpx.Client, key: str, people: list[Person]) -> None:
    recipients = [
        {
            "address": {"email": person.email, "name": person.name},
            "substitution_data": {"first_name": person.first_name, "company": person.company},
        }
        for person in people
    ]
    content = {
        "from": {"name": "The Acme team", "email": "team@mail.acme.example"},
        "subject": "{{ first_name }}, your video is ready",
        "html": "<p>Hello {{ first_name }}, we made something for {{ company }}.</p>",
        "text": "Hello {{ first_name }}, we made something for {{ company }}.",
    }
    base, headers = "/sparkpost/api/v1", {"Authorization": key}
    _send(
        http, "POST", f"{base}/recipient-lists", headers, {"id": LIST_ID, "name": LIST_NAME, "recipients": recipients}
    )
    template = {"id": TEMPLATE_ID, "name": "Story welcome", "published": True, "content": content}
    _send(http, "POST", f"{base}/templates", headers, template)
    mailing = {"campaign_id": "story", "recipients": {"list_id": LIST_ID}, "content": {"template_id": TEMPLATE_ID}}
    _send(http, "POST", f"{base}/transmissions", headers, mailing)


def _sendpulse(http: httpx.Client, credential: str, people: list[Person]) -> None:
    headers = {"Authorization": f"Bearer {credential}"}
    made = _send(http, "POST", "/sendpulse/addressbooks", headers, {"bookName": LIST_NAME})
    emails = [
        {"email": person.email, "variables": {"name": person.name, "company": person.company, "title": person.title}}
        for person in people
    ]
    _send(http, "POST", f"/sendpulse/addressbooks/{made['id']}/emails", headers, {"emails": emails})


def _engagespark(http: httpx.Client, token: str, people: list[Person]) -> None:
    headers = {"Authorization": f"Token {token}"}
    for person in people:
        contact = {"fullPhoneNumber": person.phone, "firstName": person.first_name, "lastName": person.last_name}
        _send(http, "POST", "/engagespark/v1/organizations/1/contacts/", headers, contact)
        text = {"orgId": 1, "from": "ACME", "fullPhoneNumber": person.phone, "message": "Hi {{contact.firstName}}!"}
        _send(http, "POST", "/engagespark/v1/sms/contact", headers, text)


def _sendspark(http: httpx.Client, key: str, people: list[Person]) -> None:
    headers = {"x-api-key": key, "x-api-secret": "mock-sendspark-secret"}
    base = "/sendspark/v1/workspaces/mock-workspace/dynamics"
    campaign = _send(http, "POST", base, headers, {"name": "Story"})
    prospects = [
        {
            "contactName": person.name,
            "contactEmail": person.email,
            "company": person.company,
            "jobTitle": person.title,
            "backgroundUrl": f"https://{person.email.partition('@')[2]}",
        }
        for person in people
    ]
    bulk = {"processAndAuthorizeCharge": True, "prospectList": prospects}
    _send(http, "POST", f"{base}/{campaign['_id']}/prospects/bulk", headers, bulk)


def _send(http: httpx.Client, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
    answer = http.request(method, path, headers=headers, json=body)
    if answer.status_code >= 400:
        raise StoryError(f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
    return answer.json()


def _slug(text: str, joint: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return joint.join(re.findall(r"[a-z0-9]+", plain))
