"""The types of webhook events: events of messages, inbound mail, A/B tests and ingested batches.

In a batch, each is ``{"msys": {<group>: {…}}}``; https://developers.sparkpost.com/api/webhooks/.
"""

from __future__ import annotations

from typing import Any

from ..events.event_types import FIELDS, TYPES, EventType

GROUPS: dict[str, tuple[str, str]] = {
    "message_event": ("Message Events", "What became of the messages on their way."),
    "track_event": ("Engagement Events", "What recipients did with the messages."),
    "gen_event": ("Generation Events", "Messages that were not made."),
    "unsubscribe_event": ("Unsubscribe Events", "Recipients who want no more of them."),
    "relay_event": ("Relay Events", "What became of inbound mail on its way to a relay webhook."),
    "ab_test_event": ("A/B Test Events", "The ends of A/B tests."),
    "ingest_event": ("Ingest Events", "What became of batches of events that were handed to the vendor."),
}
"""The display names and descriptions of the groups, in the vendor's order."""

_MORE_FIELDS: dict[str, tuple[str, Any]] = {
    "ab_test": (
        "The A/B test as it ended",
        {"id": "welcome-test", "name": "Welcome", "status": "completed", "version": 1, "winning_template_id": "b"},
    ),
    "batch_id": ("Id of the batch", "9e1f2c34-5a6b-4c7d-8e9f-0a1b2c3d4e5f"),
    "error_type": ("Kind of the error", "validation"),
    "expiration_timestamp": ("Until when the events that failed can be fetched", "2026-03-11T12:00:01.000Z"),
    "href": ("Where the events that failed can be fetched", "https://api.example/ingest/9e1f2c34"),
    "number_duplicates": ("Events that were known already", 1),
    "number_failed": ("Events that could not be read", 2),
    "number_succeeded": ("Events that were taken", 97),
    "origination": ("Where the inbound mail came in", "smtp"),
    "relay_id": ("Id of the relay webhook", "12013026328707075"),
    "retryable": ("Whether the batch may be tried again", False),
}

_RELAY = (
    "type", "customer_id", "event_id", "message_id", "msg_from", "msg_size", "origination", "raw_rcpt_to", "rcpt_to",
    "recv_method", "relay_id", "routing_domain", "subaccount_id", "timestamp",
)  # fmt: skip
_RELAY_FAILED = (*_RELAY, "error_code", "raw_reason", "reason")
_AB_TEST = ("type", "ab_test", "customer_id", "event_id", "subaccount_id", "timestamp")
_INGEST = ("type", "batch_id", "customer_id", "event_id", "expiration_timestamp", "subaccount_id", "timestamp")

WEBHOOK_TYPES: dict[str, EventType] = {
    **TYPES,
    "relay_injection": EventType("relay_event", "Relay Injection", "Inbound mail arrived.", _RELAY),
    "relay_rejection": EventType(
        "relay_event", "Relay Rejection", "The vendor refused inbound mail.", (*_RELAY_FAILED, "remote_addr")
    ),
    "relay_delivery": EventType(
        "relay_event",
        "Relay Delivery",
        "The relay webhook took inbound mail.",
        (*_RELAY, "delv_method", "num_retries", "queue_time"),
    ),
    "relay_tempfail": EventType(
        "relay_event", "Relay Temporary Failure", "The relay webhook is tried again.", (*_RELAY_FAILED, "num_retries")
    ),
    "relay_permfail": EventType(
        "relay_event", "Relay Permanent Failure", "The relay webhook was given up.", (*_RELAY_FAILED, "num_retries")
    ),
    "ab_test_completed": EventType("ab_test_event", "A/B Test Completed", "A test has a winner.", _AB_TEST),
    "ab_test_cancelled": EventType("ab_test_event", "A/B Test Cancelled", "A test was cancelled.", _AB_TEST),
    "success": EventType(
        "ingest_event",
        "Ingest Success",
        "The events of a batch were taken.",
        (*_INGEST, "number_duplicates", "number_succeeded"),
    ),
    "error": EventType(
        "ingest_event",
        "Ingest Error",
        "Some events of a batch could not be read.",
        (*_INGEST, "error_type", "href", "number_duplicates", "number_failed", "number_succeeded", "retryable"),
    ),
}

_FIELDS = {**FIELDS, **_MORE_FIELDS, "timestamp": ("When it happened, in Unix seconds", "1772366401")}


def documentation() -> dict[str, Any]:
    """Return the groups, their events, and the fields of each with a description and a sample value."""
    return {
        group: {
            "display_name": name,
            "description": description,
            "events": {
                type: {"display_name": row.display_name, "description": row.description, "event": _fields(type)}
                for type, row in WEBHOOK_TYPES.items()
                if row.group == group
            },
        }
        for group, (name, description) in GROUPS.items()
    }


def sample(type: str) -> dict[str, Any]:
    """Return an event of this type as in a batch, with all fields that it can have."""
    row = WEBHOOK_TYPES[type]
    return {"msys": {row.group: {field: _sample(type, field) for field in row.fields}}}


def _fields(type: str) -> dict[str, Any]:
    return {
        field: {"description": _FIELDS[field][0], "sampleValue": _sample(type, field)}
        for field in WEBHOOK_TYPES[type].fields
    }


def _sample(type: str, field: str) -> Any:
    return type if field == "type" else _FIELDS[field][1]
