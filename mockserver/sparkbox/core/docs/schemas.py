"""The JSON schemas in a service's OpenAPI document: of bodies, queries and responses, and what they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import TypeAdapter

from ..declare.envelope import Envelope
from ..declare.operation import Operation
from ..declare.service import Service

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]

SCHEMAS = "#/components/schemas/"


def vendors(service: Service) -> list[Operation]:
    """Return the operations that are the vendor's, without the sandbox's own."""
    return [operation for operation in service.operations.values() if not operation.own]


class Schemas:
    """The JSON schemas of all operations, with what they share in one place."""

    def __init__(self, service: Service) -> None:
        adapters = list(_adapters(vendors(service)))
        schemas, definitions = TypeAdapter.json_schemas(adapters, ref_template=SCHEMAS + "{model}")
        self._schemas: dict[tuple[str, Mode], Schema] = {key: _tidy(schema) for key, schema in schemas.items()}
        self._shared: dict[str, Schema] = _tidy(definitions.get("$defs", {}))
        self._error_names: dict[Envelope, str] = {}
        for operation in vendors(service):
            envelope = service.envelope_of(operation)
            if envelope not in self._error_names:
                schema = envelope.error_schema()
                same = [name for name in self._error_names.values() if self._shared[name] == schema]
                name = "Error" if envelope is service.envelope else f"{operation.section.title()}Error"
                name = name if name not in self._shared else f"{name}Response"
                self._error_names[envelope] = same[0] if same else name
                self._shared[self._error_names[envelope]] = schema

    def error_name(self, envelope: Envelope) -> str:
        """Return the name of the schema of an envelope's errors."""
        return self._error_names[envelope]

    def of(self, operation: Operation, part: Literal["body", "query", "response"]) -> Schema:
        mode: Mode = "serialization" if part == "response" else "validation"
        return self._schemas[(f"{operation.id} {part}", mode)]

    def resolved(self, schema: Schema) -> Schema:
        """Return the schema itself where it was a reference."""
        reference = schema.get("$ref")
        return schema if reference is None else self._shared[reference.removeprefix(SCHEMAS)]

    def used_by(self, paths: Any) -> dict[str, Schema]:
        """Return the shared schemas that the document refers to, by name."""
        used: dict[str, Schema] = {}
        waiting = list(_references(paths))
        while waiting:
            name = waiting.pop()
            if name not in used:
                used[name] = self._shared[name]
                waiting.extend(_references(used[name]))
        return dict(sorted(used.items()))


def _adapters(operations: Iterable[Operation]) -> Iterator[tuple[str, Mode, TypeAdapter[Any]]]:
    for operation in operations:
        if operation.body is not None:
            yield f"{operation.id} body", "validation", operation.body
        if operation.query is not None:
            yield f"{operation.id} query", "validation", operation.query
        if operation.response is not None:
            yield f"{operation.id} response", "serialization", operation.response


def _tidy(value: Any) -> Any:
    """Return a schema without ``default: null``: an optional field may be left out, but perhaps not be null."""
    if isinstance(value, dict):
        return {name: _tidy(item) for name, item in value.items() if not (name == "default" and item is None)}
    return [_tidy(item) for item in value] if isinstance(value, list) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref" and isinstance(item, str) and item.startswith(SCHEMAS):
                yield item.removeprefix(SCHEMAS)
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
