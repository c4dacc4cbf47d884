"""Recognise the program that opens a mail or follows a link by its ``User-Agent``."""

from __future__ import annotations

import re
from typing import Any

_AGENTS = (
    ("GoogleImageProxy", "GmailImageProxy"),
    ("YahooMailProxy", "YahooMailProxy"),
    ("Thunderbird", "Thunderbird"),
    ("Outlook", "Outlook"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("Safari/", "Safari"),
    ("AppleWebKit", "Apple Mail"),
)
_SYSTEMS = (
    (re.compile(r"Windows NT ?([\d.]*)"), "Windows"),
    (re.compile(r"\A(?>.*?(?:iPhone|iPad)).*? OS ([\d_]*)"), "iOS"),
    (re.compile(r"Mac OS X ?([\d_.]*)"), "Mac OS X"),
    (re.compile(r"Android ?([\d.]*)"), "Android"),
    (re.compile(r"Linux()"), "Linux"),
)
_DEVICES = (("iPhone", "Apple"), ("iPad", "Apple"), ("Macintosh", "Apple"), ("Pixel", "Google"))
_NAME = re.compile(r"[A-Za-z][\w.-]*")

LONGEST = 1000
"""Characters of the header that are read."""


def parse(user_agent: str) -> dict[str, Any]:
    """Return the fields of ``user_agent_parsed``; ``Other`` is what is unknown."""
    text = user_agent[:LONGEST]
    named = _NAME.match(text)
    other = named[0] if named and named[0] != "Mozilla" else "Other"
    family = next((family for mark, family in _AGENTS if mark in text), other)
    system, version = _system(text)
    device, brand = next(((device, brand) for device, brand in _DEVICES if device in text), ("Other", "Other"))
    return {
        "agent_family": family,
        "device_brand": brand,
        "device_family": device,
        "os_family": system,
        "os_version": version,
        "is_mobile": system in ("iOS", "Android"),
        "is_proxy": family.endswith("Proxy"),
        "is_prefetched": False,
    }


def _system(text: str) -> tuple[str, str]:
    for pattern, system in _SYSTEMS:
        found = pattern.search(text)
        if found is not None:
            return system, found[1].replace("_", ".")
    return "Other", ""
