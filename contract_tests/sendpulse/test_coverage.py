"""That every operation and every documented error is proven, or is named here with the reason why not."""

from __future__ import annotations

import pytest

from mockserver.services import load

from ..evidence import Claim, uncovered

EXCEPTIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "count_bounces:no_smtp_user",
            "count_bounces:plan_lacks",
            "count_sent_emails:no_smtp_user",
            "count_sent_emails:plan_lacks",
            "get_cost:plan_ended",
            "get_sent_email:no_smtp_user",
            "get_sent_email:plan_lacks",
            "get_sent_emails:no_smtp_user",
            "get_sent_emails:plan_lacks",
            "list_bounces:no_smtp_user",
            "list_bounces:plan_lacks",
            "list_sent_emails:no_smtp_user",
            "list_sent_emails:plan_lacks",
            "list_unsubscribed:no_smtp_user",
            "list_unsubscribed:plan_lacks",
            "resubscribe_recipient:no_smtp_user_to_resubscribe",
            "send_email:account_expired",
            "send_email:no_smtp_user",
        ),
        "the plan has to end, or to lack the SMTP service: no request does that, tests/services/sendpulse does",
    ),
    **dict.fromkeys(
        (
            "add_domain:plan_denied",
            "add_sender_domain:plan_denied",
            "add_to_blacklist:plan_denied",
            "create_mailing_list:plan_denied",
            "unsubscribe_recipients:plan_denied",
        ),
        "takes more records than any plan has",
    ),
    **dict.fromkeys(
        (
            "resubscribe_recipient:quota_exceeded",
            "resubscribe_recipient:sending_limited",
            "send_email:quota_exceeded",
            "send_email:sending_limited",
        ),
        "takes 12,000 mails, or a quarter of a million",
    ),
    "create_webhooks:plan_denied": "takes more webhooks than any plan has",
}


@pytest.mark.assumed
@pytest.mark.sandbox_only
def test_every_operation_and_every_documented_error_is_proven(claims: list[Claim]) -> None:
    missing = set(uncovered(load("sendpulse"), claims))
    assert missing - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - missing == set()
