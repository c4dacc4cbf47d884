"""Templates: stored content with a draft and a published version.

https://developers.sparkpost.com/api/templates/. Quirks: lists have ``shared_with_subaccount``, one template has
``shared_with_subaccounts``; an unknown template gets a 404 without a code; updates and deletions get ``{}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chosen, collected
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import subaccount
from ..fields import Flag, Text64, Text1024
from ..page import Page
from ..times import stamp
from ..transmissions.models import scheduled_with_template
from . import contents
from .content_fields import ContentFields, NewContent
from .contents import CONTENT_ERRORS
from .models import Template, find

MOST_LISTED = 50_000
LOOKED_AT_A_STEP = 5_000
ROWS_A_STEP = 500
MOST_CONTENT = 5 * 1024 * 1024

_ID = re.compile(r"[A-Za-z0-9_.-]+")

operations = Page(
    "Templates",
    docs="https://developers.sparkpost.com/api/templates/",
    view="templates/view",
    modify="templates/modify",
)


class TemplateOptions(Body):
    open_tracking: Flag | None = None
    click_tracking: Flag | None = None
    transactional: Flag | None = None


class NewTemplate(Body):
    id: Text64 | None = None
    name: Text1024 | None = None
    description: Text1024 | None = None
    content: NewContent
    options: TemplateOptions | None = None
    published: Flag | None = None
    shared_with_subaccounts: Flag | None = None


class TemplateChanges(Body):
    name: Text1024 | None = None
    description: Text1024 | None = None
    content: NewContent | None = None
    options: TemplateOptions | None = None
    published: Flag | None = None
    shared_with_subaccounts: Flag | None = None


class VersionQuery(Body):
    draft: bool | None = None


class ChangeQuery(Body):
    update_published: bool | None = None


class ListQuery(Body):
    draft: bool | None = None
    shared_with_subaccounts: bool | None = None


class PreviewData(Body):
    substitution_data: dict[str, Any] | None = None


class InlinePreview(Body):
    substitution_data: dict[str, Any] | None = None
    content: NewContent


class TemplateId(TypedDict):
    id: str


class TemplateOptionFields(TypedDict):
    """Options that are not set are left out, except ``transactional``."""

    open_tracking: NotRequired[bool]
    click_tracking: NotRequired[bool]
    transactional: bool


class TemplateFields(TypedDict):
    id: str
    name: str
    description: str
    published: bool
    has_draft: bool
    has_published: bool
    last_update_time: str
    last_use: NotRequired[str]
    options: TemplateOptionFields
    content: ContentFields
    shared_with_subaccounts: NotRequired[bool]
    subaccount_id: NotRequired[int]


class TemplateRow(TypedDict):
    id: str
    name: str
    description: str
    published: bool
    has_draft: bool
    has_published: bool
    last_update_time: str
    last_use: NotRequired[str]
    shared_with_subaccount: NotRequired[bool]
    subaccount_id: NotRequired[int]


STORED_ERRORS = (*CONTENT_ERRORS, errors.INVALID_FROM, errors.INVALID_PARAMETERS)

RENDER_ERRORS = (errors.RENDER_ERROR, errors.MIME_ERROR)
"""The API errors of rendering stored content."""


@operations.post("/api/v1/templates", errors=[errors.TEMPLATE_EXISTS, *STORED_ERRORS])
def create_template(ctx: Context, body: NewTemplate) -> Steps[TemplateId]:
    """Create a template.

    It is a draft unless ``published`` is true.
    """
    _check_id(body)
    owner = subaccount(ctx)
    content = yield from _checked(body.content)
    id = body.id or ctx.ids.digits(14)
    template = Template(
        id=id,
        name=body.name or id,
        description=body.description or "",
        draft=b"" if body.published else content,
        published=content if body.published else b"",
        options=_merged(b"{}", body.options),
        shared=bool(body.shared_with_subaccounts),
        subaccount=owner,
        updated=ctx.now,
    )
    if not ctx.store[Template, owner].add(template):
        raise errors.TEMPLATE_EXISTS(description=f"Template with id '{id}' already exists")
    return {"id": id}


@operations.get("/api/v1/templates", errors=[errors.INVALID_PARAMETERS])
def list_templates(ctx: Context, query: ListQuery) -> Steps[list[TemplateRow]]:
    """List all templates.

    At most 50,000 are listed. ``draft`` filters for drafts or for published templates.
    """
    visible = _visible(ctx)
    listed = yield from chosen(
        visible, lambda template: _listed(template, query), end=MOST_LISTED, size=LOOKED_AT_A_STEP
    )
    return (yield from collected(map(_row, listed), ROWS_A_STEP))


@operations.get("/api/v1/templates/{id}", errors=[errors.TEMPLATE_NOT_FOUND, errors.INVALID_PARAMETERS])
def retrieve_template(ctx: Context, id: str, query: VersionQuery) -> TemplateFields:
    """Retrieve a template.

    ``draft`` chooses the version; without it the draft is shown if there is one.
    """
    template = find(ctx, id, subaccount(ctx))
    if template is None:
        raise errors.TEMPLATE_NOT_FOUND()
    shown = _version(template, query.draft)
    response: TemplateFields = {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "published": shown is template.published,
        "has_draft": bool(template.draft),
        "has_published": bool(template.published),
        "last_update_time": stamp(template.updated),
        "options": _options(template),
        "content": orjson.Fragment(shown),  # type: ignore[typeddict-item]
    }
    if template.used is not None:
        response["last_use"] = stamp(template.used)
    if template.subaccount:
        response["subaccount_id"] = template.subaccount
    else:
        response["shared_with_subaccounts"] = template.shared
    return response


@operations.put(
    "/api/v1/templates/{id}",
    errors=[errors.TEMPLATE_NOT_FOUND, errors.NO_DRAFT, errors.NOT_PUBLISHED, *STORED_ERRORS],
)
def update_template(ctx: Context, id: str, body: TemplateChanges, query: ChangeQuery) -> Steps[None]:
    """Update or publish a template.

    It changes the draft, or with ``update_published=true`` the published version; ``published: true`` publishes the
    draft. New content replaces all old content.
    """
    template = _own(ctx, id)
    content = b""
    if body.content is not None:
        content = yield from _checked(body.content)
        template = _own(ctx, id)
    changed = replace(
        template,
        name=template.name if body.name is None else body.name,
        description=template.description if body.description is None else body.description,
        options=_merged(template.options, body.options),
        shared=template.shared if body.shared_with_subaccounts is None else body.shared_with_subaccounts,
        updated=ctx.now,
        version=template.version + bool(content or body.published),
    )
    if query.update_published:
        if not template.published:
            raise errors.NOT_PUBLISHED(description=f"no published version of template '{id}'")
        changed = replace(changed, published=content or template.published)
    elif body.published:
        draft = content or template.draft
        if not draft:
            raise errors.NO_DRAFT(description=f"no draft version of template '{id}'")
        changed = replace(changed, draft=b"", published=draft)
    elif content:
        changed = replace(changed, draft=content)
    ctx.store[Template, template.subaccount].put(changed)


@operations.delete(
    "/api/v1/templates/{id}",
    errors=[errors.TEMPLATE_NOT_FOUND, errors.TEMPLATE_IN_USE, errors.INVALID_PARAMETERS],
)
def delete_template(ctx: Context, id: str) -> None:
    """Delete a template.

    The draft and the published version are both deleted.
    """
    template = _own(ctx, id)
    if any(scheduled_with_template(ctx, id, template.subaccount)):
        raise errors.TEMPLATE_IN_USE()
    ctx.store[Template, template.subaccount].delete(id)


@operations.post(
    "/api/v1/templates/{id}/preview",
    errors=[errors.TEMPLATE_NOT_FOUND, errors.INVALID_PARAMETERS, *RENDER_ERRORS],
    reads=True,
)
def preview_template(ctx: Context, id: str, body: PreviewData, query: VersionQuery) -> Steps[ContentFields]:
    """Preview a template with substitution data."""
    template = find(ctx, id, subaccount(ctx))
    if template is None:
        raise errors.TEMPLATE_NOT_FOUND()
    shown = _version(template, query.draft)
    content = yield from contents.prepare_stored(shown)
    return (yield from content.preview(body.substitution_data or {}))


@operations.post("/api/v1/utils/content-previewer", errors=[*CONTENT_ERRORS, errors.RENDER_ERROR])
def preview_inline_content(ctx: Context, body: InlinePreview) -> Steps[ContentFields]:
    """Preview an inline template.

    The response has no ``from``, like the vendor's example.
    """
    held = yield from contents.compiled(body.content)
    content = yield from contents.prepare(body.content)
    preview = yield from content.preview(body.substitution_data or {})
    del held
    preview.pop("from", None)
    return preview


def _own(ctx: Context, id: str) -> Template:
    template = ctx.store[Template, subaccount(ctx)].get(id)
    if template is None:
        raise errors.TEMPLATE_NOT_FOUND()
    return template


def _visible(ctx: Context) -> Iterator[Template]:
    owner = subaccount(ctx)
    own, main = ctx.store[Template, owner].values(), ctx.store[Template, 0].values()
    return chain(own, (template for template in main if template.shared)) if owner else own


def _listed(template: Template, query: ListQuery) -> bool:
    if query.draft is not None and not (template.draft if query.draft else template.published):
        return False
    return query.shared_with_subaccounts is None or template.shared == query.shared_with_subaccounts


def _options(template: Template) -> TemplateOptionFields:
    given: TemplateOptionFields = orjson.loads(template.options)
    given.setdefault("transactional", False)
    return given


def _row(template: Template) -> TemplateRow:
    row: TemplateRow = {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "published": not template.draft,
        "has_draft": bool(template.draft),
        "has_published": bool(template.published),
        "last_update_time": stamp(template.updated),
    }
    if template.used is not None:
        row["last_use"] = stamp(template.used)
    if template.subaccount:
        row["subaccount_id"] = template.subaccount
    else:
        row["shared_with_subaccount"] = template.shared
    return row


def _version(template: Template, draft: bool | None) -> bytes:
    shown = template.draft or template.published if draft is None else template.draft if draft else template.published
    if not shown:
        raise errors.TEMPLATE_NOT_FOUND()
    return shown


def _check_id(body: NewTemplate) -> None:
    if body.id is None and body.name is None:
        raise errors.INVALID(description="At least one of 'id' or 'name' must exist")
    if body.id == "":
        raise errors.INVALID(description="id cannot be empty string")
    if body.id is not None and _ID.fullmatch(body.id) is None:
        raise errors.INVALID(description="id may only contain letters, numbers, underscores, periods and hyphens")


def _checked(content: NewContent) -> Steps[bytes]:
    held = yield from contents.compiled(content)
    packed = yield from contents.store(content)
    del held
    if len(packed) > MOST_CONTENT:
        raise errors.TOO_LONG(description="content must not be larger than 5 MB")
    return packed


def _merged(options: bytes, changes: TemplateOptions | None) -> bytes:
    if changes is None:
        return options
    return dumps(orjson.loads(options) | changes.model_dump(exclude_none=True))
