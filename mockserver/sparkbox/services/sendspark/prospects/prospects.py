"""Prospects of a dynamics campaign: add them one by one or in bulk, read them, generate their videos.

Adding returns the whole campaign, with one prospect for each row of the request in ``prospectList``, in order. A row's
outcome is in ``depurationStatus`` and, for lists, counted in ``depuration``: the vendor documents that the response
says so, but not these names. For addresses with a special outcome see :mod:`..videos.outcomes`.
"""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, NotRequired

from pydantic import BeforeValidator, Field, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import PAID
from ..campaigns.models import Campaign, CampaignFields, campaign_fields, find_campaign
from ..errors import DOCS
from ..fields import Flag, domain_of, is_email, normal_url
from ..limits import BULK_LIMITS
from ..share_pages import links
from ..videos.models import Status
from ..videos.rendering import Bulk
from ..workspaces.workspaces import current, enter
from . import enrolment
from .depuration import Row
from .enrolment import DepurationConfig
from .models import Prospect, find_prospect, is_completed, item_builder, more_of, prospects_of, render_of, status_of
from .rows import NewProspect, RowReader

operations = Operations("Dynamics Campaign", docs=DOCS)

MOST_ROWS = 10_000
ROWS_A_STEP = 200
"""Rows that are read, or prospects that are changed, in one step."""
NESTED = ("contactName", "contactEmail", "company", "jobTitle", "backgroundUrl", "screenshotUrl")
"""Fields that belong into ``prospect`` and are refused beside it."""

Rows = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ROWS)]


class Adding(Body):
    """The fields of all requests that add prospects."""

    prospectDepurationConfig: DepurationConfig | None = None
    processAndAuthorizeCharge: Flag = False
    callbackId: Annotated[str, Field(max_length=255)] | None = None

    @model_validator(mode="before")
    @classmethod
    def refuse_fields_of_prospects(cls, given: Any) -> Any:
        """Refuse a prospect's fields on the top level, as the real service does."""
        misplaced = [name for name in NESTED if isinstance(given, dict) and name in given]
        if misplaced:
            raise ValueError(f"{misplaced[0]} belongs to a prospect")
        return given


class AddedProspect(Adding):
    prospect: NewProspect
    fallbackToEmailDomainForBackground: Flag = False


class AddedProspects(Adding):
    prospectList: Rows


class Generation(Body):
    """The specification has no body here, but a refused charge is honoured."""

    processAndAuthorizeCharge: Flag = True


class UrlChanges(Body):
    extractUrlFromEmail: Flag


def _included(text: Any) -> Any:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if isinstance(text, str) else text


class ProspectQuery(Body):
    """``include`` lists ``emailEmbedHTML`` and ``fields``, separated by commas; other names are ignored."""

    include: Annotated[tuple[str, ...], BeforeValidator(_included)] = ()


class ValidationDetail(TypedDict):
    validationField: str
    validationMessage: str
    validationCode: str


class ProspectFields(TypedDict):
    """A prospect; ``shareUrl`` and ``embedUrl`` are null until the video is completed."""

    id: str
    contactName: str
    contactEmail: str
    company: str
    jobTitle: str
    backgroundUrl: str
    originalBackgroundUrl: str
    status: Status
    valid: bool
    validationDetails: list[ValidationDetail]
    createdAt: str
    updatedAt: str
    deletedAt: str | None
    shareUrl: str | None
    embedUrl: str | None
    emailEmbedHTML: NotRequired[str | None]
    fields: NotRequired[dict[str, Any]]


class UpdatedUrls(TypedDict):
    updatedCount: int
    totalCount: int


@operations.get("/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/prospects/{contactEmail}")
def get_prospect(
    ctx: Context, workspace_id: str, dynamic_id: str, contact_email: str, query: ProspectQuery
) -> ProspectFields:
    """Get prospect data from a prospect's e-mail address."""
    enter(ctx, workspace_id)
    campaign = find_campaign(ctx, dynamic_id)
    if not is_email(contact_email):
        raise errors.because(errors.INVALID, "path contactEmail: no e-mail address")
    prospect = find_prospect(ctx, campaign.id, contact_email)
    if prospect is None:
        raise errors.NOT_FOUND()
    return _fields(ctx, prospect, query.include)


@operations.post(
    "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospect",
    errors=[errors.NOT_AUTHORIZED, errors.SUSPENDED],
    tags=(PAID,),
)
def add_prospect(ctx: Context, workspace_id: str, dynamics_id: str, body: AddedProspect) -> Steps[CampaignFields]:
    """Add a prospect to a dynamics campaign and process its video.

    Posting the same address again renders the prospect's video again.
    """
    campaign = _enter(ctx, workspace_id, dynamics_id)
    _need_consent(body.processAndAuthorizeCharge)
    row = RowReader(ctx, campaign, domain_for_background=body.fallbackToEmailDomainForBackground).row_of(body.prospect)
    config = body.prospectDepurationConfig
    outcomes = yield from enrolment.enrol(ctx, campaign, [row], config, default="keep-last-valid")
    items = yield from enrolment.items(ctx, campaign, outcomes)
    return {**campaign_fields(ctx, find_campaign(ctx, campaign.id)), "prospectList": items}


@operations.post(
    "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospects/bulk",
    errors=[errors.NOT_AUTHORIZED, errors.SUSPENDED],
    limits=BULK_LIMITS,
    tags=(PAID,),
)
def add_prospects(ctx: Context, workspace_id: str, dynamics_id: str, body: AddedProspects) -> Steps[CampaignFields]:
    """Bulk add and process prospects to a dynamics campaign.

    A list has up to 10,000 rows. A bad row does not affect the others.
    """
    campaign = _enter(ctx, workspace_id, dynamics_id)
    _need_consent(body.processAndAuthorizeCharge)
    rows = yield from read_rows(ctx, campaign, body.prospectList)
    return (yield from enrol_rows(ctx, campaign, rows, body.prospectDepurationConfig, process=True))


@operations.post(
    "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/bulk",
    errors=[errors.NOT_AUTHORIZED, errors.SUSPENDED],
    body_required=False,
    tags=(PAID,),
)
def generate_videos(
    ctx: Context, workspace_id: str, dynamic_id: str, body: Generation | None = None
) -> Steps[CampaignFields]:
    """Generate videos for a dynamics campaign's prospect list.

    Only prospects without a video are processed; the response lists them.
    """
    return (yield from _generate(ctx, workspace_id, dynamic_id, body))


@operations.post(
    "/dv-v2/workspaces/{workspaceId}/dynamics/{dynamicId}/bulk",
    errors=[errors.NOT_AUTHORIZED, errors.SUSPENDED],
    body_required=False,
    tags=(PAID,),
)
def generate_videos_v2(
    ctx: Context, workspace_id: str, dynamic_id: str, body: Generation | None = None
) -> Steps[CampaignFields]:
    """Generate videos for a dynamics campaign's prospect list.

    The same as ``generate_videos``, at the path of version 2.
    """
    return (yield from _generate(ctx, workspace_id, dynamic_id, body))


@operations.patch(
    "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospects/urls/bulk", errors=[errors.SUSPENDED], tags=(PAID,)
)
def update_prospect_urls(ctx: Context, workspace_id: str, dynamics_id: str, body: UrlChanges) -> Steps[UpdatedUrls]:
    """Bulk update prospect background URLs based on e-mail domains.

    With ``extractUrlFromEmail: false``, backgrounds on the prospect's own domain are removed.
    """
    campaign = _enter(ctx, workspace_id, dynamics_id)
    updated = total = 0
    for prospect in prospects_of(ctx, campaign.id):
        total += 1
        if total % ROWS_A_STEP == 0:
            yield
            prospect = ctx.store[Prospect].get(prospect.key) or prospect  # it may have changed since
        background = _background(prospect, body.extractUrlFromEmail)
        if background != prospect.background:
            ctx.store[Prospect].put(replace(prospect, background=background, updated=ctx.now))
            updated += 1
    return {"updatedCount": updated, "totalCount": total}


def read_rows(ctx: Context, campaign: Campaign, given: list[dict[str, Any]]) -> Steps[list[Row]]:
    """Parse a list of rows."""
    return (yield from collected(map(RowReader(ctx, campaign).read_row, given), ROWS_A_STEP))


def enrol_rows(
    ctx: Context, campaign: Campaign, rows: list[Row], config: DepurationConfig | None, *, process: bool
) -> Steps[CampaignFields]:
    """Enrol a list of rows. Return the campaign with one prospect for each row."""
    outcomes = yield from enrolment.enrol(ctx, campaign, rows, config, default="keep-first-valid", process=process)
    items = yield from enrolment.items(ctx, campaign, outcomes)
    return {
        **campaign_fields(ctx, find_campaign(ctx, campaign.id)),
        "prospectList": items,
        "depuration": enrolment.count(outcomes),
    }


def _generate(ctx: Context, workspace_id: str, dynamic_id: str, body: Generation | None) -> Steps[CampaignFields]:
    campaign = _enter(ctx, workspace_id, dynamic_id)
    _need_consent(body is None or body.processAndAuthorizeCharge)
    bulk, view, items = Bulk(ctx, campaign.id), item_builder(ctx), []
    everybody = prospects_of(ctx, campaign.id)
    while some := list(islice(everybody, ROWS_A_STEP)):
        without = [prospect for prospect in some if _has_no_video(ctx, prospect)]
        renders = enrolment.start(ctx, bulk, without)
        for prospect in without:
            again = prospect.regenerations + (prospect.render != 0)
            changed = replace(prospect, render=renders[prospect.key], regenerations=again, updated=ctx.now)
            ctx.store[Prospect].put(changed)
            items.append(view(changed))
        if len(some) == ROWS_A_STEP:
            yield
    return {**campaign_fields(ctx, find_campaign(ctx, campaign.id)), "prospectList": items}


def _has_no_video(ctx: Context, prospect: Prospect) -> bool:
    state = status_of(prospect, render_of(ctx, prospect))
    return prospect.valid and (not prospect.render or state == "errored")


def _enter(ctx: Context, workspace_id: str, campaign_id: str) -> Campaign:
    enter(ctx, workspace_id)
    return find_campaign(ctx, campaign_id)


def _need_consent(given: bool) -> None:
    if not given:
        raise errors.because(errors.NOT_AUTHORIZED, "processAndAuthorizeCharge is not true")


def _background(prospect: Prospect, from_email: bool) -> str:
    domain = domain_of(prospect.email)
    own = normal_url(f"https://{domain}") or ""
    if from_email:
        return own
    background = prospect.background.lower()
    matching = (f"{scheme}://{www}{domain}/" for scheme in ("https", "http") for www in ("", "www."))
    return "" if background.startswith(tuple(matching)) else prospect.background


def _fields(ctx: Context, prospect: Prospect, include: tuple[str, ...]) -> ProspectFields:
    render = render_of(ctx, prospect)
    token = links.token(ctx.account, prospect.key)
    site = render.site if render is not None and is_completed(prospect, render) else None
    fields: ProspectFields = {
        "id": prospect.id,
        "contactName": prospect.name,
        "contactEmail": prospect.email,
        "company": prospect.company,
        "jobTitle": prospect.job_title,
        "backgroundUrl": prospect.background or current(ctx).default_background,
        "originalBackgroundUrl": prospect.original_background,
        "status": status_of(prospect, render),
        "valid": prospect.valid,
        "validationDetails": [
            {"validationField": field, "validationMessage": finding, "validationCode": "400"}
            for field, finding in prospect.problems
        ],
        "createdAt": iso(prospect.created),
        "updatedAt": iso(prospect.updated if render is None else max(prospect.updated, render.updated)),
        "deletedAt": None,
        "shareUrl": None if site is None else links.share(site, token),
        "embedUrl": None if site is None else links.embed(site, token),
    }
    if "emailEmbedHTML" in include:
        fields["emailEmbedHTML"] = None if site is None else links.email_embed_html(site, token, prospect.name)
    if "fields" in include:
        fields["fields"] = more_of(prospect).get("fields", {})
    return fields
