"""A service's operations as an OpenAPI 3.1 document, and as a plain list.

Extensions say what OpenAPI has no word for: ``x-evidence`` (documented, observed or assumed) on operations and on
the examples of errors, ``x-rate-limits`` on operations. The document is the same each time.
"""

from __future__ import annotations

import http
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from ..declare.errors import Error
from ..declare.limits import Limit, used_up
from ..declare.operation import Operation
from ..declare.security import Credential
from ..declare.service import Service
from ..request.http import Response
from .schemas import SCHEMAS, Schema, Schemas, vendors

_JSON = "application/json"


def document(service: Service, *, server_url: str) -> dict[str, Any]:
    """Return the service's OpenAPI document; ``server_url`` is where its paths begin.

    The first one takes some tenths of a second.
    """
    schemas = Schemas(service)
    responses = _error_responses(service)
    schemes: dict[str, Credential] = {}
    paths: dict[str, dict[str, Any]] = {}
    shapes: dict[str, str] = {}
    for operation in vendors(service):
        # Paths that differ in the names of their parameters alone are one path.
        path = shapes.setdefault(re.sub(r"\{[^{}]*\}", "{}", operation.path), operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(service, operation, path, schemas)
        schemes |= {credential.name: credential for way in service.security_of(operation) for credential in way}
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": _info(service),
        "servers": [{"url": server_url}],
        "tags": _tags(service),
        "paths": paths,
        "components": {
            "schemas": schemas.used_by(paths),
            "examples": {error.name: _example(error, response) for error, response in responses.items()},
        },
    }
    if service.info.docs:
        found["externalDocs"] = {"url": service.info.docs}
    if service.security:
        found["components"]["securitySchemes"] = {
            name: _scheme(credential, server_url) for name, credential in schemes.items()
        }
        found["security"] = _ways(service.security)
    return found


class Row(TypedDict):
    """An operation in a list.

    ``errors`` are names in the service's table, ``limit`` is what is allowed, in words, and ``module`` has the handler.
    """

    service: str
    section: str
    method: str
    path: str
    operation_id: str
    summary: str
    group: str
    evidence: str
    errors: list[str]
    limit: list[str]
    docs: str
    module: str


def describe(service: Service) -> list[Row]:
    """Return the service's operations in the order of its pages."""
    return [
        {
            "service": service.name,
            "section": operation.section or _folder(service, operation),
            "method": operation.method,
            "path": operation.path,
            "operation_id": operation.id,
            "summary": operation.summary,
            "group": operation.group,
            "evidence": operation.evidence,
            "errors": [error.name for error in possible_errors(service, operation)],
            "limit": [str(limit) for limit in service.limits_of(operation)],
            "docs": operation.docs,
            "module": operation.handler.__module__,
        }
        for operation in vendors(service)
    ]


def _folder(service: Service, operation: Operation) -> str:
    """Return the folder or module of an operation whose page is listed by the service itself; empty outside of it."""
    module, package = operation.handler.__module__, f"{service.package}."
    return module.removeprefix(package).partition(".")[0] if module.startswith(package) else ""


def _info(service: Service) -> dict[str, Any]:
    return {
        "title": service.title,
        "version": version("sparkbox"),
        "description": f"{service.title} as the sandbox answers for it. `x-evidence` says how each response is known.",
    }


def _tags(service: Service) -> list[dict[str, Any]]:
    tags: dict[str, dict[str, Any]] = {}
    for page in (page for _, section in service.parts for page in section.pages):
        tag = tags.setdefault(page.group, {"name": page.group})
        if page.docs:
            tag.setdefault("externalDocs", {"url": page.docs})
    return list(tags.values())


def _ways(security: tuple[tuple[Credential, ...], ...]) -> list[dict[str, list[str]]]:
    return [{credential.name: [] for credential in way} for way in security]


def _operation(service: Service, operation: Operation, path: str, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.group],
        "x-evidence": operation.evidence,
    }
    if operation.description != operation.summary and "\n" in operation.description:
        found["description"] = operation.description
    if operation.docs:
        found["externalDocs"] = {"url": operation.docs}
    parameters = [*_path_parameters(operation, path), *_query_parameters(operation, schemas)]
    if parameters:
        found["parameters"] = parameters
    if operation.body is not None:
        found["requestBody"] = _request_body(service, operation, schemas)
    found["responses"] = _responses(service, operation, schemas)
    limits = service.limits_of(operation)
    if limits:
        found["x-rate-limits"] = [_limit(limit) for limit in limits]
    if service.security_of(operation) != service.security:
        found["security"] = _ways(service.security_of(operation))
    return found


def _path_parameters(operation: Operation, path: str) -> Iterator[dict[str, Any]]:
    names = re.findall(r"\{([^{}]*)\}", path)
    for name, (_, _, kind) in zip(names, operation.parameters, strict=True):
        yield {"name": name, "in": "path", "required": True, "schema": TypeAdapter(kind).json_schema()}


def _query_parameters(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    query = schemas.resolved(schemas.of(operation, "query"))
    required = query.get("required", [])
    for name, schema in query.get("properties", {}).items():
        found = {"name": name, "in": "query", "schema": _not_null(schema)}
        if name in required:
            found["required"] = True
        if "description" in schema:
            found["description"] = schema["description"]
        yield found


def _not_null(schema: Schema) -> Schema:
    """Return a schema without null, which a query does not have: a parameter is left out instead."""
    plain = {key: value for key, value in schema.items() if key not in ("title", "description")}
    choices = [choice for choice in plain.pop("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **plain}
    return {"anyOf": choices, **plain} if choices else plain


def _request_body(service: Service, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    types = service.content_types if operation.content_types is None else operation.content_types
    schema = schemas.of(operation, "body")
    # An empty type is that of a body which is announced as nothing.
    kinds = [kind for kind in types if kind] or [_JSON]
    return {"required": operation.body_required, "content": {kind: {"schema": schema} for kind in kinds}}


def _responses(service: Service, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    found: dict[int, dict[str, Any]] = {}
    for status in (operation.status, *operation.also):
        success = found[status] = {"description": _phrase(status)}
        if operation.response is not None and status != 204:
            schema = schemas.of(operation, "response")
            wrapped = schema if operation.bare else service.envelope_of(operation).wrap_schema(schema, operation)
            kind = _JSON if operation.bare else service.envelope_of(operation).media_type(operation)
            success["content"] = {kind: {"schema": wrapped}}
    for status, kind in operation.media_types:
        made = found.setdefault(status, {"description": _phrase(status)})
        if kind:
            made.setdefault("content", {})[kind] = {}
    for error in possible_errors(service, operation):
        for response in _sent(service, error, operation):
            described = found.setdefault(response.status, {"description": _phrase(response.status)})
            _add_error(described, error, response, schemas.error_name(service.envelope_of(operation)))
            _add_headers(described, response)
    for described in found.values():
        for name, description in service.envelope_of(operation).headers:
            described.setdefault("headers", {})[name] = {"description": description, "schema": _TEXT}
    return {str(status): found[status] for status in sorted(found)}


_TEXT: Schema = {"type": "string"}


def _sent(service: Service, error: Error, operation: Operation) -> tuple[Response, ...]:
    """Return an operation's error as it goes out, with the headers of a limit if it is about one."""
    limit = service.limit_behind(error, operation)
    if limit is None:
        return service.envelope_of(operation).error_responses(error, operation)
    api_error = service.envelope_of(operation).limited(used_up(limit, 0.0), 0.0)
    response = service.envelope_of(operation).error(api_error)
    response.headers.extend(api_error.headers)
    return (response,)


def _add_headers(described: dict[str, Any], response: Response) -> None:
    for name, _ in response.headers:
        if name not in (b"content-type", b"content-length"):
            described.setdefault("headers", {}).setdefault(name.decode().title(), {"schema": _TEXT})


def _add_error(described: dict[str, Any], error: Error, response: Response, schema_name: str) -> None:
    if not response.body:
        return
    kind = _media_type(response)
    content = described.setdefault("content", {}).setdefault(kind, {})
    schema = _TEXT if kind.startswith("text/") else {"$ref": SCHEMAS + schema_name}
    known = content.setdefault("schema", schema)
    if known != schema and schema not in known.get("anyOf", ()):
        # A vendor may refuse with the status of a success.
        content["schema"] = {"anyOf": [known, schema]}
    content.setdefault("examples", {})[error.name] = {"$ref": f"#/components/examples/{error.name}"}


def possible_errors(service: Service, operation: Operation) -> list[Error]:
    """Return the errors that an operation may answer with, without the common ones that cannot occur."""
    envelope = service.envelope_of(operation)
    has_body = operation.body is not None
    typed = has_body or operation.query is not None or any(kind is not str for _, _, kind in operation.parameters)
    occasions = (
        (envelope.unauthorized, not operation.public),
        (envelope.not_found, bool(operation.parameters) and all(error.status != 404 for error in operation.errors)),
        (envelope.method_not_allowed, False),
        (envelope.unsupported_media_type, has_body),
        (envelope.too_large, has_body),
        (envelope.malformed, has_body),
        (envelope.invalid, typed),
        (envelope.throttled, bool(service.limits_of(operation))),
    )
    wanted = {*operation.errors, envelope.crashed, envelope.unavailable, *(row for row, there in occasions if there)}
    unwanted = {row for row, _ in occasions} - wanted
    return [error for error in service.errors_of(operation) if error not in unwanted]


def _error_responses(service: Service) -> dict[Error, Response]:
    """Return every error that an operation may answer with as it goes out, by name."""
    found: dict[Error, Response] = {}
    for operation in vendors(service):
        for error in possible_errors(service, operation):
            if error not in found:
                found[error] = service.envelope_of(operation).error(error())
    return {error: found[error] for error in sorted(found, key=lambda error: error.name)}


def _example(error: Error, response: Response) -> dict[str, Any]:
    """Return the error as it goes out; with the row's own words if they contain ``{names}``."""
    found: dict[str, Any] = {"summary": error.cause or error.message, "x-evidence": error.evidence}
    if error.docs:
        found["x-docs"] = error.docs
    if error.names or not response.body:
        found["description"] = error.message
    else:
        found["value"] = response.json() if _media_type(response) == _JSON else response.body.decode()
    return found


def _media_type(response: Response) -> str:
    kinds = (value for name, value in response.headers if name == b"content-type")
    return next(kinds, b"application/octet-stream").partition(b";")[0].decode()


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "name": limit.name,
        "description": str(limit),
        "amount": limit.amount,
        "seconds": limit.seconds,
        "window": limit.window,
        "shared": limit.shared,
        "x-evidence": limit.evidence,
    }


def _scheme(credential: Credential, server_url: str) -> dict[str, Any]:
    if credential.kind in ("bearer", "basic"):
        found: dict[str, Any] = {"type": "http", "scheme": credential.kind}
    elif credential.kind == "oauth2":
        flow: dict[str, Any] = {"tokenUrl": server_url + credential.token_path, "scopes": dict(credential.scopes)}
        name = "clientCredentials"
        if credential.authorize_path:
            flow["authorizationUrl"], name = server_url + credential.authorize_path, "authorizationCode"
        found = {"type": "oauth2", "flows": {name: flow}}
    else:
        found = {"type": "apiKey", "in": credential.kind, "name": credential.parameter}
    return {**found, "description": credential.description} if credential.description else found


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"
