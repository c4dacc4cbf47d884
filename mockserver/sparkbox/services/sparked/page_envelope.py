"""How pages for people look: errors are pages too."""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.http import Response

from . import pages
from .envelope import SparkedEnvelope, challenge


class PageEnvelope(SparkedEnvelope):
    """The envelope of a section of pages."""

    def error(self, api_error: ApiError) -> Response:
        error = api_error.error
        response = pages.error_page(error.status, str(error.code), api_error.message)
        if error.status == 401:
            response.headers.extend(challenge(api_error))
        return response
