"""The fields of SparkPost's bodies and their JSON types, as in the examples of the vendor's documents.

By operation, in the order of https://developers.sparkpost.com/api/. A value stands for its type: :data:`TEXT`,
:data:`NUMBER`, :data:`FLAG`; a customer's own objects (metadata, attributes, headers) are empty.
"""

from __future__ import annotations

from typing import Any

from contract_tests.shapes import Rules, rules

TEXT, NUMBER, FLAG = "", 0, False

_PERIOD = {"used": NUMBER, "limit": NUMBER, "start": TEXT, "end": TEXT}
_SENDER = {"email": TEXT, "name": TEXT}
_CONTENT = {"from": _SENDER, "subject": TEXT, "reply_to": TEXT, "text": TEXT, "html": TEXT, "headers": {}}
_COUNTS = {"total_rejected_recipients": NUMBER, "total_accepted_recipients": NUMBER}
_RECIPIENT = {"tags": [TEXT], "metadata": {}, "substitution_data": {}}
_LISTED = {"id": TEXT, "name": TEXT, "description": TEXT, "attributes": {}, "total_accepted_recipients": NUMBER}
_RECIPIENTS = [
    {"address": _SENDER, **_RECIPIENT},
    {"address": {**_SENDER, "header_to": TEXT}, **_RECIPIENT},
]
_CHECKS = {
    "ownership_verified": FLAG,
    **dict.fromkeys(("spf_status", "abuse_at_status", "dkim_status", "compliance_status"), TEXT),
    **dict.fromkeys(("postmaster_at_status", "verification_mailbox_status"), TEXT),
}
_STATUS = {**_CHECKS, "cname_status": TEXT, "mx_status": TEXT}
_DOMAIN = {"status": _STATUS, "shared_with_subaccounts": FLAG, "is_default_bounce_domain": FLAG}
_KEY = {
    **dict.fromkeys(("id", "signing_domain", "public", "selector", "headers", "dkim_status"), TEXT),
    "is_default": FLAG,
    "dkim_key_length": NUMBER,
}
_RECORD = {"dkim_record": TEXT, "dkim_value": TEXT}
_ONE_KEY = {**_KEY, "created_at": TEXT, "updated_at": TEXT, "dns": _RECORD}
_ENTRY = dict.fromkeys(("recipient", "type", "source", "created", "updated"), TEXT)
_LINK = {"href": TEXT, "rel": TEXT, "method": [TEXT]}
_GRANT = {"url": TEXT, "body": {}}
_WEBHOOK = {
    **dict.fromkeys(("name", "target", "auth_type", "auth_token"), TEXT),
    "events": [TEXT],
    "auth_request_details": {},
    "auth_credentials": {},
    "active": FLAG,
    "links": [_LINK],
}
_BATCH = {"batch_id": TEXT, "ts": TEXT, "attempts": NUMBER, "response_code": TEXT, "latency": NUMBER}
_BATCHES = [_BATCH, {**_BATCH, "failure_code": TEXT}]

RESULTS: dict[str, Any] = {
    "retrieve_account": {
        **dict.fromkeys(("company_name", "country_code", "anniversary_date", "created", "updated", "status"), TEXT),
        **dict.fromkeys(("status_updated", "status_reason_category"), TEXT),
        "customer_id": NUMBER,
        "tfa_required": FLAG,
        "subscription": {"code": TEXT, "name": TEXT, "plan_volume": NUMBER, "self_serve": FLAG, "type": TEXT},
        "support": {"online": FLAG, "phone": FLAG},
        "options": {"smtp_tracking_default": FLAG},
        "usage": {
            "timestamp": TEXT,
            "day": _PERIOD,
            "month": _PERIOD,
            "sandbox": {"used": NUMBER, "limit": NUMBER},
        },
    },
    "update_account": {"message": TEXT},
    "create_recipient_list": {**_COUNTS, "id": TEXT, "name": TEXT},
    "retrieve_recipient_list": {**_LISTED, "recipients": _RECIPIENTS},
    "update_recipient_list": {**_COUNTS, "id": TEXT, "name": TEXT},
    "list_recipient_lists": [_LISTED],
    "create_sending_domain": {
        "message": TEXT,
        "domain": TEXT,
        "dkim": dict.fromkeys(("public", "selector", "signing_domain", "headers"), TEXT),
    },
    "verify_sending_domain": {**_STATUS, "dns": {"dkim_record": TEXT}},
    "verify_sending_domain:mailbox": {**_CHECKS, "verification_mailbox": TEXT},
    "retrieve_sending_domain": {**_DOMAIN, "dkim": dict.fromkeys(("headers", "public", "selector"), TEXT)},
    "update_sending_domain": {"message": TEXT, "domain": TEXT},
    "list_sending_domains": [{"domain": TEXT, **_DOMAIN}],
    "list_dkim_keys": [_KEY, {**_KEY, "created_at": TEXT, "updated_at": TEXT}],
    "create_dkim_key": _ONE_KEY,
    "retrieve_dkim_key": _ONE_KEY,
    "update_dkim_key": {"message": TEXT, **_ONE_KEY},
    "verify_dkim_key": {"id": TEXT, "dkim_status": TEXT, "dns": _RECORD},
    "update_suppressions": {"message": TEXT},
    # One recording has a bare text, where the document has an object with it.
    "update_suppression": TEXT,
    "retrieve_suppression": [
        {**_ENTRY, "description": TEXT, "non_transactional": FLAG, "list_id": TEXT},
        {**_ENTRY, "description": TEXT, "non_transactional": FLAG, "subaccount_id": TEXT},
    ],
    "search_suppressions": [
        {**_ENTRY, "transactional": FLAG},
        {**_ENTRY, "non_transactional": FLAG, "description": TEXT},
    ],
    "summarize_suppressions": {
        **dict.fromkeys(("compliance", "manually_added", "unsubscribe_link", "bounce_rule"), NUMBER),
        **dict.fromkeys(("list_unsubscribe", "spam_complaint", "total"), NUMBER),
    },
    "create_template": {"id": TEXT},
    "retrieve_template": {
        **dict.fromkeys(("id", "name", "description", "last_update_time"), TEXT),
        **dict.fromkeys(("has_draft", "has_published", "published", "shared_with_subaccounts"), FLAG),
        "options": dict.fromkeys(("open_tracking", "click_tracking", "transactional"), FLAG),
        "content": _CONTENT,
    },
    "preview_template": _CONTENT,
    "list_templates": [
        {
            **dict.fromkeys(("id", "name", "description", "last_update_time"), TEXT),
            **dict.fromkeys(("has_draft", "has_published", "published", "shared_with_subaccount"), FLAG),
        }
    ],
    "preview_inline_content": {"subject": TEXT, "html": TEXT},
    "create_transmission": {**_COUNTS, "id": TEXT},
    "retrieve_transmission": {
        "transmission": {
            **dict.fromkeys(("id", "description", "state", "campaign_id"), TEXT),
            "content": {"template_id": TEXT, "use_draft_template": FLAG},
            **dict.fromkeys(("rcpt_list_chunk_size", "rcpt_list_total_chunks", "num_rcpts"), NUMBER),
            **dict.fromkeys(("num_generated", "num_failed_gen"), NUMBER),
            # Nothing given is an empty text.
            "substitution_data": TEXT,
            "metadata": {},
            "options": {"open_tracking": TEXT, "click_tracking": TEXT},
        }
    },
    "create_webhook": {"id": TEXT, "links": [_LINK]},
    "validate_webhook": {"msg": TEXT, "response": {"status": NUMBER, "headers": {}, "body": TEXT}},
    "retrieve_webhook": {
        **_WEBHOOK,
        "custom_headers": {},
        "exception_subaccounts": [TEXT],
        "auth_request_details": _GRANT,
        "auth_credentials": {"access_token": TEXT, "expires_in": NUMBER},
    },
    "list_batch_statuses": _BATCHES,
    "update_webhook": {"id": TEXT, "links": [_LINK]},
    "list_webhooks": [{"id": TEXT, **_WEBHOOK}],
}

MORE: dict[str, Rules] = {
    # Attributes that the example leaves out: https://developers.sparkpost.com/api/account/#header-account-object.
    "retrieve_account": rules(
        optional=["service_level", "subscription.effective_date"],
        free=["options"],
    ),
    # The verification mailbox, and documented attributes of every domain.
    "retrieve_sending_domain": rules(
        optional=["creation_time", "tracking_domain", "dkim.signing_domain", "status.verification_mailbox"]
    ),
    "list_sending_domains": rules(
        optional=["[].creation_time", "[].tracking_domain", "[].status.verification_mailbox"]
    ),
    "verify_sending_domain:mailbox": rules(optional=["cname_status", "mx_status"]),
    "retrieve_suppression": rules(
        optional=[f"[].{name}" for name in ("list_id", "subaccount_id", "transactional", "non_transactional")]
    ),
    "search_suppressions": rules(
        optional=[
            f"[].{name}" for name in ("description", "list_id", "subaccount_id", "transactional", "non_transactional")
        ]
    ),
    "retrieve_recipient_list": rules(
        free=["attributes", "recipients[].metadata", "recipients[].substitution_data"],
    ),
    "list_recipient_lists": rules(free=["[].attributes"]),
    "retrieve_template": rules(optional=["last_use"], free=["content.headers"]),
    "preview_template": rules(free=["headers"]),
    # The example's is sent; this one waits, and says when for.
    "retrieve_transmission": rules(
        optional=["transmission.options.start_time", "transmission.options.transactional"],
        free=["transmission.metadata"],
    ),
    # Documented attributes: https://developers.sparkpost.com/api/webhooks/#header-batch-status-object.
    "list_batch_statuses": rules(optional=["[].batch_size", "[].webhook_id"]),
    "validate_webhook": rules(free=["response.headers"]),
    "retrieve_webhook": rules(free=["custom_headers", "auth_request_details.body"]),
    "list_webhooks": rules(
        optional=["[].custom_headers", "[].exception_subaccounts"],
        free=["[].auth_request_details", "[].auth_credentials"],
    ),
}
"""What the examples cannot show, by operation."""
