"""The samples under ``fixtures/sendpulse``."""

from __future__ import annotations

from contract_tests.fixtures import samples_of
from tests.services.sendpulse.api import Api


def test_samples_of_mailing_lists_can_be_replayed(api: Api) -> None:
    played = ("create_mailing_list", "add_emails", "edit_mailing_list", "list_emails", "find_emails_by_variable")
    samples = samples_of("sendpulse")
    for name in played:
        sample = samples[name]
        request = sample["request"]
        assert api.call(request["method"], request["path"], request.get("body")) == sample["response"]
