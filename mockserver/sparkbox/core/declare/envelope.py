"""How a service's responses look on the wire. Subclasses of :class:`Envelope` alone write these shapes.

The sandbox's own errors (an unknown path, a method that is not allowed, a limit, an injected fault) go through the same
class, so they look like the vendor's, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..request.http import Response, json_response
from .errors import ApiError, Error
from .limits import Standing
from .operation import Operation
from .schema import Problem

if TYPE_CHECKING:
    from ..state.context import Context


class Envelope:
    """The shape of a service's responses. Override what differs; the named rows are its errors for common trouble."""

    unauthorized: Error
    not_found: Error
    method_not_allowed: Error
    unsupported_media_type: Error
    too_large: Error
    malformed: Error
    invalid: Error
    throttled: Error
    crashed: Error
    unavailable: Error
    headers: tuple[tuple[str, str], ...] = ()
    """The headers that :meth:`finish` adds to each response, and what they say, for the docs."""

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        """Return a handler's payload as it goes out."""
        if status == 204:
            return Response(204, b"", [])
        return json_response(status, payload)

    def error(self, api_error: ApiError) -> Response:
        """Return an API error as it goes out; the caller adds ``api_error.headers``."""
        raise NotImplementedError

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        """Return the error for an invalid request. The kind ``json_invalid`` means that it could not be read at all."""
        if any(problem.kind == "json_invalid" for problem in problems):
            return self.malformed()
        first = problems[0]
        return self.invalid(description=f"{first.field}: {first.message}" if first.path else first.message)

    def no_method(self, method: str, path: str) -> ApiError:
        """Return the error for a known path that does not take this method."""
        return self.method_not_allowed(method=method, path=path)

    def limited(self, standing: Standing, now: float) -> ApiError:
        """Return the error of a rate limit. The vendor's headers go to its ``headers``."""
        return self.throttled()

    def code_of(self, status: int) -> str | int | None:
        """Return the code beside an injected status that no error of the service has."""
        return None

    def finish(self, ctx: Context, response: Response) -> None:
        """Add what every response carries, such as a request id."""

    def media_type(self, operation: Operation) -> str:
        """Return the media type of a handler's payload."""
        return "application/json"

    def error_responses(self, error: Error, operation: Operation) -> tuple[Response, ...]:
        """Return an error as it goes out from an operation, in each of its forms."""
        return (self.error(error()),)

    def wrap_schema(self, schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
        """Return the JSON schema of a response, from the schema of what the handler returns."""
        return schema

    def error_schema(self) -> dict[str, Any]:
        """Return the JSON schema of this service's errors."""
        return {"type": "object"}

    def path_errors(self) -> tuple[Error, ...]:
        """Return the errors of :meth:`no_method` that no operation answers with."""
        return ()

    def common_errors(self) -> tuple[Error, ...]:
        """Return the errors that any operation may answer with."""
        rows = (
            self.unauthorized, self.not_found, self.method_not_allowed, self.unsupported_media_type,
            self.too_large, self.malformed, self.invalid, self.throttled, self.crashed, self.unavailable,
        )  # fmt: skip
        return tuple(dict.fromkeys(rows, None))
