"""The types of events and their fields, as the documentation and sample operations show them.

The fields are those of https://developers.sparkpost.com/api/events/ and of recorded events; the descriptions and values
are ours. Quirk: numbers such as ids, sizes, codes and coordinates are texts; tracking flags are booleans, ``zip`` is a
number.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class EventType(NamedTuple):
    """A type of event; ``group`` is its key in webhooks."""

    group: str
    display_name: str
    description: str
    fields: tuple[str, ...]


FIELDS: dict[str, tuple[str, Any]] = {
    "ab_test_id": ("A/B test that this message belongs to", "welcome-test"),
    "ab_test_version": ("Version of the A/B test", "1"),
    "bounce_class": ("Why the message bounced, as a code of the vendor's classification", "10"),
    "campaign_id": ("Campaign that the transmission named", "autumn-newsletter"),
    "click_tracking": ("Whether links are tracked", True),
    "customer_id": ("The account that sent the message", "1"),
    "delv_method": ("Protocol by which the message was delivered", "esmtp"),
    "error_code": ("Code with which the remote server, or the vendor, refused", "550"),
    "event_id": ("Id of this event; no other has it", "41238765012345678"),
    "fbtype": ("Kind of the complaint", "abuse"),
    "friendly_from": ("Address in the message's From header", "news@shop.example"),
    "geo_ip": (
        "Where the request came from, by its IP address",
        {"country": "DE", "region": "BE", "city": "Berlin", "latitude": "52.52", "longitude": "13.41", "zip": 10115},
    ),
    "initial_pixel": ("Whether a pixel at the top of the message tracks opens", True),
    "injection_time": ("When the message was made", "2026-03-01T12:00:00.000+00:00"),
    "ip_address": ("Host that the message was delivered to; in engagement events, the one that asked", "198.51.100.25"),
    "ip_pool": ("IP pool that the message was sent through", "shared"),
    "mailbox_provider": ("Provider of the recipient's mailbox", "Gmail"),
    "mailbox_provider_region": ("Where the provider is at home", "Global"),
    "mailfrom": ("Sender on the envelope of the request to be unsubscribed", "ada@mail.example"),
    "message_id": ("Id of the message", "0004a1b2c3d4e5f60718"),
    "msg_from": ("Sender on the message's envelope", "msprvs1=0004a1b2=bounces-1@sparkpostmail.com"),
    "msg_size": ("Size of the message in bytes", "2048"),
    "num_retries": ("Failed attempts to deliver before this one", "0"),
    "open_tracking": ("Whether opens are tracked", True),
    "outbound_tls": ("1: delivered with TLS, 0: none was offered, -1: it failed", "1"),
    "queue_time": ("Milliseconds from injection to delivery", "1000"),
    "raw_rcpt_to": ("Recipient on the envelope, as it was given", "Ada@mail.example"),
    "raw_reason": ("The remote server's own words", "550 5.1.1 <ada@mail.example> no such user on 198.51.100.25"),
    "rcpt_meta": ("Metadata of the transmission and the recipient", {"order": "A-17"}),
    "rcpt_subs": ("Substitution data of the recipient", {"first_name": "Ada"}),
    "rcpt_tags": ("Tags of the recipient", ["customer", "beta"]),
    "rcpt_to": ("Recipient on the envelope, in lower case", "ada@mail.example"),
    "rcpt_type": ("cc or bcc, for a recipient who got a copy", "cc"),
    "reason": ("The remote server's words without what is special to the attempt", "550 5.1.1 no such user"),
    "recipient_domain": ("Domain of the recipient", "mail.example"),
    "recv_method": ("How the vendor got the message: rest or esmtp", "rest"),
    "remote_addr": ("Address of the host that handed the message over", "192.0.2.44"),
    "report_by": ("Who reported the complaint", "reports.mail.example"),
    "report_to": ("Where the complaint was sent to", "abuse@shop.example"),
    "routing_domain": ("Domain that the message was routed to", "mail.example"),
    "scheduled_time": ("When the transmission was scheduled for, in Unix seconds", "1772366400"),
    "sending_domain": ("Domain in the message's From header", "shop.example"),
    "sending_ip": ("Address that the message was sent from", "203.0.113.25"),
    "sms_coding": ("Encoding of a text message", "ASCII"),
    "sms_dst": ("Number that a text message was sent to", "15551230000"),
    "sms_remoteids": ("Ids that the operator gave to a text message", ["0001"]),
    "sms_src": ("Number that a text message was sent from", "15551239999"),
    "sms_text": ("Text of a text message", "Your code is 4711"),
    "stat_state": ("State of a text message", "Delivered"),
    "stat_type": ("Kind of the report on a text message", "SMSC Delivery"),
    "subaccount_id": ("Subaccount that sent the message", "17"),
    "subject": ("Subject of the message", "Your order is on its way"),
    "target_link_name": ("Name of the link", "order-status"),
    "target_link_url": ("Address that the link leads to", "https://shop.example/orders/17"),
    "template_id": ("Template that the message was made from", "order-shipped"),
    "template_version": ("Version of the template", "3"),
    "timestamp": ("When it happened", "2026-03-01T12:00:01.000+00:00"),
    "transactional": ("1 for a transactional message", "1"),
    "transmission_id": ("Transmission that made the message", "65012345678901234"),
    "type": ("Type of this event", ""),
    "user_agent": ("User agent of the program that asked", "Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0"),
    "user_agent_parsed": (
        "What the user agent says of the program",
        {
            "agent_family": "Firefox",
            "device_brand": "Other",
            "device_family": "Other",
            "os_family": "Linux",
            "os_version": "",
            "is_mobile": False,
            "is_proxy": False,
            "is_prefetched": False,
        },
    ),
    "user_str": ("Further words of the report", "reported by the recipient"),
}  # fmt: skip
"""All fields, each with a description and a sample value."""

_MESSAGE = (
    "type", "campaign_id", "click_tracking", "customer_id", "event_id", "friendly_from", "initial_pixel",
    "injection_time", "ip_pool", "mailbox_provider", "mailbox_provider_region", "message_id", "msg_from", "msg_size",
    "open_tracking", "raw_rcpt_to", "rcpt_meta", "rcpt_tags", "rcpt_to", "rcpt_type", "recipient_domain",
    "recv_method", "routing_domain", "scheduled_time", "sending_domain", "sending_ip", "subaccount_id", "subject",
    "template_id", "template_version", "timestamp", "transactional", "transmission_id", "ab_test_id", "ab_test_version",
)  # fmt: skip
_DELIVERED = (*_MESSAGE, "delv_method", "ip_address", "num_retries", "queue_time")
_FAILED = ("bounce_class", "error_code", "raw_reason", "reason")
_ENGAGED = (*_DELIVERED, "geo_ip", "user_agent", "user_agent_parsed")
_CLICKED = (*_ENGAGED, "target_link_name", "target_link_url")
_GENERATED = (*_MESSAGE, "error_code", "raw_reason", "reason", "rcpt_subs")
_SMS = (
    "type", "customer_id", "delv_method", "event_id", "ip_address", "raw_reason", "reason", "routing_domain",
    "sms_coding", "sms_dst", "sms_remoteids", "sms_src", "sms_text", "stat_state", "stat_type", "subaccount_id",
    "timestamp",
)  # fmt: skip

TYPES: dict[str, EventType] = {
    "bounce": EventType(
        "message_event",
        "Bounce",
        "The message was refused for good.",
        (*_DELIVERED, *_FAILED, "outbound_tls"),
    ),
    "delivery": EventType(
        "message_event",
        "Delivery",
        "The recipient's server took the message.",
        (*_DELIVERED, "outbound_tls"),
    ),
    "injection": EventType("message_event", "Injection", "The message was made, or handed over.", _MESSAGE),
    "sms_status": EventType("message_event", "SMS Status", "An operator reported on a text message.", _SMS),
    "spam_complaint": EventType(
        "message_event",
        "Spam Complaint",
        "The recipient called the message spam.",
        (*_DELIVERED, "fbtype", "report_by", "report_to", "user_str"),
    ),
    "out_of_band": EventType(
        "message_event",
        "Out of Band",
        "The recipient's server took the message, and sent it back later.",
        (*_DELIVERED, *_FAILED),
    ),
    "policy_rejection": EventType(
        "message_event",
        "Policy Rejection",
        "The vendor refused the message for a rule of its own.",
        (*_MESSAGE, *_FAILED, "remote_addr"),
    ),
    "delay": EventType(
        "message_event",
        "Delay",
        "The recipient's server asked to try again later.",
        (*_DELIVERED, *_FAILED),
    ),
    "click": EventType("track_event", "Click", "The recipient followed a tracked link.", _CLICKED),
    "open": EventType("track_event", "Open", "The pixel at the bottom of the message was loaded.", _ENGAGED),
    "initial_open": EventType(
        "track_event", "Initial Open", "The pixel at the top of the message was loaded.", _ENGAGED
    ),
    "amp_click": EventType("track_event", "AMP Click", "A tracked link of the AMP part was followed.", _CLICKED),
    "amp_open": EventType("track_event", "AMP Open", "The pixel at the bottom of the AMP part was loaded.", _ENGAGED),
    "amp_initial_open": EventType(
        "track_event", "AMP Initial Open", "The pixel at the top of the AMP part was loaded.", _ENGAGED
    ),
    "generation_failure": EventType("gen_event", "Generation Failure", "The message could not be made.", _GENERATED),
    "generation_rejection": EventType(
        "gen_event",
        "Generation Rejection",
        "The vendor refused to make the message for a rule of its own.",
        (*_GENERATED, "bounce_class"),
    ),
    "list_unsubscribe": EventType(
        "unsubscribe_event",
        "List Unsubscribe",
        "The recipient used the unsubscribe button of the mail program.",
        (*_DELIVERED, "mailfrom"),
    ),
    "link_unsubscribe": EventType(
        "unsubscribe_event",
        "Link Unsubscribe",
        "The recipient followed an unsubscribe link.",
        (*_DELIVERED, "mailfrom", "user_agent", "target_link_name", "target_link_url"),
    ),
}


def documentation(type: str) -> dict[str, dict[str, Any]]:
    """Return the fields of a type, each with a description and a sample value."""
    return {
        field: {"description": FIELDS[field][0], "sampleValue": type if field == "type" else FIELDS[field][1]}
        for field in TYPES[type].fields
    }


def sample(type: str) -> dict[str, Any]:
    """Return an event of this type with all fields that it can have."""
    return {field: type if field == "type" else FIELDS[field][1] for field in TYPES[type].fields}
