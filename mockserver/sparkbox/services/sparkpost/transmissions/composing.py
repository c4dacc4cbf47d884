"""Reads and checks the request of ``POST /api/v1/transmissions``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, NotRequired

import orjson
from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, complete, freed
from sparkbox.mail.addresses import domain_of

from .. import errors
from ..accounts import account
from ..accounts.account import AccountDetails
from ..envelope import wrong_type
from ..fields import Flag, Text64, Text1024, pack
from ..recipient_lists.recipient_lists import recipients_of
from ..recipient_lists.recipients import (
    MOST_METADATA,
    MOST_SUBSTITUTION_DATA,
    ErrorFields,
    Recipient,
    check_return_path,
    sort_out,
)
from ..templates import contents
from ..templates.content_fields import NewContent, NewSender
from ..templates.contents import CONTENT_ERRORS, AnyContent
from ..templates.models import SANDBOX_ID, Template, find
from ..times import parse
from .addresses import is_list, sender_in
from .mailing import Draft, Mailing

MOST_CONTENT = 20_000_000
LATEST_START = 3 * 86_400.0
"""Seconds; the vendor used to allow a year, now it allows three days."""
TOLERATED_PAST = 60.0
"""Seconds that a start may be in the past, for clients whose clock is late or that leave fractions out."""

COMPOSING_ERRORS = (
    *CONTENT_ERRORS,
    errors.SUBRESOURCE_NOT_FOUND,
    errors.NO_DRAFT,
    errors.NOT_PUBLISHED,
    errors.NO_VALID_RECIPIENTS,
    errors.SUBSTITUTION_TOO_LARGE,
    errors.METADATA_TOO_LARGE,
    errors.SANDBOX_TEMPLATE,
    errors.SANDBOX_CONTENT,
)


class TransmissionContent(NewContent):
    """Inline content, a complete mail, a stored template or an A/B test."""

    template_id: NotRequired[str | None]
    use_draft_template: NotRequired[Flag | None]
    ab_test_id: NotRequired[str | None]


class TransmissionOptions(TypedDict):
    start_time: NotRequired[str | None]
    open_tracking: NotRequired[Flag | None]
    initial_open: NotRequired[Flag | None]
    click_tracking: NotRequired[Flag | None]
    transactional: NotRequired[Flag | None]
    sandbox: NotRequired[Flag | None]
    skip_suppression: NotRequired[Flag | None]
    ip_pool: NotRequired[str | None]
    inline_css: NotRequired[Flag | None]
    perform_substitutions: NotRequired[Flag | None]
    dkim_key: NotRequired[str | None]


Override = TypedDict(
    "Override",
    {"from": NotRequired[NewSender], "reply_to": NotRequired[str | None], "list_id": NotRequired[str | None]},
)


class NewTransmission(Body):
    recipients: Annotated[Any, WithJsonSchema({"anyOf": [{"type": "array"}, {"type": "object"}]})] = None
    content: TransmissionContent | None = None
    options: TransmissionOptions | None = None
    override: Override | None = None
    campaign_id: Text64 | None = None
    description: Text1024 | None = None
    metadata: dict[str, Any] | None = None
    substitution_data: dict[str, Any] | None = None
    return_path: Any = None
    tracking_domain: str | None = None


class Chosen(NamedTuple):
    """The content to send, and its template."""

    content: AnyContent
    template: Template | None = None
    template_id: str = "inline"
    draft: bool = False


EMPTY = complete(contents.prepare({"from": "nobody@localhost", "subject": "-", "text": ""}))
"""Replaces content that is no longer valid."""


def recipients(
    ctx: Context, body: NewTransmission, owner: int
) -> Steps[tuple[list[Recipient], list[ErrorFields], str]]:
    """Return the valid recipients, the errors of the others, and the id of their stored list, if any."""
    given = body.recipients
    if isinstance(given, list):
        accepted, rejected = yield from sort_out(given)
        if not accepted:
            yield from freed(rejected)
            raise errors.NO_VALID_RECIPIENTS()
        return accepted, rejected, ""
    if given is not None and not isinstance(given, dict):
        raise errors.INVALID(description="Invalid recipients type - needs to be json_array or json_object")
    list_id = None if given is None else given.get("list_id")
    if list_id is None:
        raise errors.MISSING(description="recipients or list_id required")
    if not isinstance(list_id, str):
        raise errors.INVALID(description=wrong_type("recipients.list_id", list_id, "string"))
    stored = yield from recipients_of(ctx, list_id, owner)
    if stored is None:
        raise errors.SUBRESOURCE_NOT_FOUND(description=f"Recipient list '{list_id}' does not exist")
    return stored, [], list_id


def choose(ctx: Context, body: NewTransmission, owner: int) -> Steps[Chosen]:
    """Return the content of a transmission, compiled."""
    given = body.content
    if given is None:
        raise errors.MISSING(description="content object or template_id required")
    template_id, ab_test_id = given.get("template_id"), given.get("ab_test_id")
    sandbox = body.options is not None and body.options.get("sandbox") is True
    if ab_test_id is not None:
        if template_id is not None:
            raise errors.INVALID_COMBINATION(description="You may not specify both template_id and ab_test_id")
        raise errors.SUBRESOURCE_NOT_FOUND(description=f"ab_test_id '{ab_test_id}' does not exist")
    if template_id is None:
        if sandbox:
            raise errors.SANDBOX_CONTENT()
        return Chosen((yield from contents.prepare_inline(given)))
    if any(given.get(field) is not None for field in ("subject", "text", "html", "email_rfc822")):
        raise errors.INVALID_COMBINATION(description="Both content object and template_id are specified")
    if sandbox and template_id != SANDBOX_ID:
        raise errors.SANDBOX_TEMPLATE()
    return (yield from _stored(ctx, template_id, draft=given.get("use_draft_template") is True, owner=owner))


def compose(
    ctx: Context, body: NewTransmission, chosen: Chosen, id: str, owner: int, base_url: str | None = None
) -> Draft:
    """Return what the messages of a transmission share. A template's options apply where the request has none.

    ``base_url`` is the sandbox's URL that the sender used; it defaults to that of this request.
    """
    options: Any = body.options or {}
    mailing = Mailing(id, f"template_{id}", subaccount=owner)
    template = chosen.template
    if template is not None:
        mailing.template_id, mailing.template_version = template.id, str(template.version)
        if template.options != b"{}":
            options = orjson.loads(template.options) | {k: v for k, v in options.items() if v is not None}
    mailing.campaign_id = body.campaign_id or ""
    if body.return_path not in (None, ""):
        mailing.return_path = check_return_path(body.return_path)
    if body.override is not None:
        mailing.sender = _sender(body.override.get("from"))
        mailing.reply_to = _one_line("override.reply_to", body.override.get("reply_to"))
        if mailing.reply_to and not is_list(mailing.reply_to):
            raise errors.INVALID(description="override.reply_to is not a valid email address")
        mailing.list_id = _one_line("override.list_id", body.override.get("list_id"))
    if len(ctx.store[AccountDetails]):
        _apply_defaults(ctx, mailing)
    if options:
        mailing.transactional = _flag(options, "transactional", mailing.transactional)
        mailing.skip_suppression = options.get("skip_suppression") is True
        mailing.open_tracking = _flag(options, "open_tracking", mailing.open_tracking)
        mailing.click_tracking = _flag(options, "click_tracking", mailing.click_tracking)
        mailing.initial_open = _flag(options, "initial_open", mailing.initial_open and mailing.open_tracking)
        mailing.ip_pool = options.get("ip_pool") or mailing.ip_pool
        mailing.dkim_key = options.get("dkim_key") or ""
        mailing.sandbox = options.get("sandbox") is True
        mailing.substitute = template is not None or options.get("perform_substitutions") is not False
    elif not mailing.open_tracking:
        mailing.initial_open = False
    mailing.engagement_url = ctx.request.base_url if base_url is None else base_url
    mailing.unsubscribe_header = not mailing.transactional or account.options(ctx)["transactional_unsub"]
    return Draft(mailing, chosen.content, body.metadata or {}, body.substitution_data or {})


def check_sizes(ctx: Context, body: NewTransmission) -> None:
    """Raise an API error for more content or data than the vendor accepts."""
    size = len(ctx.request.body)
    if size < MOST_METADATA:
        return
    if body.metadata and len(pack(body.metadata, "metadata")) >= MOST_METADATA:
        text = f"Transmission-level metadata must be less than {MOST_METADATA} bytes"
        raise errors.METADATA_TOO_LARGE(description=text)
    if size < MOST_SUBSTITUTION_DATA:
        return
    if body.substitution_data and len(pack(body.substitution_data, "substitution_data")) >= MOST_SUBSTITUTION_DATA:
        text = f"Transmission-level substitution data must be less than {MOST_SUBSTITUTION_DATA} bytes"
        raise errors.SUBSTITUTION_TOO_LARGE(description=text)
    if body.content and size > MOST_CONTENT and _content_size(body.content) > MOST_CONTENT:
        raise errors.TOO_LARGE(description="The estimated message size is above the 20 MB message size limit")


def start_of(ctx: Context, body: NewTransmission) -> float | None:
    """Return the start time in Unix seconds; ``None`` stands for now."""
    text = body.options.get("start_time") if body.options is not None else None
    if text is None or text in ("", "now"):
        return None
    start = parse(text)
    if start is None:
        raise errors.INVALID(description="Error parsing scheduled start_time")
    if start < ctx.now - TOLERATED_PAST:
        raise errors.INVALID(description="options.start_time must be in the future")
    if start > ctx.now + LATEST_START:
        raise errors.INVALID(description="options.start_time cannot be more than 3 days in the future")
    return start if start > ctx.now else None


def _stored(ctx: Context, template_id: str, *, draft: bool, owner: int) -> Steps[Chosen]:
    template = find(ctx, template_id, owner)
    if template is None:
        raise errors.SUBRESOURCE_NOT_FOUND(description=f"template '{template_id}' does not exist")
    packed = template.draft if draft else template.published
    if not packed:
        row, version = (errors.NO_DRAFT, "draft") if draft else (errors.NOT_PUBLISHED, "published")
        raise row(description=f"no {version} version of template '{template_id}'")
    return Chosen((yield from contents.prepare_stored(packed, tracked=True)), template, template_id, draft)


def _apply_defaults(ctx: Context, mailing: Mailing) -> None:
    """Apply the account's options."""
    options = account.options(ctx)
    mailing.transactional = options["transactional_default"]
    mailing.open_tracking = options["rest_tracking_default"]
    mailing.click_tracking = options["rest_tracking_default"] and options["click_tracking"]
    mailing.initial_open = options["initial_open_pixel_tracking"]


def _flag(options: Mapping[str, Any], name: str, default: bool) -> bool:
    value = options.get(name)
    return default if value is None else value is True


def _sender(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    email, name = sender_in(value) if isinstance(value, str) else (None, "")
    if isinstance(value, dict):
        name, email = value.get("name") or "", value.get("email")
    if not isinstance(email, str) or not isinstance(name, str) or domain_of(email) is None:
        raise errors.INVALID(description="override.from is not a valid email address")
    return email, _one_line("override.from.name", name)


def _one_line(field: str, text: str | None) -> str:
    if text and any(character in text for character in "\r\n\0"):
        raise errors.INVALID(description=f"field '{field}' must be one line")
    return text or ""


def _content_size(content: TransmissionContent) -> int:
    texts = [content.get(field) for field in ("text", "html", "amp_html", "email_rfc822")]
    files = [*(content.get("attachments") or ()), *(content.get("inline_images") or ())]
    encoded = sum(len(file["data"]) for file in files)
    return sum(len(text.encode()) for text in texts if isinstance(text, str)) + encoded * 3 // 4
