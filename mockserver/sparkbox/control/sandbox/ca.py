"""The certificate authority that clients of the TLS ports have to trust."""

from __future__ import annotations

from sparkbox import UserError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.http import Response

from .. import errors
from ..context import Context

operations = Operations("Certificate authority", public=True)


@operations.get("/_mock/ca", media_types=((200, "application/x-pem-file"),), errors=[errors.NO_AUTHORITY])
def show_authority(ctx: Context) -> Response:
    """Download the authority's certificate, PEM: the file that `sparkbox ca` names."""
    find = ctx.sandbox.find_authority
    if find is None:
        raise errors.NO_AUTHORITY(reason="it has no TLS ports")
    try:
        certificate = find()
    except UserError as error:
        raise errors.NO_AUTHORITY(reason=str(error)) from None
    return Response(200, certificate, [(b"content-type", b"application/x-pem-file")])
