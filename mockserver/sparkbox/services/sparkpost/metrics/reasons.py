"""Detailed metrics: reasons of bounces, rejections and delays, links followed, deliveries by attempt.

https://developers.sparkpost.com/api/metrics/. Quirk: a bounce for administrative reasons is among the reasons, though
``count_bounce`` does not count it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..events.bounce_classes import CATEGORY_IDS, class_of
from ..page import Page
from .digests import Digest
from .queries import DOCS, ERRORS, POLLING, Key, KeyOf, MetricsQuery, Query, Row, aggregate, check, ordered

operations = Page("Metrics", docs=DOCS, errors=ERRORS, limits=(POLLING,), view="metrics/view")

_BOUNCE_METRICS = ("count_bounce", "count_inband_bounce", "count_outofband_bounce", "count_admin_bounce")
_REJECTIONS = {
    "policy_rejection": (1, "Policy Rejection"),
    "generation_rejection": (2, "Generation Rejection"),
    "generation_failure": (3, "Generation Failure"),
}
_LINK_METRICS = {"count_clicked": "count_unique_clicked", "count_raw_clicked": "count_clicked"}


class Trouble(NamedTuple):
    """A kind of events that have reasons."""

    name: str
    key: KeyOf
    fields: Callable[..., Row]
    """The fields of a row, from its key."""
    metrics: tuple[str, ...]
    chosen: bool
    """Whether the query chooses from the metrics."""


def measure_reasons(ctx: Context, query: MetricsQuery, trouble: Trouble) -> Steps[list[Row]]:
    """Retrieve metrics by the reasons of one kind of trouble."""
    checked = check(ctx, query, trouble.metrics, chosen=trouble.chosen)
    found = yield from aggregate(ctx, checked, trouble.key)
    return _counted(checked, [{**trouble.fields(*key), **each.row(checked.metrics)} for key, each in found.items()])


def measure_reasons_by_domain(ctx: Context, query: MetricsQuery, trouble: Trouble) -> Steps[list[Row]]:
    """Retrieve metrics by the reasons of one kind of trouble and the recipients' domains."""
    checked = check(ctx, query, trouble.metrics, chosen=trouble.chosen)
    found = yield from aggregate(ctx, checked, _with_domain(trouble.key))
    rows = [
        {"domain": domain, **trouble.fields(*key), **each.row(checked.metrics)}
        for (domain, *key), each in found.items()
    ]
    return _counted(checked, rows)


def _bounce_key(event: Event, digest: Digest) -> Key | None:
    return (digest.reason, digest.bounce_class) if event.type in ("bounce", "out_of_band") else None


def _bounce_fields(reason: str, code: int) -> Row:
    return {"reason": reason, **_class_fields(code), "bounce_category_id": CATEGORY_IDS[class_of(code).category]}


def _rejection_key(event: Event, digest: Digest) -> Key | None:
    return (digest.reason, event.type) if event.type in _REJECTIONS else None


def _rejection_fields(reason: str, type: str) -> Row:
    number, name = _REJECTIONS[type]
    return {"reason": reason, "rejection_category_id": number, "rejection_type": name}


def _delay_key(event: Event, digest: Digest) -> Key | None:
    return (digest.reason,) if event.type == "delay" else None


def _delay_fields(reason: str) -> Row:
    return {"reason": reason}


BOUNCES = Trouble("bounce", _bounce_key, _bounce_fields, _BOUNCE_METRICS, chosen=True)
REJECTIONS = Trouble("rejection", _rejection_key, _rejection_fields, ("count_rejected",), chosen=False)
DELAYS = Trouble("delay", _delay_key, _delay_fields, ("count_delayed", "count_delayed_first"), chosen=False)


def _reasons(id: str, path: str, trouble: Trouble) -> None:
    summary = f"Retrieve {trouble.name} reason metrics"
    operations.get(path, id=id, summary=summary, bound={"trouble": trouble})(measure_reasons)


def _reasons_by_domain(id: str, path: str, trouble: Trouble) -> None:
    summary = f"Retrieve {trouble.name} reason metrics by domain"
    operations.get(path, id=id, summary=summary, bound={"trouble": trouble})(measure_reasons_by_domain)


_reasons("measure_bounce_reasons", "/api/v1/metrics/deliverability/bounce-reason", BOUNCES)
_reasons("measure_rejection_reasons", "/api/v1/metrics/deliverability/rejection-reason", REJECTIONS)
_reasons("measure_delay_reasons", "/api/v1/metrics/deliverability/delay-reason", DELAYS)
_reasons_by_domain("measure_bounce_reasons_by_domain", "/api/v1/metrics/deliverability/bounce-reason/domain", BOUNCES)
_reasons_by_domain(
    "measure_rejection_reasons_by_domain", "/api/v1/metrics/deliverability/rejection-reason/domain", REJECTIONS
)
_reasons_by_domain("measure_delay_reasons_by_domain", "/api/v1/metrics/deliverability/delay-reason/domain", DELAYS)


@operations.get("/api/v1/metrics/deliverability/bounce-classification")
def measure_bounce_classes(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Retrieve bounce classification metrics."""
    checked = check(ctx, query, _BOUNCE_METRICS)

    def code(event: Event, digest: Digest) -> Key | None:
        return (digest.bounce_class,) if event.type in ("bounce", "out_of_band") else None

    found = yield from aggregate(ctx, checked, code)
    rows = [{**_class_fields(number), **each.row(checked.metrics)} for (number,), each in found.items()]
    return _counted(checked, rows, "classification_id")


@operations.get("/api/v1/metrics/deliverability/link-name")
def measure_links(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Retrieve engagement details: clicks by link.

    A link without a name is shown by its address. ``count_raw_clicked`` counts every click, ``count_clicked`` each
    message once.
    """
    checked = check(ctx, query, tuple(_LINK_METRICS))

    def name(event: Event, digest: Digest) -> Key | None:
        return (digest.link,) if event.type in ("click", "amp_click") else None

    found = yield from aggregate(ctx, checked, name)
    rows = [
        {"link_name": link_name, **{metric: each[_LINK_METRICS[metric]] for metric in checked.metrics}}
        for (link_name,), each in found.items()
    ]
    return ordered(checked, rows, "link_name")


@operations.get("/api/v1/metrics/deliverability/attempt")
def measure_attempts(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Retrieve deliveries by attempt: the first, the second, all later ones."""

    def attempt(event: Event, digest: Digest) -> Key | None:
        return (("1", "2", "3+")[min(digest.num_retries, 2)],) if event.type == "delivery" else None

    found = yield from aggregate(ctx, check(ctx, query, ("count_delivered",), chosen=False), attempt)
    return [{"attempt": name, **each.row(("count_delivered",))} for (name,), each in sorted(found.items())]


def _class_fields(code: int) -> Row:
    found = class_of(code)
    return {
        "bounce_class_name": found.name,
        "bounce_class_description": found.description,
        "bounce_category_name": found.category,
        "classification_id": code,
    }


def _with_domain(key_of: KeyOf) -> KeyOf:
    def with_domain(event: Event, digest: Digest) -> Key | None:
        key = key_of(event, digest)
        return None if key is None else (digest.dimensions.recipient_domain, *key)

    return with_domain


def _counted(query: Query, rows: list[Row], name: str = "reason") -> list[Row]:
    """Return the rows with a figure that is not zero, in order."""
    return ordered(query, [row for row in rows if any(row[metric] for metric in query.metrics)], name)
