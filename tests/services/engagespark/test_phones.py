"""Phone numbers, and the ways to name a recipient, wherever one is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from sparkbox.core.state.config import Profile
from sparkbox.services.engagespark import phones
from sparkbox.services.engagespark.campaigns import zones
from sparkbox.services.engagespark.carriers import carrier_of
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

NUMBERED: dict[str, dict[str, Any]] = {
    "/v1/sms/contact": {"orgId": 1, "message": "Hello"},
    "/v1/sms/phonenumber": {"orgId": 1, "message": "Hello"},
    "/v1/whatsapp/contact": {"orgId": 1, "from": "639189990000", "message": "Hello"},
    f"{ORG}/topup/": {"maxAmount": 25},
    f"{ORG}/contacts/": {},
    f"{ORG}/engagements/1001/subscribe": {},
}
"""What takes a number, with what else it needs."""
CONTACTED = [path for path in NUMBERED if path not in ("/v1/sms/phonenumber", f"{ORG}/contacts/")]


def recipient(api: Api) -> str:
    """The number of the newest contact or message."""
    contacts = api.call("GET", f"{ORG}/contacts/")["contacts"]
    number: str = contacts[-1]["fullPhoneNumber"] if contacts else api.messages[-1].to
    return number


@pytest.mark.parametrize("path", NUMBERED)
@pytest.mark.parametrize(
    "form",
    [
        {"fullPhoneNumber": GLOBE},
        {"fullPhoneNumber": f"+{GLOBE}"},
        {"fullPhoneNumber": "+63 917 123-4567"},
        {"phoneNumber": "09171234567", "phoneNumberCountry": "PH"},
        {"phoneNumber": "9171234567", "phoneNumberCountry": "ph"},
        {"fullPhoneNumber": GLOBE, "phoneNumberCountry": "PH"},
        {"fullphonenumber": GLOBE, "phoneNumber": "", "contactId": 0},
    ],
)
def test_number_is_accepted_in_every_form(api: Api, path: str, form: dict[str, Any]) -> None:
    api.call("POST", path, NUMBERED[path] | form)
    assert recipient(api) == GLOBE


@pytest.mark.parametrize("path", NUMBERED)
def test_no_recipient_is_an_error(api: Api, path: str) -> None:
    assert api.refuse("POST", path, NUMBERED[path])[:2] == (400, "recipient.missing")
    assert api.refuse("POST", path, NUMBERED[path] | {"phoneNumberCountry": "PH"})[:2] == (400, "recipient.missing")


@pytest.mark.parametrize("path", NUMBERED)
def test_several_recipients_are_an_error(api: Api, path: str) -> None:
    both = {"fullPhoneNumber": GLOBE, "phoneNumber": "9171234567", "phoneNumberCountry": "PH"}
    assert api.refuse("POST", path, NUMBERED[path] | both)[:2] == (400, "recipient.ambiguous")


@pytest.mark.parametrize("path", CONTACTED)
def test_contact_beside_a_number_is_an_error(api: Api, path: str) -> None:
    both = {"fullPhoneNumber": GLOBE, "contactId": api.contact()["id"]}
    assert api.refuse("POST", path, NUMBERED[path] | both)[:2] == (400, "recipient.ambiguous")


@pytest.mark.parametrize("path", NUMBERED)
@pytest.mark.parametrize("number", ["6305", "12345678", "nobody", "+", "0", "9" * 41, "９１"])
def test_impossible_number_is_an_error(api: Api, path: str, number: str) -> None:
    refused = api.refuse("POST", path, NUMBERED[path] | {"fullPhoneNumber": number})
    assert refused == (400, "phonenumber.invalid", "invalid 'to' number (not a valid number)")


@pytest.mark.parametrize("path", NUMBERED)
def test_local_number_needs_a_known_country(api: Api, path: str) -> None:
    local = {"phoneNumber": "9171234567"}
    assert api.refuse("POST", path, NUMBERED[path] | local)[:2] == (400, "request.missing")
    unknown = local | {"phoneNumberCountry": "XX"}
    assert api.refuse("POST", path, NUMBERED[path] | unknown)[:2] == (400, "phonenumber.invalid")


@pytest.mark.parametrize("profile", ["easy", "strict"])
@pytest.mark.parametrize("path", NUMBERED)
def test_number_of_the_documentation_is_accepted(api: Api, path: str, profile: Profile) -> None:
    api.account.profile = profile
    more = {"from": "639189990000"} if "whatsapp" in path else {}
    api.call("POST", path, NUMBERED[path] | more | {"fullPhoneNumber": "631234567890"})


@pytest.mark.parametrize("path", CONTACTED)
def test_contact_is_named_by_number_or_text(api: Api, path: str) -> None:
    for id in (api.contact()["id"], str(api.contact()["id"])):
        api.call("POST", path, NUMBERED[path] | {"contactId": id})


@pytest.mark.parametrize("path", CONTACTED)
def test_unknown_contact_is_an_error(api: Api, path: str) -> None:
    assert api.refuse("POST", path, NUMBERED[path] | {"contactId": 77})[:2] == (400, "contact.notfound")


@pytest.mark.parametrize("path", CONTACTED)
@pytest.mark.parametrize("id", ["x", -1, 1.5, True, [], {}, "9" * 30, 10**30])
def test_malformed_contact_id_is_an_error(api: Api, path: str, id: Any) -> None:
    assert api.refuse("POST", path, NUMBERED[path] | {"contactId": id})[:2] == (400, "request.invalid")


@pytest.mark.parametrize("path", CONTACTED)
def test_unknown_number_becomes_a_contact_once(api: Api, path: str) -> None:
    api.call("POST", path, NUMBERED[path] | {"fullPhoneNumber": GLOBE})
    api.clock.advance(3600)
    api.call("POST", path, NUMBERED[path] | {"fullPhoneNumber": GLOBE})
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 1


@pytest.mark.parametrize("path", CONTACTED)
def test_newest_of_several_contacts_is_used(api: Api, path: str) -> None:
    api.contact(firstName="Old")
    newest = api.contact(firstName="New")["id"]
    api.clock.advance(60)
    api.call("POST", path, NUMBERED[path] | {"fullPhoneNumber": GLOBE})
    used = {found["id"]: found["lastUseAt"] for found in api.call("GET", f"{ORG}/contacts/")["contacts"]}
    assert used[newest] == "2026-03-01T12:01:00.000000Z"
    assert sorted(used.values())[0] == "2026-03-01T12:00:00.000000Z"


@given(st.one_of(st.text(max_size=60), st.from_regex(r"\+?[0-9 ()-]{0,45}", fullmatch=True)), st.text(max_size=4))
def test_number_reads_back_as_itself(text: str, region: str) -> None:
    number = phones.read(text, region)
    if number is not None:
        assert number.digits.isascii()
        assert number.digits.isdigit()
        assert number.digits == number.dialing_code + number.digits[len(number.dialing_code) :]
        again = phones.read(number.digits)
        assert again is not None
        assert again.digits == number.digits


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("PH", "Asia/Manila"),
        ("th", "Asia/Bangkok"),
        ("US", "America/New_York"),
        ("AU", "Australia/Sydney"),
        ("XK", "Europe/Belgrade"),
        ("XX", None),
        ("", None),
    ],
)
def test_time_zone_of_a_country(country: str, zone: str | None) -> None:
    assert zones.zone_of(country) == zone


def test_every_country_with_phone_numbers_has_a_time_zone() -> None:
    assert [country for country in SUPPORTED_REGIONS if zones.zone(zones.zone_of(country) or "") is None] == []


@pytest.mark.parametrize(
    ("digits", "carrier"),
    [
        (GLOBE, "Globe"),
        (SMART, "Smart"),
        ("639501234567", "Smart"),  # within a range of Globe's
        ("639241234567", "Dito"),  # within a range of Smart's
        ("254712345678", "Safaricom"),
        ("2348031234567", "MTN"),
        ("631234567890", ""),
        ("491701234567", ""),
        ("6391", ""),
    ],
)
def test_carrier_of_a_number_is_that_of_its_range(digits: str, carrier: str) -> None:
    assert carrier_of(digits) == carrier
