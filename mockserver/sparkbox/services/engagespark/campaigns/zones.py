"""Time zones, by name and by country."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers

_MAIN = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Halifax",
    "FM": "Pacific/Pohnpei",
    "KI": "Pacific/Kanton",
    "RU": "Asia/Irkutsk",
    "UA": "Europe/Kyiv",
    # Regions with phone numbers of their own that have no row in the database.
    "AC": "Atlantic/St_Helena",
    "TA": "Atlantic/St_Helena",
    "XK": "Europe/Belgrade",
}
"""Countries whose first zone in the database is not the one of their usual numbers (assumed)."""


@lru_cache(1000)
def zone(name: str) -> ZoneInfo | None:
    """Return a time zone by its IANA name; ``None`` if there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        # A name that leads out of the database, or to a folder within it, is a ValueError or an OSError.
        return None


def zone_of(country: str) -> str | None:
    """Return the name of a country's main time zone; ``None`` if no phone number can be of that country."""
    country = country.upper()
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    return _MAIN.get(country) or _first_zones().get(country)


@cache
def _first_zones() -> dict[str, str]:
    """Return the first zone of each country in ``zone.tab``, which is part of the time zone database."""
    zones: dict[str, str] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones.setdefault(country, name)
    return zones
