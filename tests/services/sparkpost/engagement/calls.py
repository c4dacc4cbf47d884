"""Tracked mail, and what its recipients do with it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx

from sparkbox.core.logs.messages import Message
from tests.services.sparkpost.api import Api

BASE = "http://api.sparkpost.com"
HTML = (
    "<html><head></head><body><h1>Hello</h1>"
    '<a href="https://shop.example/a?x=1&amp;y=2" data-msys-linkname="first">A</a> '
    '<a href="https://shop.example/out" data-msys-unsubscribe="1">Out</a> '
    '<a href="https://shop.example/plain" data-msys-clicktrack="0">P</a>'
    "</body></html>"
)

CONTENT = {
    "from": "The Shop <news@shop.example>",
    "subject": "Hello",
    "html": HTML,
    "text": "See https://shop.example/t.",
}
UNTRACKED = {"open_tracking": False, "click_tracking": False}
TRACKED = {"open_tracking": True, "click_tracking": True}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def send(api: Api, *, to: str = "ada@mail.example", **fields: Any) -> Message:
    """Send to one recipient; return the newest message."""
    body = {"recipients": [{"address": to}], "content": CONTENT, **fields}
    api.call("POST", "/transmissions", body)
    return next(api.account.messages.newest())


def tracked(api: Api, **fields: Any) -> Message:
    return send(api, **{"options": TRACKED, **fields})


def visit(api: Api, url: str, method: str = "GET", **more: Any) -> httpx.Response:
    """Send a request as a recipient's program does, without a key."""

    async def fetch() -> httpx.Response:
        transport = httpx.ASGITransport(api.app, client=("192.0.2.7", 1234))
        async with httpx.AsyncClient(transport=transport, headers={"User-Agent": FIREFOX}) as http:
            return await http.request(method, url, **more)

    return asyncio.run(fetch())


def hrefs(message: Message) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]+)"', message.html or "")]


def pixels(message: Message) -> list[str]:
    return re.findall(r'<img [^>]*src="([^"]+)"', message.html or "")


def events_of(api: Api, *types: str) -> list[dict[str, Any]]:
    return [event.json() for event in api.account.events.oldest() if event.type in types]


def one_click(message: Message) -> str:
    """Return the URL in the List-Unsubscribe header."""
    return str(re.findall(r"<(http[^>]+)>", dict(message.headers)["List-Unsubscribe"])[0])
