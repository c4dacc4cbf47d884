"""The envelope of recipient lists."""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError, Error

from .. import errors
from ..envelope import SparkPostEnvelope


class RecipientListEnvelope(SparkPostEnvelope):
    """SparkPost's envelope, with an error of its own for a missing id."""

    def no_method(self, method: str, path: str) -> ApiError:
        # All lists together take neither method, one list takes both.
        if method in ("PUT", "DELETE"):
            return errors.LIST_ID_MISSING(method=method)
        return super().no_method(method, path)

    def path_errors(self) -> tuple[Error, ...]:
        return (errors.LIST_ID_MISSING,)
