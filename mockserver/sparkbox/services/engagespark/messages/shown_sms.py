"""SMS as the API, receipts and events show them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from sparkbox.core.logs.events import PendingEvent
from sparkbox.core.request.http import json_size
from sparkbox.core.state.context import Context
from sparkbox.services import ENGAGESPARK

from .. import times
from ..accounts.money import exact
from .models import Sms


class SmsFields(TypedDict):
    """An SMS as lists and receipts show it. Note ``client_ref``."""

    id: str
    direction: str
    created: str
    sender: str
    recipient: str
    contactId: int
    pricePerPart: int
    done: bool
    successPartCount: int
    successT: NotRequired[str]
    message: str
    error: str
    deliveryError: str
    deliveredToTelco: bool
    deliveredToPhone: str
    client_ref: str
    chargedMicro: int
    chargedHuman: str


class SmsEvent(PendingEvent, frozen=True, gc=False, kw_only=True):
    """What happened to an SMS, with the SMS as it was then."""

    sms: Sms

    @property
    def data(self) -> Any:
        return view(self.sms)


def emit(ctx: Context, type: str, sms: Sms) -> None:
    """Emit what happened to an SMS."""
    account = ctx.account.credential
    event = SmsEvent(time=ctx.now, service=ENGAGESPARK.name, account=account, type=type, message=sms.captured, sms=sms)
    ctx.emit_pending(event, size(sms))


def view(sms: Sms) -> SmsFields:
    """Return the SMS as the API shows it."""
    fields: SmsFields = {
        "id": sms.id,
        "direction": "ingress" if sms.ingress else "egress",
        "created": times.stamp(sms.created),
        "sender": sms.sender,
        "recipient": sms.recipient,
        "contactId": sms.contact,
        "pricePerPart": sms.price,
        "done": sms.done,
        "successPartCount": sms.parts if sms.handed_over is not None else 0,
        "message": sms.message,
        "error": sms.error,
        "deliveryError": sms.delivery_error,
        "deliveredToTelco": sms.to_telco,
        "deliveredToPhone": sms.to_phone,
        "client_ref": sms.client_ref,
        "chargedMicro": sms.charged,
        "chargedHuman": exact(sms.charged),
    }
    if sms.handed_over is not None:
        fields["successT"] = times.stamp(sms.handed_over)
    return fields


def size(sms: Sms) -> int:
    """Return the bytes of :func:`view` as JSON, without writing all of it."""
    values = (
        sms.id,
        "ingress" if sms.ingress else "egress",
        sms.sender,
        sms.recipient,
        sms.contact,
        sms.price,
        sms.done,
        0 if sms.handed_over is None else sms.parts,
        sms.message,
        sms.error,
        sms.delivery_error,
        sms.to_telco,
        sms.to_phone,
        sms.client_ref,
        sms.charged,
        exact(sms.charged),
    )
    bytes = _NAMES + json_size(values) + times.stamp_size(sms.created)
    return bytes if sms.handed_over is None else bytes + _SENT + times.stamp_size(sms.handed_over)


_SENT = len(',"successT":""')
_NAMES = len(',""') + sum(len(f'"{name}":') for name in SmsFields.__annotations__ if name != "successT")
"""Beside the values, those of :func:`size` and the time at which it was made."""
