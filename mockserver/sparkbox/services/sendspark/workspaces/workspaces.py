"""Workspaces. Each API key has exactly one, from the start.

The ready key's workspace is ``mock-workspace``. Another key's workspace has its own id and is found under
``mock-workspace`` too, so that code written for the ready key runs with other keys.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, Store
from sparkbox.services import SENDSPARK

from .. import errors
from ..errors import DOCS
from ..fields import Flag

READY_KEY = SENDSPARK.credentials["key"]
READY_WORKSPACE = SENDSPARK.credentials["workspace"]

operations = Operations("Workspace", docs=DOCS)


class Workspace(Record, frozen=True, gc=False):
    """The account's workspace and the member whose secret is used; billing periods count from ``started``."""

    id: str
    name: str
    creator: str
    creator_name: str
    folder: str
    default_background: str
    started: float

    @property
    def key(self) -> str:
        return ""


class WorkspaceQuery(Body):
    dropdownRendering: Flag = False


class WorkspaceRow(TypedDict):
    _id: str
    name: str


class WorkspaceList(TypedDict):
    workspaces: list[WorkspaceRow]


class WorkspaceId(TypedDict):
    workspaceId: str


@operations.get("/v1/workspaces")
def get_workspaces(ctx: Context, query: WorkspaceQuery) -> WorkspaceList:
    """Get the list of the current user's workspaces."""
    workspace = current(ctx)
    return {"workspaces": [{"_id": workspace.id, "name": workspace.name}]}


@operations.get("/v1/workspaces/identifier")
def get_workspace_by_api_key(ctx: Context) -> WorkspaceId:
    """Get the workspace id by API key."""
    return {"workspaceId": current(ctx).id}


def seed_account(account: Account, store: Store) -> None:
    """Create the workspace of a new account."""
    ids = account.ids
    store[Workspace].put(
        Workspace(
            id=READY_WORKSPACE if account.credential == READY_KEY else ids.text(32),
            name="Sandbox",
            creator=ids.text(32),
            creator_name="Sandy Box",
            folder=ids.text(32),
            default_background="https://www.example.com/",
            started=account.clock.now(),
        )
    )


def current(ctx: Context) -> Workspace:
    """Return the account's workspace."""
    workspace = ctx.store[Workspace].get("")
    assert workspace is not None
    return workspace


def enter(ctx: Context, workspace_id: str) -> Workspace:
    """Check the workspace id of a path; another account's workspace looks like one that does not exist."""
    workspace = current(ctx)
    if workspace_id not in (workspace.id, READY_WORKSPACE):
        raise errors.NOT_FOUND()
    return workspace
