"""WhatsApp messages as the API and events show them."""

from __future__ import annotations

from typing import Any, NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.logs.events import PendingEvent
from sparkbox.core.request.http import json_size
from sparkbox.core.state.context import Context
from sparkbox.services import ENGAGESPARK

from .. import times
from ..auth import ORGANIZATION
from .models import WhatsApp


class Location(TypedDict):
    """Where somebody is; the coordinates are text."""

    latitude: str
    longitude: str
    address: str
    label: str


class WhatsAppFields(TypedDict):
    id: str
    direction: str
    created: str
    sender: str
    recipient: str
    contactId: int
    done: bool
    read: bool
    readAt: NotRequired[str]
    successT: NotRequired[str]
    message: str
    imageFiles: list[str]
    audioFiles: list[str]
    videoFiles: list[str]
    documentFiles: list[str]
    fullFilePaths: list[str]
    location: NotRequired[Location]
    content: NotRequired[dict[str, Any]]
    error: str
    deliveryError: str
    deliveredToTelco: bool
    deliveredToPhone: str
    charged: int


class WhatsAppEvent(PendingEvent, frozen=True, gc=False, kw_only=True):
    """What happened to a message, with the message as it was then."""

    whatsapp: WhatsApp

    @property
    def data(self) -> Any:
        return view(self.whatsapp)


def emit(ctx: Context, type: str, whatsapp: WhatsApp) -> None:
    """Emit what happened to a message."""
    event = WhatsAppEvent(
        time=ctx.now,
        service=ENGAGESPARK.name,
        account=ctx.account.credential,
        type=type,
        message=whatsapp.captured,
        whatsapp=whatsapp,
    )
    ctx.emit_pending(event, size(whatsapp))


def view(whatsapp: WhatsApp) -> WhatsAppFields:
    """Return the message as the API shows it."""
    names = [*whatsapp.images, *whatsapp.audios, *whatsapp.videos, *whatsapp.documents]
    fields: WhatsAppFields = {
        "id": whatsapp.id,
        "direction": "ingress" if whatsapp.ingress else "egress",
        "created": times.stamp(whatsapp.created),
        "sender": whatsapp.sender,
        "recipient": whatsapp.recipient,
        "contactId": whatsapp.contact,
        "done": whatsapp.done,
        "read": whatsapp.read is not None,
        "message": whatsapp.message,
        "imageFiles": list(whatsapp.images),
        "audioFiles": list(whatsapp.audios),
        "videoFiles": list(whatsapp.videos),
        "documentFiles": list(whatsapp.documents),
        "fullFilePaths": [f"/v1/organizations/{ORGANIZATION}/files/{name}" for name in names],
        "error": whatsapp.error,
        "deliveryError": whatsapp.delivery_error,
        "deliveredToTelco": whatsapp.to_telco,
        "deliveredToPhone": whatsapp.to_phone,
        "charged": whatsapp.charged,
    }
    if whatsapp.handed_over is not None:
        fields["successT"] = times.stamp(whatsapp.handed_over)
    if whatsapp.read is not None:
        fields["readAt"] = times.stamp(whatsapp.read)
    if whatsapp.content:
        fields["content"] = orjson.loads(whatsapp.content)
    if whatsapp.location:
        fields["location"] = orjson.loads(whatsapp.location)
    return fields


def size(whatsapp: WhatsApp) -> int:
    """Return the bytes of :func:`view` as JSON, without writing all of it where that is simple."""
    files = whatsapp.images or whatsapp.audios or whatsapp.videos or whatsapp.documents
    if files or whatsapp.content or whatsapp.location:
        return json_size(view(whatsapp))
    values = (
        whatsapp.id,
        "ingress" if whatsapp.ingress else "egress",
        whatsapp.sender,
        whatsapp.recipient,
        whatsapp.contact,
        whatsapp.done,
        whatsapp.read is not None,
        whatsapp.message,
        whatsapp.error,
        whatsapp.delivery_error,
        whatsapp.to_telco,
        whatsapp.to_phone,
        whatsapp.charged,
    )
    bytes = _NAMES + json_size(values) + times.stamp_size(whatsapp.created)
    if whatsapp.handed_over is not None:
        bytes += _SENT + times.stamp_size(whatsapp.handed_over)
    return bytes if whatsapp.read is None else bytes + _READ + times.stamp_size(whatsapp.read)


_SENT, _READ = len(',"successT":""'), len(',"readAt":""')
_OPTIONAL = ("readAt", "successT", "location", "content")
_FILES = 5
_NAMES = len(',""') + _FILES * len(",[]")
_NAMES += sum(len(f'"{name}":') for name in WhatsAppFields.__annotations__ if name not in _OPTIONAL)
"""Beside the values, those of :func:`size` and the time at which it was made; of files there are none."""
