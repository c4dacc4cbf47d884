"""The fields of SparkPost's events and their JSON types, as in the vendor's samples and in recorded events.

Sources: the search example of https://developers.sparkpost.com/api/events/; responses of the sample and
documentation operations in the vendor's Go, Java and Python clients; recorded webhooks. Where they differ (coordinates
were sometimes numbers), the operation's example counts.
"""

from __future__ import annotations

from collections.abc import Mapping

_OF_TYPE = {
    "string": (
        "ab_test_id ab_test_version bounce_class campaign_id customer_id delv_method error_code event_id fbtype "
        "friendly_from injection_time ip_address ip_pool mailbox_provider mailbox_provider_region mailfrom message_id "
        "msg_from msg_size num_retries outbound_tls queue_time raw_rcpt_to raw_reason rcpt_to rcpt_type reason "
        "recipient_domain recv_method relay_id remote_addr report_by report_to routing_domain scheduled_time "
        "sending_domain sending_ip sms_coding sms_dst sms_src sms_text stat_state stat_type subaccount_id subject "
        "target_link_name target_link_url tdate template_id template_version timestamp transactional transmission_id "
        "type user_agent user_str origination batch_id error_type expiration_timestamp href"
    ),
    "boolean": "click_tracking initial_pixel open_tracking retryable",
    "number": "number_duplicates number_failed number_succeeded",
    "array": "rcpt_tags sms_remoteids",
    "object": "ab_test geo_ip rcpt_meta rcpt_subs user_agent_parsed",
}
JSON_TYPES: dict[str, str] = {name: type for type, names in _OF_TYPE.items() for name in names.split()}
"""A field has one type in whatever event it is."""

WITHIN: dict[str, dict[str, str]] = {
    "geo_ip": {
        **dict.fromkeys(("country", "region", "city", "latitude", "longitude"), "string"),
        "zip": "number",
    },
    "user_agent_parsed": {
        **dict.fromkeys(("agent_family", "device_brand", "device_family", "os_family", "os_version"), "string"),
        **dict.fromkeys(("is_mobile", "is_proxy", "is_prefetched"), "boolean"),
    },
}

_ALL = "type customer_id event_id subaccount_id timestamp"
_MAIL = (
    f"{_ALL} campaign_id message_id rcpt_meta rcpt_tags rcpt_to raw_rcpt_to rcpt_type template_id template_version "
    "transmission_id"
)
_SENT = f"{_MAIL} friendly_from msg_from msg_size routing_domain subject"
_FAILED = "bounce_class error_code raw_reason reason"
_READ = f"{_MAIL} delv_method geo_ip ip_address user_agent"
_MADE = (
    f"{_ALL} campaign_id error_code friendly_from raw_reason rcpt_meta rcpt_subs rcpt_tags rcpt_to raw_rcpt_to reason "
    "routing_domain template_id template_version transmission_id"
)
_RELAYED = f"{_ALL} msg_from rcpt_to raw_rcpt_to relay_id"

DOCUMENTED: dict[str, frozenset[str]] = {
    type: frozenset(names.split())
    for type, names in {
        "injection": _SENT,
        "delivery": f"{_SENT} delv_method ip_address num_retries queue_time",
        "bounce": f"{_SENT} {_FAILED} delv_method ip_address num_retries",
        "delay": f"{_SENT} {_FAILED} delv_method ip_address num_retries queue_time",
        "out_of_band": f"{_MAIL} {_FAILED} delv_method msg_from routing_domain",
        "spam_complaint": f"{_MAIL} delv_method fbtype friendly_from report_by report_to subject user_str",
        "policy_rejection": f"{_MAIL} error_code friendly_from msg_from raw_reason reason remote_addr",
        "sms_status": f"{_ALL} delv_method ip_address raw_reason reason routing_domain sms_dst sms_remoteids sms_src "
        "sms_text stat_state stat_type",
        "click": f"{_READ} target_link_name target_link_url",
        "amp_click": f"{_READ} target_link_name target_link_url",
        **dict.fromkeys(("open", "initial_open", "amp_open", "amp_initial_open"), _READ),
        "generation_failure": _MADE,
        "generation_rejection": f"{_MADE} subject",
        "list_unsubscribe": f"{_MAIL} friendly_from mailfrom",
        "link_unsubscribe": f"{_MAIL} friendly_from mailfrom user_agent",
        "relay_injection": f"{_RELAYED} msg_size routing_domain",
        "relay_rejection": f"{_RELAYED} error_code raw_reason reason remote_addr",
        "relay_delivery": f"{_RELAYED} delv_method num_retries queue_time routing_domain",
        **dict.fromkeys(
            ("relay_tempfail", "relay_permfail"), f"{_RELAYED} error_code num_retries raw_reason reason routing_domain"
        ),
        **dict.fromkeys(("ab_test_completed", "ab_test_cancelled"), f"{_ALL} ab_test"),
        "success": f"{_ALL} batch_id expiration_timestamp number_duplicates number_succeeded",
        "error": f"{_ALL} batch_id error_type expiration_timestamp href number_duplicates number_failed "
        "number_succeeded retryable",
    }.items()
}
"""By type of event: what its samples have, the fields of text messages and push notifications in mail's left out."""

SOMETIMES = frozenset({"campaign_id", "ip_address", "rcpt_type", "subaccount_id", "target_link_name"})
"""Fields that not every event of a type has: some depend on the message, and a recipient that the vendor suppresses has
no host."""


def json_type(value: object) -> str:
    """The JSON type of a value."""
    names = {bool: "boolean", str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")


def wrong_in(event: Mapping[str, object], *, whole: bool = False) -> list[str]:
    """What an event has of another type than documented, or lacks; a sample is ``whole``, it lacks nothing."""
    type, found = str(event["type"]), []
    for name, value in event.items():
        places = WITHIN.get(name, {})
        found += [] if json_type(value) == JSON_TYPES.get(name) else [f"{type}.{name}: {json_type(value)}"]
        if isinstance(value, dict) and places:
            found += [
                f"{type}.{name}.{key}: {json_type(part)}"
                for key, part in value.items()
                if json_type(part) != places[key]
            ]
    missing = DOCUMENTED[type] - set(event) - (frozenset() if whole else SOMETIMES)
    return [*found, *(f"{type}.{name} is missing" for name in sorted(missing))]
