"""The vendor's own client for Python, as it is on PyPI: https://github.com/sendpulse/sendpulse-rest-api-python"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from pysendpulse.pysendpulse import PySendPulse

from contract_tests.sendpulse.responses import DONE, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

Address = Callable[[str], str]


@pytest.mark.observed
def test_client_keeps_its_token_in_a_file(client: PySendPulse, tmp_path: Path) -> None:
    (file,) = tmp_path.iterdir()
    assert file.read_text().count(".") == 2


@pytest.mark.observed("create_access_token", "get_balance:unauthorized", "get_balance")
def test_client_renews_a_token_that_it_misread(client: PySendPulse, account: Sendpulse, tmp_path: Path) -> None:
    # Read from its file, the token is bytes, and goes out as b'…':
    # https://github.com/sendpulse/sendpulse-rest-api-python
    second = PySendPulse(account.client_id, account.client_secret, "FILE", f"{tmp_path}/")
    assert second.get_balance()["currency"]


@pytest.mark.observed("create_access_token:invalid_client")
def test_client_gives_up_with_wrong_credentials(client: PySendPulse, account: Sendpulse, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="check your ID and SECRET"):
        PySendPulse(account.client_id, "guessed", "FILE", f"{tmp_path}/")


@pytest.mark.observed("get_balance", "get_balance_in")
def test_client_gets_the_balance(client: PySendPulse) -> None:
    assert client.get_balance()["balance_currency"] >= 0
    assert client.get_balance("rub")["currency"] == "RUR"


@pytest.mark.observed(
    "create_mailing_list",
    "edit_mailing_list",
    "list_mailing_lists",
    "get_mailing_list",
    "delete_mailing_list",
    "get_mailing_list:list_not_found",
)
def test_client_manages_mailing_lists(client: PySendPulse, name: Callable[[str], str]) -> None:
    id = client.add_addressbook(name("book"))["id"]
    assert client.edit_addressbook(id, name("renamed")) == DONE
    assert client.get_addressbook_info(id)[0]["id"] == id
    assert isinstance(client.get_list_of_addressbooks(limit=10), list)
    assert client.delete_addressbook(id) == DONE
    assert client.get_addressbook_info(id)["data"]["http_code"] == 404


@pytest.mark.observed(
    "add_emails",
    "list_emails",
    "list_variables",
    "update_variables",
    "get_email",
    "get_cost",
    "delete_emails",
    "get_memberships",
    "get_statistics",
    "get_statistics_of_many",
    "delete_everywhere",
)
def test_client_manages_emails(client: PySendPulse, new_list: Callable[..., int], address: Address) -> None:
    id, ann, bob = new_list(), address("ann"), address("bob")
    emails = [{"email": ann, "variables": {"first_name": "Ann"}}, {"email": bob}]
    assert client.add_emails_to_addressbook(id, emails) == DONE
    assert [row["email"] for row in client.get_emails_from_addressbook(id)] == [ann, bob]
    assert client.get_addressbook_variables(id) == [{"name": "first_name", "type": "string"}]
    assert client.set_variables_for_email(id, ann, [{"name": "cups", "value": 12}]) == DONE
    assert client.get_email_info_from_one_addressbooks(id, ann)["abook_id"] == str(id)
    assert client.get_email_info_from_all_addressbooks(ann)[0]["book_id"] == id
    assert client.get_email_statistic_by_campaigns(ann)["blacklist"] is False
    assert set(client.get_emails_stat_by_campaigns([ann, bob])) == {ann, bob}
    assert client.get_campaign_cost(id)["sent_emails_qty"] == 2
    assert client.delete_emails_from_addressbook(id, [bob]) == DONE
    assert client.delete_email_from_all_addressooks(ann) == DONE


@pytest.mark.observed("list_senders")
def test_client_lists_senders(client: PySendPulse, account: Sendpulse) -> None:
    assert account.sender in {row["email"] for row in client.get_list_of_senders()}


@pytest.mark.observed("add_sender", "request_activation_code", "activate_sender", "delete_sender")
@pytest.mark.sandbox_only
def test_client_manages_senders(client: PySendPulse, address: Address, world: World) -> None:
    email = address("sender")
    assert client.add_sender(email, "A sender") == DONE
    assert client.send_sender_activation_email(email)["result"] is True
    code = orjson.loads(world.wait_for(2, to=email)[-1].metadata)["activation_code"]
    assert client.activate_sender(email, code)["result"] is True
    assert client.delete_sender(email) == DONE


@pytest.mark.observed("list_blacklist")
def test_client_lists_the_blacklist(client: PySendPulse) -> None:
    assert isinstance(client.get_emails_in_blacklist(), list)


@pytest.mark.observed("send_email", "get_sent_email", "list_sent_emails")
def test_client_sends_mail(client: PySendPulse, account: Sendpulse, api: httpx.Client) -> None:
    sent: dict[str, Any] = client.smtp_send_mail(
        {
            "subject": "Hello from the client",
            "html": "<p>Dear customer</p>",
            "text": "Dear customer",
            "from": {"name": "Acme", "email": account.sender},
            "to": [{"name": "Wilma", "email": account.recipient}],
        }
    )
    assert sent["result"] is True
    assert client.smtp_get_email_info_by_id(sent["id"])["recipient"] == account.recipient
    assert isinstance(client.smtp_get_list_of_emails(limit=5), list)
    assert result(api.get(f"/smtp/emails/{sent['id']}"))["subject"] == "Hello from the client"


@pytest.mark.observed("send_email")
@pytest.mark.sandbox_only
def test_client_encodes_html(client: PySendPulse, account: Sendpulse, world: World) -> None:
    mail = {"subject": "Hello", "html": "<p>Dear</p>", "text": "Dear", "from": {"email": account.sender}}
    client.smtp_send_mail({**mail, "to": [{"email": account.recipient}]})
    assert world.messages[-1].html == "<p>Dear</p>"


@pytest.mark.observed("unsubscribe_recipients", "delete_from_unsubscribed")
def test_client_manages_the_unsubscribe_list(client: PySendPulse, address: Address) -> None:
    email = address("gone")
    assert client.smtp_add_emails_to_unsubscribe([{"email": email, "comment": "a contract test"}]) == DONE
    assert client.smtp_delete_emails_from_unsubscribe([email]) == DONE


@pytest.mark.observed("list_ips", "list_domains")
def test_client_lists_ips_and_senders(client: PySendPulse) -> None:
    assert isinstance(client.smtp_get_list_of_ip(), list)
    assert isinstance(client.smtp_get_list_of_allowed_domains(), list)


@pytest.mark.observed("add_domain", "verify_domain")
@pytest.mark.sandbox_only
def test_client_adds_domains(client: PySendPulse) -> None:
    assert client.smtp_add_domain("postmaster@contract.example.com") == DONE
    assert client.smtp_verify_domain("postmaster@contract.example.com") == DONE
