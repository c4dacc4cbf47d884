"""How errors of the consent page look: a page for the person, or a redirect to the partner."""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response

from .. import errors
from ..page_envelope import PageEnvelope


class ConsentEnvelope(PageEnvelope):
    """The envelope of ``/oauth/authorize``. See RFC 6749, section 4.1.2.1."""

    def error(self, api_error: ApiError) -> Response:
        status = api_error.error.status
        return Response(status, b"", []) if status in (302, 303) else super().error(api_error)

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        return errors.FORM_PAGE()
