"""Further DKIM keys of a sending domain, up to 256 beside the default one.

https://developers.sparkpost.com/api/sending-domains/#header-dkim-keys. Quirks: the list has ``total_count`` beside
``results``; the default key comes first, as ``default`` and without times, and cannot be changed here; errors have the
code 1300 with the message and status of 1200.
"""

from __future__ import annotations

import re
import string
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..fields import Text255, Text1024
from ..page import Page
from ..times import stamp
from . import dkim, names, registry
from .dkim import DkimKey, Status
from .errors import DKIM_KEY_REFUSED
from .models import SendingDomain
from .verification import NOT_FOUND, dkim_found

DEFAULT = "default"
MOST_KEYS = 256

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

operations = Page(
    "Sending Domains",
    docs="https://developers.sparkpost.com/api/sending-domains/#header-dkim-keys",
    errors=[errors.RESOURCE_NOT_FOUND, errors.INVALID_PARAMETERS],
    view="sending_domains/view",
    modify="sending_domains/manage",
)


class KeyFields(Body):
    """The fields of a key; a client's own pair needs ``private``, ``public`` and ``selector``."""

    signing_domain: Text255 | None = None
    headers: Text1024 | None = None
    private: str | None = None
    public: str | None = None
    selector: Text255 | None = None


class NewKey(KeyFields):
    id: str | None = None
    dkim_key_length: Annotated[int | None, Field(strict=True)] = None


class KeyChanges(KeyFields):
    id: Any = None


class DnsRecord(TypedDict):
    dkim_record: str
    dkim_value: str
    dkim_error: NotRequired[str]


class KeyRow(TypedDict):
    id: str
    signing_domain: str
    public: str
    selector: str
    headers: str
    dkim_status: Status
    is_default: bool
    dkim_key_length: int
    created_at: NotRequired[str]
    updated_at: NotRequired[str]


class KeyList(TypedDict):
    results: list[KeyRow]
    total_count: int


class KeyDetails(KeyRow):
    dns: DnsRecord


class UpdatedKey(KeyDetails):
    message: str


class VerifiedKey(TypedDict):
    id: str
    dkim_status: Status
    dns: DnsRecord


@operations.get("/api/v1/sending-domains/{domain}/dkim-keys", bare=True)
def list_dkim_keys(ctx: Context, domain: str) -> KeyList:
    """List DKIM keys.

    The default one comes first.
    """
    found = registry.find(ctx, domain)
    keys = ((found.dkim,) if found.dkim is not None else ()) + found.keys
    return {"results": [_row(key) for key in keys], "total_count": len(keys)}


@operations.post("/api/v1/sending-domains/{domain}/dkim-keys", errors=[DKIM_KEY_REFUSED, errors.MISSING])
def create_dkim_key(ctx: Context, domain: str, body: NewKey) -> KeyDetails:
    """Create a DKIM key.

    It is generated unless the client gives ``private``, ``public`` and ``selector``.
    """
    found = registry.own(ctx, domain)
    id = _new_id(found, body.id)
    given = _given_pair(body)
    public, bits = given or _drawn_pair(ctx, body.dkim_key_length)
    key = DkimKey(
        id=id,
        signing_domain=names.check(body.signing_domain) if body.signing_domain else found.id,
        public=public,
        selector=dkim.check_selector(body.selector or "") if given else _drawn_selector(ctx),
        bits=bits,
        headers=body.headers or dkim.HEADERS,
        created=ctx.now,
        updated=ctx.now,
    )
    ctx.store[SendingDomain].put(replace(found, keys=(*found.keys, key)))
    return _details(key)


@operations.get("/api/v1/sending-domains/{domain}/dkim-keys/{key_id}")
def retrieve_dkim_key(ctx: Context, domain: str, key_id: str) -> KeyDetails:
    """Retrieve a DKIM key.

    ``default`` is the domain's default key.
    """
    return _details(_find(registry.find(ctx, domain), key_id))


@operations.put("/api/v1/sending-domains/{domain}/dkim-keys/{key_id}", errors=[DKIM_KEY_REFUSED])
def update_dkim_key(ctx: Context, domain: str, key_id: str, body: KeyChanges) -> UpdatedKey:
    """Update a DKIM key.

    A new signing domain or new keys have to be verified again.
    """
    found = registry.own(ctx, domain)
    if key_id == DEFAULT:
        text = "Cannot update default key via this endpoint. Use /sending-domains/{domain} instead."
        raise DKIM_KEY_REFUSED(description=text)
    key = _find(found, key_id)
    if body.id is not None:
        raise DKIM_KEY_REFUSED(description="Field 'id' is immutable")
    changed = replace(key, headers=body.headers or key.headers, updated=ctx.now)
    given = _given_pair(body)
    if given is not None:
        selector = dkim.check_selector(body.selector or "")
        changed = replace(changed, public=given[0], bits=given[1], selector=selector, status="unverified")
    if body.signing_domain is not None:
        signing_domain = names.check(body.signing_domain) if body.signing_domain else found.id
        changed = replace(changed, signing_domain=signing_domain)
    if changed.record_name != key.record_name:
        changed = replace(changed, status="unverified")
    _put(ctx, found, changed)
    return {"message": "Successfully updated DKIM key.", **_details(changed)}


@operations.delete("/api/v1/sending-domains/{domain}/dkim-keys/{key_id}", status=204, errors=[DKIM_KEY_REFUSED])
def delete_dkim_key(ctx: Context, domain: str, key_id: str) -> None:
    """Delete a DKIM key."""
    found = registry.own(ctx, domain)
    if key_id == DEFAULT:
        raise DKIM_KEY_REFUSED(description="Cannot delete default key")
    key = _find(found, key_id)
    ctx.store[SendingDomain].put(replace(found, keys=tuple(other for other in found.keys if other is not key)))


@operations.post("/api/v1/sending-domains/{domain}/dkim-keys/{key_id}/verify", errors=[DKIM_KEY_REFUSED])
def verify_dkim_key(ctx: Context, domain: str, key_id: str) -> VerifiedKey:
    """Verify a DKIM key.

    Its record is found unless the domain or the signing domain begins with ``unverified.``.
    """
    found = registry.own(ctx, domain)
    if key_id == DEFAULT:
        text = (
            "Cannot verify default key via this endpoint. Use /sending-domains/{domain}/verify with dkim_verify: true"
        )
        raise DKIM_KEY_REFUSED(description=f"{text} instead.")
    key = _find(found, key_id)
    valid = dkim_found(found.id, key)
    changed = replace(key, status="valid" if valid else "invalid")
    _put(ctx, found, changed)
    dns = _dns(changed)
    if not valid:
        dns["dkim_error"] = NOT_FOUND.format(type="TXT")
    return {"id": key.id, "dkim_status": changed.status, "dns": dns}


def require(ctx: Context, domain: str, key_id: str) -> None:
    """Raise an API error unless ``domain`` has the key in ``options.dkim_key`` and has verified it.

    The easy profile takes any key of an unregistered domain and requires no verification.
    """
    found = registry.get(ctx, domain.lower())
    if found is None and not ctx.strict:
        return
    key = None if found is None else _get(found, key_id)
    if key is None:
        raise errors.UNKNOWN_DKIM_KEY(key_id=key_id, domain=domain)
    if ctx.strict and key.status != "valid":
        raise errors.UNVERIFIED_DKIM_KEY(key_id=key_id, domain=domain)


def _new_id(domain: SendingDomain, id: str | None) -> str:
    if not id:
        raise errors.MISSING(description="id is required")
    if id == DEFAULT:
        raise DKIM_KEY_REFUSED(description=f"Key ID '{id}' is reserved")
    if _ID.fullmatch(id) is None:
        text = "Key ID must be 1-64 alphanumeric characters, hyphens or underscores and start with an alphanumeric one"
        raise DKIM_KEY_REFUSED(description=text)
    if _get(domain, id) is not None:
        raise DKIM_KEY_REFUSED(description=f"Key ID '{id}' already exists")
    if len(domain.keys) >= MOST_KEYS:
        raise DKIM_KEY_REFUSED(description=f"Domain '{domain.id}' already has {MOST_KEYS} DKIM keys")
    return id


def _given_pair(body: KeyFields) -> tuple[str, int] | None:
    if body.private is None and body.public is None and body.selector is None:
        return None
    if body.private is None or body.public is None or body.selector is None:
        text = "When providing custom keys, private, public, and selector must all be specified"
        raise DKIM_KEY_REFUSED(description=text)
    return dkim.check_pair(body.private, body.public)


def _drawn_pair(ctx: Context, bits: int | None) -> tuple[str, int]:
    bits = dkim.check_bits(bits)
    return dkim.draw(ctx.ids, bits), bits


def _drawn_selector(ctx: Context) -> str:
    return dkim.new_selector(ctx.ids.text(6, string.ascii_lowercase), ctx.now)


def _get(domain: SendingDomain, key_id: str) -> DkimKey | None:
    if key_id == DEFAULT:
        return domain.dkim
    return next((key for key in domain.keys if key.id == key_id), None)


def _find(domain: SendingDomain, key_id: str) -> DkimKey:
    key = _get(domain, key_id)
    if key is None:
        raise errors.RESOURCE_NOT_FOUND(description=f"DKIM key '{key_id}' does not exist")
    return key


def _put(ctx: Context, domain: SendingDomain, changed: DkimKey) -> None:
    keys = tuple(changed if key.id == changed.id else key for key in domain.keys)
    ctx.store[SendingDomain].put(replace(domain, keys=keys))


def _row(key: DkimKey) -> KeyRow:
    row: KeyRow = {
        "id": key.id,
        "signing_domain": key.signing_domain,
        "public": key.public,
        "selector": key.selector,
        "headers": key.headers,
        "dkim_status": key.status,
        "is_default": key.id == DEFAULT,
        "dkim_key_length": key.bits,
    }
    if key.id != DEFAULT:
        row["created_at"] = _time(key.created)
        row["updated_at"] = _time(key.updated)
    return row


def _details(key: DkimKey) -> KeyDetails:
    return {**_row(key), "dns": _dns(key)}


def _dns(key: DkimKey) -> DnsRecord:
    return {"dkim_record": key.record_name, "dkim_value": key.record_value}


def _time(seconds: float) -> str:
    return stamp(seconds).replace("+00:00", "Z")
