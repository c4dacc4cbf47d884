"""Calls of the control API: for the worker of an account or of an item, or for all workers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec
import orjson

from sparkbox.control.queries import PageQuery
from sparkbox.core.declare.schema import Invalid
from sparkbox.core.request.headers import replace_headers
from sparkbox.core.request.http import Request, Response, to_json
from sparkbox.core.state.place import Place

from . import merging
from .calls import Call, HttpCall, Moved, Reply
from .placement import Placement

_ITEM = re.compile(r"/_mock/(?:messages|requests|events|webhooks)/([0-9]{1,18})(?:/.*)?")
_ANYWHERE = re.compile(r"/_mock/(?:services|openapi|ca)(?:/.*)?")
_RULE = re.compile(r"/_mock/(?:faults|stubs)/[^/]+")
_LIST = re.compile(r"/_mock/([a-z]+)")

MOST_ROWS = 1000
"""Rows of a list that a worker gives at a time."""


class Workers(Protocol):
    """The workers, as one of them sees all."""

    placement: Placement

    @property
    def here(self) -> Place: ...
    def next_number(self) -> int: ...
    async def call(self, worker: int, call: Call) -> Reply: ...
    async def call_all(self, call: Call) -> Sequence[Reply]: ...


class ControlCalls:
    """Responds to control calls in one of the workers."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def respond(self, request: Request, call: HttpCall) -> Response:
        """Return the response of the worker that a call is for, or one made of those of all."""
        workers = self._workers
        if request.method == "POST":
            call.rules_from = workers.next_number()
        try:
            query = request.query_dict()
        except Invalid:
            query = {}
        worker = self._worker_of(request, query)
        if worker is not None:
            return (await workers.call(worker, call)).response()
        if call.problem:
            return (await workers.call(workers.here.worker, call)).response()
        if request.path == "/_mock/accounts" and request.method == "POST":
            return (await self._make_account(call)).response()
        listed = _LIST.fullmatch(request.path)
        if listed and listed[1] in merging.LISTS and request.method in ("GET", "HEAD"):
            return await self._list(listed[1], query, call)
        if listed and listed[1] in merging.RULES and request.method == "DELETE":
            return await self._delete_rules(listed[1], call)
        replies = await workers.call_all(call)
        if request.method == "DELETE" and _RULE.fullmatch(request.path):
            return min(replies, key=lambda reply: reply.status).response()
        return _merged(replies)

    def _worker_of(self, request: Request, query: dict[str, str]) -> int | None:
        """Return the one worker that a call is for; ``None`` if it is for all."""
        place = self._workers.here
        item = _ITEM.fullmatch(request.path)
        if item is not None:
            return int(item[1]) % place.workers
        if query.get("account"):
            return self._workers.placement.of_credential(query["account"])
        return place.worker if _ANYWHERE.fullmatch(request.path) else None

    async def _make_account(self, call: HttpCall) -> Reply:
        """Have an account made where its credential leads to; a copy is made where its source is."""
        call_worker, placement = self._workers.call, self._workers.placement
        credential, source = _named(call.body)
        home = placement.of_credential(credential)
        origin = home if source is None else placement.of_credential(source)
        if origin == home or await self._has(home, credential, call):
            return await call_worker(home, call)
        reply = await call_worker(origin, call)
        if reply.status == 201:
            await self._workers.call_all(Moved(credential, origin))
        return reply

    async def _has(self, worker: int, credential: str, call: HttpCall) -> bool:
        wanted = _reading(call, "/_mock/accounts", {"account": credential, "limit": "0"})
        reply = await self._workers.call(worker, wanted)
        return reply.status != 200 or orjson.loads(reply.body)["total"] > 0

    async def _list(self, name: str, query: dict[str, str], call: HttpCall) -> Response:
        """Join the lists of all workers, and return the page that is wanted."""
        reply = await self._workers.call(self._workers.here.worker, call)
        if reply.status != 200:
            return reply.response()
        page = PageQuery.model_validate({name: query[name] for name in ("limit", "offset") if name in query})
        first, last = page.offset, page.offset + page.limit
        try:
            rows, total = await self._rows(name, query, call, None if name in merging.RULES else last)
        except _Failed as failed:
            return failed.reply.response()
        shown = merging.in_order(name, rows)
        if name in merging.RULES:
            total = len(shown)
        return _with_payload(reply, {name: shown[first:last], "total": total})

    async def _rows(
        self, name: str, query: dict[str, str], call: HttpCall, most: int | None
    ) -> tuple[list[merging.Rows], int]:
        """Return the first rows of each worker, and how many there are in all."""

        async def rows_of(worker: int) -> tuple[merging.Rows, int]:
            rows: merging.Rows = []
            while True:
                limit = MOST_ROWS if most is None else min(MOST_ROWS, most - len(rows))
                part = {**query, "limit": str(limit), "offset": str(len(rows))}
                reply = await self._workers.call(worker, _reading(call, f"/_mock/{name}", part))
                if reply.status != 200:
                    raise _Failed(reply)
                payload = orjson.loads(reply.body)
                rows += payload[name]
                if len(payload[name]) < limit or len(rows) == most:
                    return rows, payload["total"]

        found = await asyncio.gather(*map(rows_of, range(self._workers.here.workers)))
        return [rows for rows, _ in found], sum(total for _, total in found)

    async def _delete_rules(self, name: str, call: HttpCall) -> Response:
        """Delete rules in all workers. Each has those for all accounts, which are counted once."""
        try:
            rows, _ = await self._rows(name, {}, call, None)
        except _Failed as failed:
            return failed.reply.response()
        count = len(merging.in_order(name, rows))
        response = _first(replies := await self._workers.call_all(call))
        return response if response.status != 200 else _with_payload(replies[0], {"deleted": count})


class _Failed(Exception):
    """A worker did not give its rows."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


def _reading(call: HttpCall, path: str, query: dict[str, str]) -> HttpCall:
    """Return a call that reads what is at a path, by the same client."""
    return msgspec.structs.replace(
        call, method="GET", path=path, raw_path=path.encode(), query=urlencode(query).encode(), body=b"", rules_from=0
    )


def _named(body: bytes) -> tuple[str, str | None]:
    """Return the credential of a new account, and that of its source; empty where the body is not what it should be."""
    try:
        payload = orjson.loads(body)
    except ValueError:
        return "", None
    if not isinstance(payload, dict):
        return "", None
    credential, source = payload.get("credential"), payload.get("from")
    return (credential if isinstance(credential, str) else "", source if isinstance(source, str) else None)


def _merged(replies: Sequence[Reply]) -> Response:
    """Make one response of several: of those that succeeded, where some found nothing."""
    good = [reply for reply in replies if reply.status < 300]
    if not good or (len(good) < len(replies) and any(reply.status != 404 for reply in replies if reply not in good)):
        return _first(replies)
    payloads = [orjson.loads(reply.body) for reply in good]
    return _with_payload(good[0], merging.merged(payloads))


def _first(replies: Sequence[Reply]) -> Response:
    """Return the first error; if there is none, the first response."""
    return next((reply for reply in replies if reply.status >= 300), replies[0]).response()


def _with_payload(reply: Reply, payload: Any) -> Response:
    response = reply.response()
    response.body = to_json(payload)
    replace_headers(response.headers, [(b"content-length", b"%d" % len(response.body))])
    return response
