"""Phone numbers, and the ways in which requests name a recipient.

Numbers are kept and shown in the international form without ``+``. Whatever could be a number is taken, as
the documentation's own ``631234567890``, which the country's plan does not have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from sparkbox.core.state.context import Context

from . import errors
from .fields import Fields, Id, Short

MOST_DIGITS = 40
_CACHED = 10_000


class Number(NamedTuple):
    """A phone number. ``region`` is a two-letter country, empty where it has none; ``valid``: a plan has it."""

    digits: str
    region: str
    valid: bool
    dialing_code: str
    national: str


class Recipient(Fields):
    """Exactly one of ``fullPhoneNumber`` or ``phoneNumber`` with ``phoneNumberCountry``."""

    full_phone_number: Short = ""
    phone_number: Short = ""
    phone_number_country: Short = ""


class ContactRecipient(Recipient):
    """A recipient that may be a contact as well."""

    contact_id: Id = None


def read(text: str, region: str = "") -> Number | None:
    """Read a number, international with or without ``+``, or local with its region; ``None`` if it cannot be one."""
    return _read(text[: MOST_DIGITS + 1], region[:3].upper())


def full_number(text: str) -> Number:
    """Return an international number; raise an API error for anything else."""
    if not text.strip():
        raise errors.NO_RECIPIENT(forms=_forms(Recipient()))
    return _checked(text.strip())


def number_of(ctx: Context, form: Recipient, *, to: str = "") -> Number | None:
    """Return the number that a request names; ``None`` if it names a contact. ``to`` is the older field of an SMS.

    Clients send ``to`` and ``fullPhoneNumber`` with one value, and a country beside a full number: both are taken.
    """
    full, to, local = form.full_phone_number.strip(), to.strip(), form.phone_number.strip()
    contact = form.contact_id if isinstance(form, ContactRecipient) else None
    if full and to and _digits(full) == _digits(to):
        to = ""
    given = bool(contact) + bool(full) + bool(to) + bool(local)
    if given != 1:
        error = errors.SEVERAL_RECIPIENTS if given else errors.NO_RECIPIENT
        raise error(forms=_forms(form))
    if contact:
        return None
    if local and not form.phone_number_country.strip():
        raise errors.MISSING(name="phoneNumberCountry")
    if full or to:
        return _checked(full or to)
    return _checked(form.phone_number, form.phone_number_country.strip())


RECIPIENT_ERRORS = (errors.NO_RECIPIENT, errors.SEVERAL_RECIPIENTS, errors.INVALID_NUMBER)
"""The errors of :func:`number_of`."""


def region(digits: str) -> str:
    """Return the number's two-letter country; empty where it has none."""
    number = read(digits)
    return "" if number is None else number.region


def _checked(text: str, region: str = "") -> Number:
    number = read(text, region)
    if number is None:
        raise errors.INVALID_NUMBER()
    return number


def _forms(form: Recipient) -> str:
    forms = '"fullPhoneNumber", or "phoneNumber" with "phoneNumberCountry"'
    return f'"contactId", {forms}' if isinstance(form, ContactRecipient) else forms


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


@lru_cache(_CACHED)
def _read(text: str, region: str) -> Number | None:
    text = text.strip()
    if len(text) > MOST_DIGITS or (region and region not in phonenumbers.SUPPORTED_REGIONS):
        return None
    if not region and not text.startswith("+"):
        text = f"+{text}"
    parsed = _parsed(text, region)
    if parsed is None or phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return Number(
        digits=phonenumbers.format_number(parsed, PhoneNumberFormat.E164)[1:],
        region=phonenumbers.region_code_for_number(parsed) or "",
        valid=phonenumbers.is_valid_number(parsed),
        dialing_code=str(parsed.country_code),
        national=phonenumbers.national_significant_number(parsed),
    )


def _parsed(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region or None)
    except NumberParseException:
        return None
