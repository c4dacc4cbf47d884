"""Simulations: what happens to a service's account from outside its API, where the service declares some.

Somebody replies to an SMS, money is added, a campaign is stopped. A simulation takes a JSON object and returns what the
service would show of it; the account that it happens to must be named by ``?account=``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.schema import check
from sparkbox.core.declare.service import Service
from sparkbox.core.state.steps import StepsAndWaits

from .. import errors, selection
from ..context import Context
from ..envelope import quoted
from ..names import find_service
from ..queries import Strict

operations = Operations("Simulations", public=True)


class OneAccountQuery(Strict):
    account: Annotated[str, Field(description="The credential of the account that it happens to.")]


class SimulationView(TypedDict):
    """``fields`` is the JSON schema of what it takes; empty where it takes nothing."""

    name: str
    summary: str
    description: str
    fields: dict[str, Any]


class SimulationList(TypedDict):
    simulations: list[SimulationView]
    total: int


@operations.get("/_mock/services/{name}/simulations", errors=[errors.SERVICE_NOT_FOUND])
def list_simulations(ctx: Context, name: str) -> SimulationList:
    """List the simulations of a service."""
    rows = [_view(path, operation) for path, operation in _declared(find_service(ctx.sandbox, name)).items()]
    return {"simulations": rows, "total": len(rows)}


@operations.post(
    "/_mock/services/{name}/simulations/{simulation}",
    errors=[
        *selection.ERRORS,
        errors.SERVICE_NOT_FOUND,
        errors.SIMULATION_NOT_FOUND,
        errors.SIMULATION_REFUSED,
    ],
    body_required=False,
)
def simulate(
    ctx: Context, name: str, simulation: str, query: OneAccountQuery, body: dict[str, Any] | None = None
) -> StepsAndWaits[dict[str, Any]]:
    """Let something happen in an account, which is made if need be."""
    service = find_service(ctx.sandbox, name)
    operation = _declared(service).get(simulation)
    if operation is None:
        raise errors.SIMULATION_NOT_FOUND(name=quoted(simulation), service=service.name)
    fields = None if operation.body is None else check(operation.body, body or {}, "body")
    inside = ctx.sandbox.context(service.name, selection.opened(ctx, query.account))
    if service.prepare is not None:
        yield from service.prepare(inside, {}, fields, None)
    service.contents.seed_all(inside.account, inside.store)
    try:
        shown: dict[str, Any] = operation.call(inside, {}, fields, None)
    except ApiError as api_error:
        raise errors.SIMULATION_REFUSED(reason=api_error.message) from None
    return shown


def _declared(service: Service) -> dict[str, Operation]:
    return {operation.path.strip("/"): operation for operation in service.all_simulations}


def _view(name: str, operation: Operation) -> SimulationView:
    return {
        "name": name,
        "summary": operation.summary,
        "description": operation.description,
        "fields": {} if operation.body is None else operation.body.json_schema(),
    }
