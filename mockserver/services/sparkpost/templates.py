"""Templates: stored content with a draft and a published version.

https://developers.sparkpost.com/api/templates/. Quirks: lists say ``shared_with_subaccount`` where one template says
``shared_with_subaccounts``; an unknown template is a 404 without a code; updates and deletions answer ``{}``.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
from pydantic import Field

from mockserver.core.context import Context
from mockserver.core.operation import Operations
from mockserver.core.schema import Body
from mockserver.core.store import Record, replace

from . import content as contents
from . import errors
from .auth import subaccount
from .content import Content, ContentFields
from .times import stamp

MOST_LISTED = 50_000
MOST_CONTENT = 5 * 1024 * 1024

operations = Operations("Templates", docs="https://developers.sparkpost.com/api/templates/")


class Template(Record, frozen=True, gc=False):
    """A template; ``draft`` and ``published`` are packed content, empty where there is none."""

    id: str
    name: str
    description: str
    draft: bytes
    published: bytes
    options: bytes
    shared: bool
    subaccount: int
    updated: float
    used: float | None = None


class TemplateOptions(Body):
    open_tracking: bool | None = None
    click_tracking: bool | None = None
    transactional: bool | None = None


class NewTemplate(Body):
    id: Annotated[str | None, Field(max_length=64)] = None
    name: Annotated[str | None, Field(max_length=1024)] = None
    description: Annotated[str | None, Field(max_length=1024)] = None
    content: Content
    options: TemplateOptions | None = None
    published: bool | None = None
    shared_with_subaccounts: bool | None = None


class TemplateChanges(Body):
    name: Annotated[str | None, Field(max_length=1024)] = None
    description: Annotated[str | None, Field(max_length=1024)] = None
    content: Content | None = None
    options: TemplateOptions | None = None
    published: bool | None = None
    shared_with_subaccounts: bool | None = None


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
    content: Content


class TemplateId(TypedDict):
    id: str


class TemplateOptionFields(TypedDict):
    open_tracking: NotRequired[bool]
    click_tracking: NotRequired[bool]
    transactional: NotRequired[bool]


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


@operations.post(
    "/api/v1/templates",
    errors=[
        errors.TEMPLATE_EXISTS,
        errors.MISSING,
        errors.SYNTAX_ERROR,
        errors.RENDER_ERROR,
        errors.HEADER_ERROR,
        errors.TOO_LONG,
        errors.INVALID_PARAMETERS,
    ],
)
def create_template(ctx: Context, body: NewTemplate) -> TemplateId:
    """Create a template.

    It is made as a draft; ``published: true`` makes it published at once.
    """
    if not body.id and not body.name:
        raise errors.MISSING(description="id or name is required")
    owner = subaccount(ctx)
    content = _checked(body.content)
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
def list_templates(ctx: Context, query: ListQuery) -> list[TemplateRow]:
    """List all templates.

    At most 50,000 of them. ``draft`` picks drafts or published ones; without it the version that was edited last.
    """
    rows = [_row(template) for template in _visible(ctx) if _listed(template, query)]
    return rows[:MOST_LISTED]


@operations.get("/api/v1/templates/{id}", errors=[errors.TEMPLATE_NOT_FOUND, errors.INVALID_PARAMETERS])
def retrieve_template(ctx: Context, id: str, query: VersionQuery) -> TemplateFields:
    """Retrieve a template.

    ``draft`` asks for one version; without it the draft is shown if there is one.
    """
    template = find(ctx, id)
    shown = _version(template, query.draft)
    answer: TemplateFields = {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "published": shown is template.published,
        "has_draft": bool(template.draft),
        "has_published": bool(template.published),
        "last_update_time": stamp(template.updated),
        "options": msgspec.json.decode(template.options),
        "content": contents.unpack(shown),
    }
    if template.used is not None:
        answer["last_use"] = stamp(template.used)
    if template.subaccount:
        answer["subaccount_id"] = template.subaccount
    else:
        answer["shared_with_subaccounts"] = template.shared
    return answer


@operations.put(
    "/api/v1/templates/{id}",
    errors=[
        errors.TEMPLATE_NOT_FOUND,
        errors.NO_DRAFT,
        errors.NOT_PUBLISHED,
        errors.MISSING,
        errors.SYNTAX_ERROR,
        errors.RENDER_ERROR,
        errors.HEADER_ERROR,
        errors.TOO_LONG,
        errors.INVALID_PARAMETERS,
    ],
)
def update_template(ctx: Context, id: str, body: TemplateChanges, query: ChangeQuery) -> None:
    """Update or publish a template.

    The draft is changed, or with ``update_published=true`` the published version; ``published: true`` publishes the
    draft. Content that is given replaces the old content whole.
    """
    template = _own(ctx, id)
    changed = replace(
        template,
        name=template.name if body.name is None else body.name,
        description=template.description if body.description is None else body.description,
        options=_merged(template.options, body.options),
        shared=template.shared if body.shared_with_subaccounts is None else body.shared_with_subaccounts,
        updated=ctx.now,
    )
    content = _checked(body.content) if body.content is not None else b""
    if query.update_published:
        if not template.published:
            raise errors.NOT_PUBLISHED(description=f"template '{id}' has no published version")
        changed = replace(changed, published=content or template.published)
    elif body.published:
        draft = content or template.draft
        if not draft:
            raise errors.NO_DRAFT(description=f"template '{id}' has no draft version")
        changed = replace(changed, draft=b"", published=draft)
    elif content:
        changed = replace(changed, draft=content)
    ctx.store[Template, template.subaccount].put(changed)


@operations.delete("/api/v1/templates/{id}", errors=[errors.TEMPLATE_NOT_FOUND, errors.TEMPLATE_IN_USE])
def delete_template(ctx: Context, id: str) -> None:
    """Delete a template, draft and published version alike."""
    template = _own(ctx, id)
    ctx.store[Template, template.subaccount].delete(id)


@operations.post(
    "/api/v1/templates/{id}/preview",
    errors=[
        errors.TEMPLATE_NOT_FOUND,
        errors.SYNTAX_ERROR,
        errors.RENDER_ERROR,
        errors.INVALID_PARAMETERS,
    ],
)
def preview_template(ctx: Context, id: str, body: PreviewData, query: VersionQuery) -> ContentFields:
    """Preview a template, filled in with the substitution data given."""
    shown = _version(find(ctx, id), query.draft)
    return contents.render(contents.unpack(shown), body.substitution_data or {})


@operations.post(
    "/api/v1/utils/content-previewer",
    errors=[errors.SYNTAX_ERROR, errors.RENDER_ERROR, errors.HEADER_ERROR, errors.MISSING],
)
def preview_inline_content(ctx: Context, body: InlinePreview) -> ContentFields:
    """Preview an inline template. The answer has no ``from``, as the vendor's example has none."""
    content = contents.fields(body.content)
    contents.check(content)
    preview = contents.render(content, body.substitution_data or {})
    preview.pop("from", None)
    return preview


def find(ctx: Context, id: str) -> Template:
    """The template that this request may use: its own, or one that the main account shares."""
    owner = subaccount(ctx)
    template = ctx.store[Template, owner].get(id)
    if template is None and owner:
        template = ctx.store[Template, 0].get(id)
        if template is not None and not template.shared:
            template = None
    if template is None:
        raise errors.TEMPLATE_NOT_FOUND()
    return template


def _own(ctx: Context, id: str) -> Template:
    template = ctx.store[Template, subaccount(ctx)].get(id)
    if template is None:
        raise errors.TEMPLATE_NOT_FOUND()
    return template


def _visible(ctx: Context) -> list[Template]:
    owner = subaccount(ctx)
    templates = list(ctx.store[Template, owner].values())
    if owner:
        templates += [template for template in ctx.store[Template, 0].values() if template.shared]
    return templates


def _listed(template: Template, query: ListQuery) -> bool:
    if query.draft is not None and not (template.draft if query.draft else template.published):
        return False
    return query.shared_with_subaccounts is None or template.shared == query.shared_with_subaccounts


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


def _checked(content: Content) -> bytes:
    kept = contents.fields(content)
    contents.check(kept)
    packed = contents.pack(kept)
    if len(packed) > MOST_CONTENT:
        raise errors.TOO_LONG(description="content must be 5 MB at most")
    return packed


def _merged(options: bytes, changes: TemplateOptions | None) -> bytes:
    if changes is None:
        return options
    return msgspec.json.encode(msgspec.json.decode(options) | changes.model_dump(exclude_none=True))
