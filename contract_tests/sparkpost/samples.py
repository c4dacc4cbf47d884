"""What the samples of SparkPost's responses cannot show, see :class:`contract_tests.shapes.Rules`."""

from __future__ import annotations

from collections.abc import Iterable

from contract_tests.shapes import Rules, rules


def _below(place: str, names: str) -> list[str]:
    return [f"{place}.{name}" for name in names.split()]


_TEMPLATE_OPTIONS = _below("results.options", "open_tracking click_tracking")
_CONTENT = "from subject html text amp_html reply_to headers email_rfc822"
_REJECTED = ["errors", "results.rcpt_to_errors", "results.rcpt_to_errors[].description"]
_LIST = "description attributes subaccount_id"
_DOMAIN = "tracking_domain shared_with_subaccounts subaccount_id status.verification_mailbox"
_WEBHOOK = "custom_headers exception_subaccounts subaccount_id last_successful last_failure"
_WEBHOOK_FREE = "auth_credentials auth_request_details custom_headers"
_SUPPRESSION = "transactional non_transactional description list_id subaccount_id"
_DNS = "dkim_record dkim_error cname_record cname_error mx_record mx_error spf_record spf_error"
# Which of these an event has depends on its type, and on what the transmission said.
_EVENT = (
    "bounce_class campaign_id delv_method device_token error_code ip_address num_retries outbound_tls queue_time "
    "raw_reason rcpt_subs rcpt_type reason scheduled_time subaccount_id transactional "
    "fbtype geo_ip mailfrom report_by report_to target_link_name target_link_url user_agent user_agent_parsed user_str"
)


def _events(places: Iterable[str]) -> Rules:
    return rules(optional=[*places, "links.next", "links[].rel"], free=["results[].rcpt_meta", "results[].rcpt_subs"])


RULES: dict[str, Rules] = {
    "retrieve_account": rules(optional=["results.usage", "results.options.inline_seeds"]),
    "create_transmission": rules(optional=_REJECTED),
    "retrieve_transmission": rules(
        optional=_below("results.transmission", "generation_start_time generation_end_time content.use_draft_template"),
        free=_below("results.transmission", "options metadata substitution_data"),
    ),
    "list_transmissions": rules(optional=["results[].content.use_draft_template"]),
    "retrieve_template": rules(
        optional=[
            *_TEMPLATE_OPTIONS,
            *_below("results.content", _CONTENT),
            *_below("results", "last_use subaccount_id shared_with_subaccounts"),
        ],
        # A text or an object, as it was given.
        free=["results.content.from"],
    ),
    "list_templates": rules(optional=_below("results[]", "last_use subaccount_id shared_with_subaccount")),
    "preview_template": rules(optional=_below("results", _CONTENT), free=["results.from"]),
    "preview_inline_content": rules(optional=_below("results", _CONTENT)),
    "create_recipient_list": rules(optional=_REJECTED),
    "update_recipient_list": rules(
        optional=[*_REJECTED, *_below("results", "total_accepted_recipients total_rejected_recipients")]
    ),
    "list_recipient_lists": rules(optional=_below("results[]", _LIST), free=["results[].attributes"]),
    "retrieve_recipient_list": rules(
        optional=[
            *_below("results", f"recipients {_LIST}"),
            *_below("results.recipients[]", "return_path tags metadata substitution_data address.name"),
            "results.recipients[].address.header_to",
        ],
        free=[
            "results.attributes",
            *_below("results.recipients[]", "metadata substitution_data"),
        ],
    ),
    "retrieve_suppression": rules(optional=_below("results[]", _SUPPRESSION)),
    "search_suppressions": rules(optional=_below("results[]", _SUPPRESSION)),
    "search_events": _events(_below("results[]", _EVENT)),
    "search_message_events": _events(_below("results[]", _EVENT)),
    "document_events": rules(maps=["results[]"], free=["results[].{}.sampleValue"]),
    "document_message_events": rules(maps=["results[]"], free=["results[].{}.sampleValue"]),
    "sample_events": rules(free=["results[]"]),
    "sample_message_events": rules(free=["results[]"]),
    "list_sending_domains": rules(optional=_below("results[]", _DOMAIN)),
    "retrieve_sending_domain": rules(optional=_below("results", f"dkim {_DOMAIN}")),
    "create_sending_domain": rules(optional=["results.dkim"]),
    "verify_sending_domain": rules(
        optional=[*_below("results", "dns verification_mailbox"), *_below("results.dns", _DNS)]
    ),
    "list_dkim_keys": rules(optional=_below("results[]", "created_at updated_at")),
    "retrieve_dkim_key": rules(optional=_below("results", "created_at updated_at")),
    "verify_dkim_key": rules(optional=["results.dns.dkim_error"]),
    "list_webhooks": rules(optional=_below("results[]", _WEBHOOK), free=_below("results[]", _WEBHOOK_FREE)),
    "retrieve_webhook": rules(optional=_below("results", _WEBHOOK), free=_below("results", _WEBHOOK_FREE)),
    "validate_webhook": rules(free=["results.response.headers"]),
    "list_batch_statuses": rules(optional=_below("results[]", "response_code failure_code")),
    "document_webhook_events": rules(
        maps=["results", "results.{}.events", "results.{}.events.{}.event"],
        free=["results.{}.events.{}.event.{}.sampleValue"],
    ),
    "sample_webhook_events": rules(free=["results[].msys"]),
}
"""By operation. Fields that are optional here are optional in the vendor's documents."""
