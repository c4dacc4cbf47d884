"""Fuzz requests: whatever a service is sent, its response has the vendor's shape and is no 5xx.

Bodies are any JSON, objects with fields of the operation, its sample with one part changed, or no JSON at all. Paths
lead somewhere or not; queries have parameters of the operation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from contract_tests.fixtures import Sample, samples_of
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.service import Service
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import Headers, Request, Response
from sparkbox.core.request.routing import path_parameters

UNFILLED = re.compile(r"\{[a-z_]+\}")
"""A placeholder in an error's message that was not filled in."""
FORM = "application/x-www-form-urlencoded"
NOISE = st.one_of(st.binary(max_size=40), st.just(b"["), st.just(b"\xff"), st.just(b'{"a": 1}}'))


@dataclass
class Fuzz:
    """What the requests to one service are made of.

    ``texts`` mean something to it, ``known`` are values of its paths' parameters that lead somewhere, ``names`` are
    further names of fields, ``content_types`` are tried now and then.
    """

    service: Service
    headers: Headers
    texts: tuple[str, ...]
    known: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ("text/plain", FORM)
    base: str = ""

    def __post_init__(self) -> None:
        self.samples: Mapping[str, Sample] = samples_of(self.service.name)
        self.text = st.one_of(st.text(max_size=12), st.sampled_from(self.texts))
        scalars = st.one_of(
            st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.integers(0, 3), st.floats(), self.text
        )
        inner_names = st.sampled_from((*self.names, *self.texts)) | st.text(max_size=8)
        self.values = st.recursive(
            scalars,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(inner_names, inner, max_size=4)
                | st.lists(inner, max_size=2).map(lambda items: json.dumps(items, default=str))
            ),
            max_leaves=10,
        )

    def requests(self) -> st.SearchStrategy[tuple[Operation, Request]]:
        """A request, and the operation that it is meant for."""
        return st.composite(self._request)()

    def _request(self, draw: st.DrawFn) -> tuple[Operation, Request]:
        operation = draw(st.sampled_from(tuple(self.service.operations.values())))
        path = operation.path.partition("?")[0]
        for name in path_parameters(path):
            known = st.just(self.known.get(name, "x"))
            value = draw(known | known | self.text.filter(bool))
            path = path.replace("{" + name + "}", quote(value, safe=""))
        query = draw(st.dictionaries(st.sampled_from(fields_of(operation.query) or ["x"]), self.text, max_size=3))
        kind, body = self._body(draw, operation)
        headers = [*self.headers, (b"content-type", kind.encode())]
        return operation, Request(operation.method, path, urlencode(query).encode(), headers, body, "", self.base)

    def _body(self, draw: st.DrawFn, operation: Operation) -> tuple[str, bytes]:
        usual = (operation.content_types or ("application/json",))[0]
        kind = draw(st.sampled_from((usual,) * 8 + self.content_types))
        names = st.sampled_from([*fields_of(operation.body), *self.names, "x"])
        fields = draw(st.dictionaries(names, self.values, max_size=5))
        sample = self.samples.get(operation.id, {}).get("request", {}).get("body")
        way = draw(st.sampled_from(("fields", "added", "spoilt", "anything", "noise")))
        if way == "noise":
            return kind, draw(NOISE)
        body: Any = fields
        if way == "anything":
            body = draw(self.values)
        elif isinstance(sample, dict | list) and way == "spoilt":
            body = spoilt(draw, sample, self.values)
        elif isinstance(sample, dict) and way == "added":
            body = {**sample, **fields}
        if kind == FORM and isinstance(body, dict):
            texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
            return kind, urlencode(texts, errors="replace").encode()
        return kind, json.dumps(body).encode("utf-8", "surrogatepass")


def holds(
    dispatcher: Dispatcher, sent: tuple[Operation, Request], check: Callable[[Operation, Response], None]
) -> None:
    """Assert that the response is no 5xx, and ``check`` the shape of an error."""
    operation, request = sent
    response = dispatcher.respond(request)
    shown = (request.method, request.path, request.query, request.body, response.status, response.body)
    assert response.status < 500, shown
    if response.status >= 400:
        check(operation, response)


def fields_of(adapter: TypeAdapter[Any] | None) -> list[str]:
    """The names that a model, or one of several, takes."""
    kind = None if adapter is None else adapter._type
    models = [model for model in (kind, *getattr(kind, "__args__", ())) if isinstance(model, type)]
    return [
        each.alias or name
        for model in models
        if issubclass(model, BaseModel)
        for name, each in model.model_fields.items()
        if name != "root"
    ]


def spoilt(draw: st.DrawFn, value: Any, values: st.SearchStrategy[Any]) -> Any:
    """The value with one part of it, however deep, replaced or left out."""
    match value:
        case dict() if bool(value) and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(value)))
            if draw(st.integers(0, 5)) == 0:
                return {key: item for key, item in value.items() if key != name}
            return {**value, name: spoilt(draw, value[name], values)}
        case list() if bool(value) and draw(st.booleans()):
            index = draw(st.integers(0, len(value) - 1))
            return [*value[:index], spoilt(draw, value[index], values), *value[index + 1 :]]
        case _:
            return draw(st.one_of(values, st.just(value)))
