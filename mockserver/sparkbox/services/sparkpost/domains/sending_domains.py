"""Sending domains: the domains that an account can send from, and their verification.

https://developers.sparkpost.com/api/sending-domains/. Quirks: create and update respond with a message; one domain is
shown without its name; a wrong verification token gets a 200; ``dns.dkim_record`` begins with ``v=DKIM1``, which the
vendor's example leaves out. See :mod:`.models` for the names that behave differently, and :mod:`.dkim_keys` for further
keys of a domain.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import subaccount
from ..fields import Flag, Text255, Text1024
from ..page import Page
from ..times import stamp
from . import dkim, names, registry, verification
from .dkim import DkimKey, Status
from .errors import (
    DMARC_POLICY,
    DOMAIN_EXISTS,
    DOMAIN_TAKEN,
    REMOTE_FAILED,
    RESERVED_MAILBOX,
    RESTRICTED_DOMAIN,
    TOO_MANY_DOMAINS,
)
from .models import SendingDomain
from .names import first_label
from .registry import StatusFields
from .verification import DnsFields, Verification

RESTRICTED = frozenset(
    {
        "sparkpost.com", "sparkpostmail.com", "sparkpostbox.com", "messagesystems.com",
        "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "aol.com", "icloud.com",
    }
)  # fmt: skip
"""assumed: the vendor does not say which domains are restricted."""

operations = Page(
    "Sending Domains",
    docs="https://developers.sparkpost.com/api/sending-domains/",
    view="sending_domains/view",
    modify="sending_domains/manage",
)


class GivenDkim(Body):
    """A client's keys. ``headers`` is stored and shown, but has no effect, as at the vendor's."""

    signing_domain: Text255 | None = None
    private: str | None = None
    public: str | None = None
    selector: Text255 | None = None
    headers: Text1024 | None = None


class NewDomain(Body):
    domain: Text255
    tracking_domain: Text255 | None = None
    dkim: GivenDkim | None = None
    generate_dkim: Flag | None = None
    dkim_key_length: Annotated[int | None, Field(strict=True)] = None
    shared_with_subaccounts: Flag | None = None
    is_default_bounce_domain: Flag | None = None


class DomainChanges(Body):
    tracking_domain: Text255 | None = None
    dkim: GivenDkim | None = None
    shared_with_subaccounts: Flag | None = None
    is_default_bounce_domain: Flag | None = None


class DomainQuery(Body):
    ownership_verified: bool | None = None
    dkim_status: Status | None = None
    cname_status: Status | None = None
    mx_status: Status | None = None
    abuse_at_status: Status | None = None
    postmaster_at_status: Status | None = None
    compliance_status: Literal["valid", "blocked", "pending"] | None = None
    is_default_bounce_domain: bool | None = None


class DkimFields(TypedDict):
    signing_domain: str
    public: str
    selector: str
    headers: str


class CreatedDomain(TypedDict):
    message: str
    domain: str
    dkim: NotRequired[DkimFields]


class UpdatedDomain(TypedDict):
    message: str
    domain: str


class CommonFields(TypedDict):
    tracking_domain: NotRequired[str]
    status: StatusFields
    shared_with_subaccounts: NotRequired[bool]
    subaccount_id: NotRequired[int]
    is_default_bounce_domain: bool
    creation_time: str


class DomainFields(CommonFields):
    dkim: NotRequired[DkimFields]


class DomainRow(CommonFields):
    domain: str


class VerifiedDomain(StatusFields):
    dns: NotRequired[DnsFields]


@operations.post(
    "/api/v1/sending-domains",
    errors=[
        errors.MISSING,
        RESTRICTED_DOMAIN,
        DOMAIN_TAKEN,
        DOMAIN_EXISTS,
        TOO_MANY_DOMAINS,
        errors.INVALID_PARAMETERS,
    ],
)
def create_sending_domain(ctx: Context, body: NewDomain) -> CreatedDomain:
    """Create a sending domain.

    It has to be verified within two weeks. A DKIM key is generated unless ``dkim`` gives one or ``generate_dkim`` is
    false. Some names are refused or behave differently.
    """
    name, owner = names.check(body.domain), subaccount(ctx)
    _check_registrable(ctx, name)
    if body.is_default_bounce_domain:
        text = "'is_default_bounce_domain' cannot be set to true at the time of domain creation"
        raise errors.INVALID(description=text)
    domain = SendingDomain(
        id=name,
        subaccount=owner,
        created=ctx.now,
        shared=_shared(owner, body.shared_with_subaccounts),
        tracking_domain=_tracking_domain(ctx, body.tracking_domain),
        dkim=_given_key(name, body.dkim) or _drawn_key(ctx, name, body),
    )
    ctx.store[SendingDomain].put(domain)
    response: CreatedDomain = {"message": "Successfully Created domain.", "domain": name}
    if domain.dkim is not None:
        response["dkim"] = _dkim_fields(domain.dkim)
    return response


@operations.get("/api/v1/sending-domains", errors=[errors.INVALID_PARAMETERS])
def list_sending_domains(ctx: Context, query: DomainQuery) -> list[DomainRow]:
    """List all sending domains.

    The parameters filter by status. A subaccount sees its own and the shared domains, the main account sees all.
    """
    wanted = query.model_dump(exclude_none=True)
    return [{"domain": domain.id, **_fields(domain)} for domain in registry.visible(ctx) if _matches(domain, wanted)]


@operations.get("/api/v1/sending-domains/{domain}", errors=[errors.RESOURCE_NOT_FOUND, errors.INVALID_PARAMETERS])
def retrieve_sending_domain(ctx: Context, domain: str) -> DomainFields:
    """Retrieve a sending domain."""
    found = registry.find(ctx, domain)
    fields: DomainFields = {**_fields(found)}  # type: ignore[typeddict-item]
    if found.dkim is not None:
        fields["dkim"] = _dkim_fields(found.dkim)
    return fields


@operations.put(
    "/api/v1/sending-domains/{domain}",
    errors=[errors.RESOURCE_NOT_FOUND, errors.MISSING, REMOTE_FAILED, errors.INVALID_PARAMETERS],
)
def update_sending_domain(ctx: Context, domain: str, body: DomainChanges) -> UpdatedDomain:
    """Update a sending domain.

    New DKIM keys are verified first; if that fails, nothing changes. An empty ``tracking_domain`` removes it. Only a
    domain whose CNAME or MX record is verified can become the default bounce domain; it replaces the previous one.
    """
    found = registry.own(ctx, domain)
    if body.is_default_bounce_domain and not found.bounces:
        text = "Domain must have cname_status 'valid' or mx_status 'valid' in order to set"
        raise errors.INVALID(description=f"{text} 'is_default_bounce_domain' to true")
    key = _given_key(found.id, body.dkim)
    if key is not None:
        key = _verified_key(found, key)
    changed = replace(found, dkim=key or found.dkim)
    if body.shared_with_subaccounts is not None:
        changed = replace(changed, shared=_shared(found.subaccount, body.shared_with_subaccounts))
    if body.tracking_domain is not None:
        changed = replace(changed, tracking_domain=_tracking_domain(ctx, body.tracking_domain))
    if body.is_default_bounce_domain is not None:
        changed = replace(changed, default_bounce=body.is_default_bounce_domain)
    if changed.default_bounce:
        _clear_default_bounce(ctx, found.subaccount)
    ctx.store[SendingDomain].put(changed)
    return {"message": "Successfully Updated Domain.", "domain": found.id}


@operations.delete(
    "/api/v1/sending-domains/{domain}", status=204, errors=[errors.RESOURCE_NOT_FOUND, errors.INVALID_PARAMETERS]
)
def delete_sending_domain(ctx: Context, domain: str) -> None:
    """Delete a sending domain.

    Its DKIM keys are deleted with it.
    """
    ctx.store[SendingDomain].delete(registry.own(ctx, domain).id)


@operations.post(
    "/api/v1/sending-domains/{domain}/verify",
    body_required=False,
    errors=[
        errors.RESOURCE_NOT_FOUND,
        errors.MISSING,
        RESERVED_MAILBOX,
        DMARC_POLICY,
        errors.INVALID_PARAMETERS,
    ],
)
def verify_sending_domain(ctx: Context, domain: str, body: Verification | None = None) -> VerifiedDomain:
    """Verify a sending domain.

    Either by DNS (``dkim_verify``, ``cname_verify``, ``mx_verify``, ``spf_verify``), or by mailbox: a mail with a token
    is sent (``abuse_at_verify``, ``postmaster_at_verify``, ``verification_mailbox_verify``), which is posted back.
    """
    changed, dns = verification.verify(ctx, registry.own(ctx, domain), body or Verification())
    ctx.store[SendingDomain].put(changed)
    response: VerifiedDomain = {**registry.status_fields(changed)}  # type: ignore[typeddict-item]
    if dns:
        response["dns"] = dns
    return response


def _check_registrable(ctx: Context, name: str) -> None:
    if name in RESTRICTED or first_label(name) == "restricted":
        raise RESTRICTED_DOMAIN()
    if first_label(name) == "taken":
        raise DOMAIN_TAKEN()
    if registry.get(ctx, name) is not None:
        raise DOMAIN_EXISTS(domain=name)
    if registry.is_full(ctx):
        raise TOO_MANY_DOMAINS()


def _shared(owner: int, requested: bool | None) -> bool:
    if requested and owner:
        # assumed: the vendor only says that it is not available to subaccounts.
        text = "'shared_with_subaccounts' is only available to domains of the primary account"
        raise errors.INVALID(description=text)
    return bool(requested)


def _tracking_domain(ctx: Context, requested: str | None) -> str:
    if requested and ctx.strict:
        raise errors.INVALID_PARAMETERS(
            description=f"Tracking domain '{requested}' is not a registered tracking domain"
        )
    return names.check(requested) if requested else ""


def _given_key(domain: str, given: GivenDkim | None) -> DkimKey | None:
    # The Python client sends null for missing values: an object of nulls counts as absent.
    if given is None or not given.model_dump(exclude_none=True):
        return None
    if given.private is None or given.public is None or given.selector is None:
        missing = next(name for name in ("private", "public", "selector") if getattr(given, name) is None)
        raise errors.MISSING(description=f"field 'dkim.{missing}' is required")
    public, bits = dkim.check_pair(given.private, given.public)
    return DkimKey(
        id="default",
        signing_domain=names.check(given.signing_domain) if given.signing_domain else domain,
        public=public,
        selector=dkim.check_selector(given.selector),
        bits=bits,
        headers=given.headers or dkim.HEADERS,
    )


def _drawn_key(ctx: Context, domain: str, body: NewDomain) -> DkimKey | None:
    if body.generate_dkim is False:
        return None
    bits = dkim.check_bits(body.dkim_key_length)
    return DkimKey("default", domain, dkim.draw(ctx.ids, bits), dkim.new_selector("scph", ctx.now), bits)


def _verified_key(domain: SendingDomain, key: DkimKey) -> DkimKey:
    if not verification.dkim_found(domain.id, key):
        problem = f"DNS DKIM query error: no TXT record at '{key.record_name}'"
        raise REMOTE_FAILED(description=f"Unable to verify DKIM record of {domain.id}. {problem}")
    return replace(key, status="valid")


def _clear_default_bounce(ctx: Context, owner: int) -> None:
    for domain in ctx.store[SendingDomain].values():
        if domain.default_bounce and domain.subaccount == owner:
            ctx.store[SendingDomain].put(replace(domain, default_bounce=False))


def _matches(domain: SendingDomain, wanted: dict[str, object]) -> bool:
    shown = {**registry.status_fields(domain), "is_default_bounce_domain": domain.default_bounce}
    return all(shown[name] == value for name, value in wanted.items())


def _dkim_fields(key: DkimKey) -> DkimFields:
    return {
        "signing_domain": key.signing_domain,
        "public": key.public,
        "selector": key.selector,
        "headers": key.headers,
    }


def _fields(domain: SendingDomain) -> CommonFields:
    fields: CommonFields = {
        "status": registry.status_fields(domain),
        "is_default_bounce_domain": domain.default_bounce,
        "creation_time": stamp(domain.created),
    }
    if domain.tracking_domain:
        fields["tracking_domain"] = domain.tracking_domain
    if domain.subaccount:
        fields["subaccount_id"] = domain.subaccount
    else:
        fields["shared_with_subaccounts"] = domain.shared
    return fields
