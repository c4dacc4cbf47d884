"""Simulations: what creators and Sparked do outside the API: consent, create an asset, change the tier."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from . import errors, limits
from .consent import consents
from .consent.consents import AuthorizationRequest
from .creators.lookup import all_creators, find_creator
from .creators.models import CREATOR, Creator
from .limits import Tier
from .oauth import clients, grants, scopes
from .oauth.models import REDIRECT_URI, Client
from .pulse import pulse, recommendations
from .pulse.pulse import InsightFields
from .studio import assets
from .studio.models import AssetType
from .times import stamp
from .tokens import tokens
from .tokens.tokens import Token

operations = Operations("Simulations", docs=errors.DOCS, evidence="assumed", errors=[errors.CREATOR_NOT_FOUND])

Text = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[int | None, Field(ge=0, le=10**9)]


def _known(name: str) -> str:
    if name not in scopes.BY_NAME:
        raise ValueError(f"must be one of {', '.join(scopes.NAMES)}")
    return name


def _uri(text: str) -> str:
    if not clients.is_uri(text):
        raise ValueError("must be an absolute URI without a fragment")
    return text


Scopes = Annotated[list[Annotated[str, AfterValidator(_known)]], Field(min_length=1)]
Uri = Annotated[str, AfterValidator(_uri)]


class OfCreator(Body):
    creator_id: str = CREATOR


class Grant(OfCreator):
    """``scopes`` defaults to all seven."""

    scopes: Scopes = Field(default_factory=lambda: list(scopes.NAMES))


class Consent(Grant):
    """``code_challenge`` is an S256 challenge."""

    redirect_uri: Uri = REDIRECT_URI
    state: str | None = None
    code_challenge: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{43})?$")] = ""


class NewAsset(OfCreator):
    type: AssetType = "image"
    title: Text = "An upload"
    tags: Annotated[tuple[Text, ...], Field(max_length=20)] = ()


class ClientChanges(Body):
    """``redirect_uris`` replace all that are registered, including loopback ones."""

    name: Text | None = None
    redirect_uris: Annotated[tuple[Uri, ...] | None, Field(max_length=20)] = None
    loopback: bool | None = None


class TierChange(Body):
    """Amounts default to those of the tier."""

    tier: Tier
    requests_per_hour: Amount = None
    burst_per_second: Amount = None


class Consented(TypedDict):
    """``location`` is where the browser would be redirected."""

    code: str
    location: str


class Withdrawn(TypedDict):
    """The number of revoked authorizations."""

    revoked: int


class NewAssetFields(TypedDict):
    id: str
    type: AssetType
    title: str
    created_at: str


class CreatorSummary(TypedDict):
    id: str
    name: str
    platforms: list[str]
    connected: bool


class CreatorList(TypedDict):
    creators: list[CreatorSummary]


class ClientFields(TypedDict):
    """``loopback``: whether any loopback redirect URI is allowed too."""

    client_id: str
    name: str
    redirect_uris: list[str]
    loopback: bool


class TierFields(TypedDict):
    tier: Tier
    requests_per_hour: int
    burst_per_second: int


@operations.post("/grant")
def grant(ctx: Context, body: Grant) -> Token:
    """Let a creator consent, and exchange the code: the response has tokens."""
    authorization = consents.approve(ctx, _creator(ctx, body.creator_id).id, _in_order(body.scopes))
    return tokens.token_fields(grants.issue(ctx, authorization, authorization.scopes))


@operations.post("/consent", errors=[errors.REDIRECT_UNREGISTERED])
def consent(ctx: Context, body: Consent) -> Consented:
    """Let a creator consent: the response has the code that the browser would bring back."""
    if not clients.takes_redirect(ctx, body.redirect_uri):
        raise errors.REDIRECT_UNREGISTERED(uri=body.redirect_uri[:200])
    authorization = consents.approve(ctx, _creator(ctx, body.creator_id).id, _in_order(body.scopes))
    code = grants.create_code(ctx, authorization, body.redirect_uri, body.code_challenge)
    request = AuthorizationRequest(body.redirect_uri, authorization.scopes, body.state, body.code_challenge)
    return {"code": code.id, "location": consents.location(request, code=code.id)}


@operations.post("/withdraw")
def withdraw(ctx: Context, body: OfCreator) -> Withdrawn:
    """Revoke a creator's consents: their tokens end, and webhooks get no more of their events."""
    return {"revoked": grants.revoke_all(ctx, _creator(ctx, body.creator_id).id)}


@operations.post("/creators")
def list_creators(ctx: Context) -> CreatorList:
    """List the account's creators, and whether they are connected."""
    return {
        "creators": [
            {
                "id": creator.id,
                "name": creator.name,
                "platforms": list(creator.platforms),
                "connected": grants.is_connected(ctx, creator.id),
            }
            for creator in all_creators(ctx)
        ]
    }


@operations.post("/asset")
def make_asset(ctx: Context, body: NewAsset) -> NewAssetFields:
    """Create an asset in a creator's Studio."""
    creator = _creator(ctx, body.creator_id)
    asset = assets.sized(
        f"asset_{ctx.ids.text(12)}", ctx.now, body.type, body.title, "studio", ctx.ids.getrandbits(16), tags=body.tags
    )
    assets.create(ctx, creator.id, asset)
    return {"id": asset.id, "type": asset.type, "title": asset.title, "created_at": stamp(asset.time)}


@operations.post("/insight")
def give_insight(ctx: Context, body: OfCreator) -> InsightFields:
    """Generate an insight for a creator now."""
    return pulse.view_insight(recommendations.generate(ctx, _creator(ctx, body.creator_id)))


@operations.post("/client")
def register_client(ctx: Context, body: ClientChanges) -> ClientFields:
    """Register the integration's name, as on the consent page, and its redirect URIs."""
    client = clients.current(ctx)
    changed = replace(
        client,
        name=client.name if body.name is None else body.name,
        redirect_uris=client.redirect_uris if body.redirect_uris is None else body.redirect_uris,
        loopback=client.loopback and body.redirect_uris is None if body.loopback is None else body.loopback,
    )
    ctx.store[Client].put(changed)
    uris = list(changed.redirect_uris)
    return {
        "client_id": ctx.account.credential_of(ctx.service.name),
        "name": clients.name_of(ctx),
        "redirect_uris": uris,
        "loopback": changed.loopback,
    }


@operations.post("/tier")
def change_tier(ctx: Context, body: TierChange) -> TierFields:
    """Change the integration's tier: standard, partner with its burst, or enterprise."""
    hour, burst = limits.change_tier(ctx, body.tier, body.requests_per_hour, body.burst_per_second)
    return {"tier": body.tier, "requests_per_hour": hour, "burst_per_second": burst}


def _creator(ctx: Context, id: str) -> Creator:
    creator = find_creator(ctx, id)
    if creator is None:
        raise errors.CREATOR_NOT_FOUND(id=id[:100])
    return creator


def _in_order(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in scopes.NAMES if name in names)
