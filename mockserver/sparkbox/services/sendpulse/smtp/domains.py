"""Configuration of the SMTP service: IP addresses, senders and domains to send from.

https://sendpulse.com/integrations/api/smtp. A sender domain is active at once in the easy profile; in the strict one a
link in a mail activates it. ``/smtp/domains`` is the older API, which the vendor's clients still use: it names a domain
by an address in it, and mails the link there. https://github.com/sendpulse/sendpulse-rest-api-python
"""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace
from sparkbox.mail.message import MailMessage

from .. import addresses, errors
from ..accounts import plans
from ..bulk_email import links, senders
from ..requests.fields import AnyText
from ..results import RESULT, Result

DEDICATED_IPS = ["203.0.113.10"]
SPF = "v=spf1 include:spf.sendpulse.com ~all"
MOST_DOMAINS = 1_000

operations = Operations("SMTP configuration", docs="https://sendpulse.com/integrations/api/smtp")


class SenderDomain(Record, frozen=True, gc=False):
    """A domain to send from; the link is mailed to ``contact``, an address in it."""

    name: str
    number: int
    contact: str
    active: bool

    @property
    def key(self) -> str:
        return self.name


class OldDomain(Body):
    email: AnyText = None


class DomainChecks(TypedDict):
    check_dkim: bool
    check_spf: bool
    check_dmarc: bool
    all_checks: bool
    spf_txt_needed: str


class DomainRecord(TypedDict):
    id: int
    user_id: int
    service_type: int
    service_value: str
    status: int
    is_default: bool
    ssl_type: int
    checks: DomainChecks


class DomainList(TypedDict):
    result: bool
    data: list[DomainRecord]


class DomainListResponse(TypedDict):
    data: DomainList


class ResultResponse(TypedDict):
    data: Result


@operations.get("/smtp/ips")
def list_ips(ctx: Context) -> list[str]:
    """Get a list of sender's IP addresses."""
    return DEDICATED_IPS


@operations.get("/smtp/senders")
def list_smtp_senders(ctx: Context) -> list[str]:
    """Get a list of sender's email addresses.

    Those that are active.
    """
    return [sender.email for sender in ctx.store[senders.Sender].values() if sender.active]


@operations.get("/v2/email-service/smtp/sender_domains")
def list_sender_domains(ctx: Context) -> DomainListResponse:
    """Get a list of allowed domains."""
    user_id = plans.current(ctx).user_id
    rows = [_row(domain, user_id, first=index == 0) for index, domain in enumerate(ctx.store[SenderDomain].values())]
    return {"data": {"result": True, "data": rows}}


@operations.post(
    "/v2/email-service/smtp/sender_domains/{domain}",
    errors=[errors.FREE_SERVICE, errors.DOMAIN_TAKEN, errors.PLAN_DENIED],
)
def add_sender_domain(ctx: Context, domain: str) -> ResultResponse:
    """Add a domain."""
    name = addresses.read_domain(domain)
    if name is None:
        raise errors.ARGUMENT_INVALID(name="domain", complaint="is invalid")
    _add(ctx, f"postmaster@{name}", active=not ctx.strict)
    return {"data": RESULT}


@operations.get("/smtp/domains", evidence="observed")
def list_domains(ctx: Context) -> list[str]:
    """Get a list of sender domains.

    The older operation: the active ones, by name.
    """
    return [domain.name for domain in ctx.store[SenderDomain].values() if domain.active]


@operations.post(
    "/smtp/domains",
    evidence="observed",
    errors=[
        errors.EMAIL_MISSING,
        errors.EMAIL_SYNTAX,
        errors.FREE_SERVICE,
        errors.DOMAIN_TAKEN,
        errors.PLAN_DENIED,
    ],
)
def add_domain(ctx: Context, body: OldDomain) -> Result:
    """Add a sender domain by an address.

    The older operation: a link is mailed to the address.
    """
    _add(ctx, _address(body.email), active=False)
    return RESULT


@operations.get(
    "/smtp/domains/{email}",
    evidence="observed",
    errors=[errors.EMAIL_MISSING, errors.EMAIL_SYNTAX, errors.NOTHING_TO_ACTIVATE],
)
def verify_domain(ctx: Context, email: str) -> Result:
    """Mail the link again that activates a sender domain."""
    domain = ctx.store[SenderDomain].get(addresses.domain_of(_address(email)))
    if domain is None or domain.active:
        raise errors.NOTHING_TO_ACTIVATE()
    _mail_link(ctx, domain)
    return RESULT


def activate(ctx: Context, domain: SenderDomain) -> None:
    """Activate a sender domain, as the link in the mail does."""
    ctx.store[SenderDomain].put(replace(domain, active=True))


def _address(value: Any) -> str:
    if value is None or str(value).strip() == "":
        raise errors.EMAIL_MISSING()
    email = addresses.read(value)
    if email is None:
        raise errors.EMAIL_SYNTAX()
    return email


def _add(ctx: Context, contact: str, *, active: bool) -> None:
    domains = ctx.store[SenderDomain]
    name = addresses.domain_of(contact)
    if addresses.is_free(contact):
        raise errors.FREE_SERVICE()
    if domains.get(name) is not None:
        raise errors.DOMAIN_TAKEN()
    plans.check_budget(ctx, domains, 1, MOST_DOMAINS)
    domain = SenderDomain(name, domains.next_id(), contact, active)
    domains.put(domain)
    if not active:
        _mail_link(ctx, domain)


def _mail_link(ctx: Context, domain: SenderDomain) -> None:
    link = links.make(ctx, "domain", domain.name)
    ctx.capture(
        MailMessage(
            sender="no-reply@sendpulse.com",
            sender_name="SendPulse",
            to=domain.contact,
            subject="Confirm your sender domain",
            text=f"Confirm that you send from {domain.name}:\n\n{link}\n",
            metadata=dumps({"confirmation_url": link}),
            status="delivered",
        )
    )


def _row(domain: SenderDomain, user_id: int, *, first: bool) -> DomainRecord:
    passed = domain.active
    return {
        "id": domain.number,
        "user_id": user_id,
        "service_type": 3,
        "service_value": domain.name,
        "status": 1 if passed else 0,
        "is_default": first,
        "ssl_type": 0,
        "checks": {
            "check_dkim": passed,
            "check_spf": passed,
            "check_dmarc": passed,
            "all_checks": passed,
            "spf_txt_needed": SPF,
        },
    }
