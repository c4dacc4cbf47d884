"""Canned responses: a :class:`Stub` answers the requests that fit it, in the service's place.

The service does nothing: no credential is checked, nothing is validated, counted or kept but the entry in
the journal. A stub may be limited to a number of times, and to one state of a scenario, which it may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..declare.targets import Target
from ..request.headers import check_headers, encoded
from ..request.http import Headers, Request, Response, to_json
from ..state.budget import Budget
from .patterns import Api, Pattern

MOST_STUBS = 1000
"""In one account, and for all accounts."""

MOST_STUB_BYTES = 32 * 1024 * 1024
"""All stubs of a sandbox together."""

STARTED = "started"
"""The state in which every scenario begins."""


@dataclass(slots=True)
class Stub:
    """A response, and the pattern of the requests that get it. ``ValueError`` for what makes no sense.

    ``body`` goes out as it is, under ``headers``; with ``envelope`` it is JSON that the service wraps and adds its own
    headers to, as it does with its own responses. After ``times`` responses the stub rests. In a
    ``scenario`` it applies only in ``state`` (``None``: in any), and changes that to ``next_state``.
    """

    pattern: Pattern = field(default_factory=Pattern)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    envelope: bool = False
    times: int | None = None
    scenario: str | None = None
    state: str | None = None
    next_state: str | None = None
    id: str = ""
    hits: int = 0
    """Requests that it answered."""
    size: int = field(init=False, default=0, compare=False)
    """Bytes that it is counted with."""

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError(f"status is {self.status}, but lies between 200 and 599")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}, but at least 1")
        if self.envelope and (self.pattern.operation is None or self.status >= 400):
            raise ValueError("only what an operation answers when all went well has an envelope: name the operation")
        if self.scenario is None and (self.state, self.next_state) != (None, None):
            raise ValueError("a state belongs to a scenario: name the scenario, too")
        check_headers(self.headers)
        self.size = 1000 + len(self.body) + len(repr(self.headers)) + len(repr(self.pattern))

    @property
    def rests(self) -> bool:
        """Whether it has answered as often as it may."""
        return self.times is not None and self.hits >= self.times

    def response(self) -> Response:
        """Return its response without an envelope."""
        return Response(self.status, self.body, self.encoded_headers())

    def encoded_headers(self) -> Headers:
        """Return the stub's headers as they go out."""
        return encoded(self.headers)


def make_stub(
    *,
    status: int = 200,
    json: Any = None,
    text: str | None = None,
    response_headers: Mapping[str, str] | None = None,
    envelope: bool = False,
    times: int | None = None,
    scenario: str | None = None,
    state: str | None = None,
    next_state: str | None = None,
    **conditions: Any,
) -> Stub:
    """Return a stub that answers JSON, or else a text, to what fits the ``conditions`` (see :class:`Pattern`).

    The ``Content-Type`` is that of JSON or of plain text, unless ``response_headers`` has another one.
    """
    if json is not None and text is not None:
        raise ValueError("a response is JSON or a text, not both")
    headers = dict(response_headers or {})
    if (json, text) != (None, None) and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json" if text is None else "text/plain; charset=utf-8"
    body = b"" if text is None else text.encode("utf-8", "replace")
    return Stub(
        Pattern(**conditions),
        status,
        headers,
        body if json is None else to_json(json),
        envelope,
        times,
        scenario,
        state,
        next_state,
    )


class Stubs:
    """The stubs of one account, or of the whole sandbox, and the states of their scenarios."""

    def __init__(self, total: Budget | None = None) -> None:
        self.total = Budget() if total is None else total
        """The bytes of all stubs of the sandbox, these among them."""
        self.rules: list[Stub] = []
        """In the order in which they are tried: first those limited to a number of times, the oldest first; then the
        others, the newest first."""
        self.states: dict[str, str] = {}

    def add(self, stub: Stub) -> None:
        """Set a stub; ``ValueError`` if there are :data:`MOST_STUBS` already."""
        if len(self.rules) >= MOST_STUBS:
            raise ValueError(f"{MOST_STUBS} stubs are set already")
        self.total.used += stub.size
        self.rules.insert(sum(rule.times is not None for rule in self.rules), stub)

    def remove(self, id: str) -> bool:
        kept = [stub for stub in self.rules if stub.id != id]
        removed = len(kept) < len(self.rules)
        self.total.used -= sum(stub.size for stub in self.rules if stub.id == id)
        self.rules = kept
        return removed

    def clear(self) -> None:
        self.total.used -= sum(stub.size for stub in self.rules)
        self.rules = []
        self.states.clear()

    def pick(self, service: Api, target: Target | None, request: Request) -> Stub | None:
        """Return the stub that answers this request, after counting the hit and moving its scenario on."""
        for stub in self.rules:
            if not stub.rests and self._in_state(stub) and stub.pattern.matches(service, target, request):
                stub.hits += 1
                if stub.scenario is not None and stub.next_state is not None:
                    self.states[stub.scenario] = stub.next_state
                return stub
        return None

    def state_of(self, scenario: str) -> str:
        """Return the state of a scenario."""
        return self.states.get(scenario, STARTED)

    def fork(self) -> Stubs:
        """Return an independent copy, the counts and the scenarios included."""
        copy = Stubs(self.total)
        self.total.used += sum(stub.size for stub in self.rules)
        copy.rules = [replace(stub) for stub in self.rules]
        copy.states = self.states.copy()
        return copy

    def _in_state(self, stub: Stub) -> bool:
        return stub.scenario is None or stub.state in (None, self.state_of(stub.scenario))

    def __iter__(self) -> Iterator[Stub]:
        return iter(tuple(self.rules))

    def __len__(self) -> int:
        return len(self.rules)
