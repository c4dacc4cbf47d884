"""Airtime top-ups of the older API: https://github.com/engagespark/api-docs.

All values come as text. Clients read ``errorMessage`` from the response, also from an error.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors, phones
from ..auth import check_organization
from ..contacts import address_book
from ..fields import Fields, Id, Short, Url, requires
from ..messages import outbox
from ..topups import topups
from ..topups.topups import Amount, MaybeAmount, OlderResponse
from .envelope import without_topup

operations = Operations("Older API", docs="https://github.com/engagespark/api-docs", evidence="observed")


class OlderTopUp(Fields):
    """All values come as text; ``phoneNumber`` is international."""

    model_config = requires("organizationId", "maxAmount", "phoneNumber")

    organization_id: Id = None
    max_amount: Amount
    desired_amount: MaybeAmount = None
    phone_number: Short = ""
    client_ref: Short = ""
    results_url: Url = ""


@operations.post(
    "/v1/airtime-topup/",
    errors=[*topups.PLAN_ERRORS, errors.INVALID_PUSH_URL, errors.NOT_FOUND],
)
def send_older_topup(ctx: Context, body: OlderTopUp) -> OlderResponse:
    """Send a top-up. Its result is posted to ``resultsUrl`` as well."""
    try:
        check_organization(body.organization_id, name="organizationId")
        outbox.check_push_url(ctx, "resultsUrl", body.results_url)
        contact = address_book.with_number(ctx, phones.full_number(body.phone_number))
        plan = topups.make_plan(ctx, contact, body.max_amount, body.desired_amount)
    except ApiError as api_error:
        raise without_topup(api_error) from None
    begun = topups.begin(ctx, plan, client_ref=body.client_ref, results_url=body.results_url)
    return topups.older_response(begun)
