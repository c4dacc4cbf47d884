"""The account's balance and plans: https://sendpulse.com/integrations/api/bulk-email#balance.

Quirks: roubles are requested as ``rub`` and returned as ``RUR``; the details have money as text. ``/user/info`` is not
documented, but clients test their credentials with it.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors
from ..bulk_email import contacts
from ..times import date, stamp
from . import plans
from .plans import Plan

RATES = {"USD": 1.0, "EUR": 0.92, "GBP": 0.79, "UAH": 41.2, "RUR": 92.0, "INR": 84.0, "JPY": 150.0, "BRL": 5.6}
"""One US dollar in each currency; fixed, and the sandbox's own."""

operations = Operations("Balance", docs="https://sendpulse.com/integrations/api/bulk-email#balance")


class Balance(TypedDict):
    currency: str
    balance_currency: float


class Money(TypedDict):
    main: str
    bonus: str
    currency: str


class EmailPlan(TypedDict):
    tariff_name: str
    finished_time: str
    emails_left: int
    maximum_subscribers: int
    current_subscribers: int


class ServicePlan(TypedDict):
    tariff_name: str
    end_date: str
    auto_renew: int


class BalanceDetails(TypedDict):
    balance: Money
    email: EmailPlan
    smtp: ServicePlan | None
    push: ServicePlan


class UserInfo(TypedDict):
    id: int
    email: str
    name: str
    tariff_name: str
    currency: str


@operations.get("/balance")
def get_balance(ctx: Context) -> Balance:
    """Get balance.

    In the account's currency.
    """
    return _balance(plans.current(ctx), plans.current(ctx).currency)


@operations.get("/balance/{currency}")
def get_balance_in(ctx: Context, currency: str) -> Balance:
    """Get balance by currency.

    At fixed exchange rates.
    """
    wanted = currency.upper()
    wanted = "RUR" if wanted == "RUB" else wanted
    if wanted not in RATES:
        raise errors.ARGUMENT_INVALID(name="currency", complaint="is invalid")
    return _balance(plans.current(ctx), wanted)


@operations.get("/user/balance/detail")
def get_balance_details(ctx: Context) -> BalanceDetails:
    """Get detailed balance.

    With the plans of all services; ``smtp`` is null if there is none.
    """
    plan = plans.current(ctx)
    title = plans.TITLES[plan.category]
    smtp: ServicePlan = {"tariff_name": f"SMTP {title}", "end_date": stamp(plan.ends), "auto_renew": 1}
    return {
        "balance": {"main": _money(plan.main), "bonus": _money(plan.bonus), "currency": plan.currency},
        "email": {
            "tariff_name": title,
            "finished_time": stamp(plan.ends),
            "emails_left": plan.emails_left,
            "maximum_subscribers": plans.MOST_SUBSCRIBERS[plan.category],
            "current_subscribers": contacts.subscribers(ctx),
        },
        "smtp": None if plan.smtp == "none" else smtp,
        "push": {"tariff_name": f"Push {title}", "end_date": date(plan.ends), "auto_renew": 1},
    }


@operations.get("/user/info", evidence="assumed")
def get_user_info(ctx: Context) -> UserInfo:
    """Get the account's user.

    Clients call it to test their credentials. The shape of the response is our own.
    """
    plan = plans.current(ctx)
    return {
        "id": plan.user_id,
        "email": plan.email,
        "name": plan.name,
        "tariff_name": plans.TITLES[plan.category],
        "currency": plan.currency,
    }


def _balance(plan: Plan, currency: str) -> Balance:
    amount = plan.main / 100 / RATES.get(plan.currency, 1.0) * RATES.get(currency, 1.0)
    return {"currency": currency, "balance_currency": round(amount, 2)}


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
