"""The envelope of the suppression list."""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError

from .. import errors
from ..envelope import SparkPostEnvelope


class SuppressionEnvelope(SparkPostEnvelope):
    """SparkPost's envelope, with a 404 for a deletion without an address, as recorded by the vendor's Go client."""

    def no_method(self, method: str, path: str) -> ApiError:
        if method == "DELETE":
            return errors.NOT_FOUND()
        return super().no_method(method, path)
