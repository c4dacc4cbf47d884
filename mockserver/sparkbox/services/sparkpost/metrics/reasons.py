"""Metrics in detail: why messages bounced, were rejected or delayed, which links were followed, how often was tried.

https://developers.sparkpost.com/api/metrics/. Quirk: a bounce for administrative reasons is among the reasons, though
``count_bounce`` does not count it.
"""

from __future__ import annotations

from collections.abc import Callable

from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..events.bounce_classes import CATEGORY_IDS, class_of
from ..page import Page
from .aggregates import Fact
from .queries import DOCS, ERRORS, POLLING, SUMMARY, Asked, Key, KeyOf, MetricsQuery, Row, asked, ordered, tallied

operations = Page("Metrics", docs=DOCS, errors=ERRORS, limits=(POLLING,), view="metrics/view")

_BOUNCE_METRICS = ("count_bounce", "count_inband_bounce", "count_outofband_bounce", "count_admin_bounce")
_REJECTIONS = {
    "policy_rejection": (1, "Policy Rejection"),
    "generation_rejection": (2, "Generation Rejection"),
    "generation_failure": (3, "Generation Failure"),
}
_LINK_METRICS = {"count_clicked": "count_unique_clicked", "count_raw_clicked": "count_clicked"}


def _bounce_key(event: Event, fact: Fact) -> Key | None:
    return (fact.reason, fact.bounce_class) if event.type in ("bounce", "out_of_band") else None


def _bounce_fields(reason: str, code: int) -> Row:
    return {"reason": reason, **_class_fields(code), "bounce_category_id": CATEGORY_IDS[class_of(code).category]}


def _rejection_key(event: Event, fact: Fact) -> Key | None:
    return (fact.reason, event.type) if event.type in _REJECTIONS else None


def _rejection_fields(reason: str, type: str) -> Row:
    number, name = _REJECTIONS[type]
    return {"reason": reason, "rejection_category_id": number, "rejection_type": name}


def _delay_key(event: Event, fact: Fact) -> Key | None:
    return (fact.reason,) if event.type == "delay" else None


def _delay_fields(reason: str) -> Row:
    return {"reason": reason}


def _reasons(
    what: str, key: KeyOf, fields: Callable[..., Row], metrics: tuple[str, ...], *, chosen: bool = False
) -> None:
    """Declares the metrics by the reasons of one kind of trouble, and by reasons and domains."""

    def by_reason(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
        given = asked(ctx, query, metrics, chosen=chosen)
        tallies = yield from tallied(ctx, given, key)
        return _told(given, [{**fields(*group), **tally.row(given.metrics)} for group, tally in tallies.items()])

    def by_domain(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
        given = asked(ctx, query, metrics, chosen=chosen)
        tallies = yield from tallied(ctx, given, _with_domain(key))
        rows = [
            {"domain": domain, **fields(*group), **tally.row(given.metrics)}
            for (domain, *group), tally in tallies.items()
        ]
        return _told(given, rows)

    by_reason.__name__ = f"measure_{what}_reasons"
    by_reason.__doc__ = f"{what.capitalize()} reason metrics."
    operations.get(f"{SUMMARY}/{what}-reason")(by_reason)
    by_domain.__name__ = f"measure_{what}_reasons_by_domain"
    by_domain.__doc__ = f"{what.capitalize()} reason metrics by domain."
    operations.get(f"{SUMMARY}/{what}-reason/domain")(by_domain)


_reasons("bounce", _bounce_key, _bounce_fields, _BOUNCE_METRICS, chosen=True)
_reasons("rejection", _rejection_key, _rejection_fields, ("count_rejected",))
_reasons("delay", _delay_key, _delay_fields, ("count_delayed", "count_delayed_first"))


@operations.get(f"{SUMMARY}/bounce-classification")
def measure_bounce_classes(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Bounce classification metrics."""
    given = asked(ctx, query, _BOUNCE_METRICS)

    def code(event: Event, fact: Fact) -> Key | None:
        return (fact.bounce_class,) if event.type in ("bounce", "out_of_band") else None

    tallies = yield from tallied(ctx, given, code)
    rows = [{**_class_fields(number), **tally.row(given.metrics)} for (number,), tally in tallies.items()]
    return _told(given, rows, "classification_id")


@operations.get(f"{SUMMARY}/link-name")
def measure_links(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Engagement details: clicks by the link's name, or by its address if it has none.

    ``count_raw_clicked`` counts every click, ``count_clicked`` each message once.
    """
    given = asked(ctx, query, tuple(_LINK_METRICS))

    def name(event: Event, fact: Fact) -> Key | None:
        return (fact.link,) if event.type in ("click", "amp_click") else None

    tallies = yield from tallied(ctx, given, name)
    rows = [
        {"link_name": link_name, **{metric: tally[_LINK_METRICS[metric]] for metric in given.metrics}}
        for (link_name,), tally in tallies.items()
    ]
    return ordered(given, rows, "link_name")


@operations.get(f"{SUMMARY}/attempt")
def measure_attempts(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Deliveries by attempt: the first, the second, and all others."""

    def attempt(event: Event, fact: Fact) -> Key | None:
        return (("1", "2", "3+")[min(fact.num_retries, 2)],) if event.type == "delivery" else None

    tallies = yield from tallied(ctx, asked(ctx, query, ("count_delivered",), chosen=False), attempt)
    return [{"attempt": name, **tally.row(("count_delivered",))} for (name,), tally in sorted(tallies.items())]


def _class_fields(code: int) -> Row:
    found = class_of(code)
    return {
        "bounce_class_name": found.name,
        "bounce_class_description": found.description,
        "bounce_category_name": found.category,
        "classification_id": code,
    }


def _with_domain(key: KeyOf) -> KeyOf:
    def with_domain(event: Event, fact: Fact) -> Key | None:
        group = key(event, fact)
        return None if group is None else (fact.qualities.recipient_domain, *group)

    return with_domain


def _told(given: Asked, rows: list[Row], name: str = "reason") -> list[Row]:
    """The rows that have something to tell, in order."""
    return ordered(given, [row for row in rows if any(row[metric] for metric in given.metrics)], name)
