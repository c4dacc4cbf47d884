"""Demo data: the same people, companies and figures in all five services, made through their own APIs.

The people are the creators of the account's Sparked integration. Each of them has consented, works with the first
company of their media kit, and has planned a post about it; that company has looked at the kit.

- SparkPost has them as a recipient list, and has sent them a first mail.
- SendPulse has them as a mailing list with variables.
- engageSPARK has them as contacts, and has sent each a text message.
- Sendspark has them as prospects of a video campaign.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sparkbox import UserError
from sparkbox.client import Client
from sparkbox.services import SERVICES

if TYPE_CHECKING:
    import httpx

TITLES = ("Brand Ambassador", "Creative Partner", "Video Host", "Community Lead")
LIST_NAME = "Demo customers"
LIST_ID = "demo-customers"
TEMPLATE_ID = "demo-welcome"

READY = {info.name: info.ready[0][0] for info in SERVICES}


class DemoError(UserError):
    """A service rejected its part of the demo data."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people."""

    name: str
    email: str
    phone: str
    company: str
    title: str
    followers: int
    creator_id: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


def fill(url: str, account: str | None = None) -> list[Person]:
    """Put the demo data into the ready accounts of a running sandbox, or into one account. Return its people."""
    import httpx

    accounts = {service: f"{account}.{service}" for service in READY} if account else READY
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        client = Client(url)
        tokens = _tokens(client, accounts["sparked"])
        people = _people(http, tokens)
        _sparkpost(http, accounts["sparkpost"], people)
        _sendpulse(http, accounts["sendpulse"], people)
        _engagespark(http, accounts["engagespark"], people)
        _sendspark(http, accounts["sendspark"], people)
        _sparked(http, client, accounts["sparked"], people, tokens)
    return people


def _tokens(client: Client, credential: str) -> dict[str, str]:
    """Have every creator consent, and return their access tokens by id."""
    creators = [creator["id"] for creator in client.simulate("sparked", "creators", credential)["creators"]]
    return {id: client.simulate("sparked", "grant", credential, creator_id=id)["access_token"] for id in creators}


def _people(http: httpx.Client, tokens: dict[str, str]) -> list[Person]:
    """Return the creators, from their profiles and media kits."""
    people = []
    for index, (id, token) in enumerate(tokens.items()):
        headers = {"Authorization": f"Bearer {token}"}
        name = _send(http, "GET", f"/sparked/api/v1/creators/{id}", headers)["name"]
        kit = _send(http, "GET", f"/sparked/api/v1/mediakit/{id}", headers)
        company = kit["collaborations"][0]
        email = f"{_slug(name, '.')}@{_slug(company, '-')}.example"
        # Numbers of a Philippine operator that the engageSPARK sandbox knows.
        phone, title = f"+63917100{index:04d}", TITLES[index % len(TITLES)]
        people.append(Person(name, email, phone, company, title, kit["totals"]["followers"], id))
    return people


def _sparked(http: httpx.Client, client: Client, credential: str, people: list[Person], tokens: dict[str, str]) -> None:
    tomorrow = datetime.fromtimestamp(client.clock(credential)["unix"], UTC) + timedelta(days=1)
    for person in people:
        headers, base = {"Authorization": f"Bearer {tokens[person.creator_id]}"}, "/sparked/api/v1"
        kit = _send(http, "GET", f"{base}/mediakit/{person.creator_id}", headers)
        slot = {
            "platform": kit["channels"][0]["platform"],
            # None of a creator's initial slots is in this minute.
            "scheduled_at": tomorrow.strftime("%Y-%m-%dT%H:07:00Z"),
            "title": f"With {person.company}",
        }
        _send(http, "POST", f"{base}/gameplan/{person.creator_id}/slots", headers, slot)
        http.get(kit["url"], params={"brand": person.company}).raise_for_status()


def _sparkpost(http: httpx.Client, key: str, people: list[Person]) -> None:
    recipients = [
        {
            "address": {"email": person.email, "name": person.name},
            "substitution_data": {
                "first_name": person.first_name,
                "company": person.company,
                "followers": person.followers,
            },
        }
        for person in people
    ]
    content = {
        "from": {"name": "The Acme team", "email": "team@mail.acme.example"},
        "subject": "{{ first_name }}, your video is ready",
        "html": "<p>Hello {{ first_name }}, {{ followers }} people follow you and {{ company }}.</p>",
        "text": "Hello {{ first_name }}, {{ followers }} people follow you and {{ company }}.",
    }
    base, headers = "/sparkpost/api/v1", {"Authorization": key}
    _send(
        http, "POST", f"{base}/recipient-lists", headers, {"id": LIST_ID, "name": LIST_NAME, "recipients": recipients}
    )
    template = {"id": TEMPLATE_ID, "name": "Demo welcome", "published": True, "content": content}
    _send(http, "POST", f"{base}/templates", headers, template)
    mailing = {"campaign_id": "demo", "recipients": {"list_id": LIST_ID}, "content": {"template_id": TEMPLATE_ID}}
    _send(http, "POST", f"{base}/transmissions", headers, mailing)


def _sendpulse(http: httpx.Client, credential: str, people: list[Person]) -> None:
    headers = {"Authorization": f"Bearer {credential}"}
    made = _send(http, "POST", "/sendpulse/addressbooks", headers, {"bookName": LIST_NAME})
    emails = [
        {
            "email": person.email,
            "variables": {
                "name": person.name,
                "company": person.company,
                "title": person.title,
                "followers": person.followers,
                "Phone": person.phone,
            },
        }
        for person in people
    ]
    _send(http, "POST", f"/sendpulse/addressbooks/{made['id']}/emails", headers, {"emails": emails})


def _engagespark(http: httpx.Client, token: str, people: list[Person]) -> None:
    headers = {"Authorization": f"Token {token}"}
    for person in people:
        contact = {"fullPhoneNumber": person.phone, "firstName": person.first_name, "lastName": person.last_name}
        _send(http, "POST", "/engagespark/v1/organizations/1/contacts/", headers, contact)
        message = f"Hi {{{{contact.firstName}}}}, {person.followers} people follow you and {person.company}."
        text = {"orgId": 1, "from": "ACME", "fullPhoneNumber": person.phone, "message": message}
        _send(http, "POST", "/engagespark/v1/sms/contact", headers, text)


def _sendspark(http: httpx.Client, key: str, people: list[Person]) -> None:
    headers = {"x-api-key": key, "x-api-secret": "mock-sendspark-secret"}
    base = "/sendspark/v1/workspaces/mock-workspace/dynamics"
    campaign = _send(http, "POST", base, headers, {"name": "Demo"})
    prospects = [
        {
            "contactName": person.name,
            "contactEmail": person.email,
            "company": person.company,
            "jobTitle": person.title,
            "customField": f"{person.followers} followers",
            "backgroundUrl": f"https://{person.email.partition('@')[2]}",
        }
        for person in people
    ]
    bulk = {"processAndAuthorizeCharge": True, "prospectList": prospects}
    _send(http, "POST", f"{base}/{campaign['_id']}/prospects/bulk", headers, bulk)


def _send(
    http: httpx.Client, method: str, path: str, headers: dict[str, str], body: dict[str, Any] | None = None
) -> Any:
    response = http.request(method, path, headers=headers, json=body)
    if response.status_code >= 400:
        raise DemoError(f"{method} {path} returned {response.status_code}: {response.text[:300]}")
    return response.json()


def _slug(text: str, joint: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return joint.join(re.findall(r"[a-z0-9]+", plain))
