"""What the recorded samples of engageSPARK's responses cannot show."""

from __future__ import annotations

from contract_tests.shapes import rules

_ECHOES = ("clientDedup", "clientPushURL", "clientRef")
_CURSOR = ("hasNextPage", "nextPage")
_READ = ("messages[].readAt", "messages[].successT", "messages[].content", "messages[].location")

RULES = {
    "send_sms_to_contact": rules(optional=_ECHOES),
    "send_sms_to_number": rules(optional=_ECHOES),
    "list_sms": rules(optional=(*_CURSOR, "messages[].successT")),
    "get_sms": rules(optional=("successT",)),
    "list_topups": rules(optional=_CURSOR),
    "list_whatsapp": rules(optional=(*_CURSOR, *_READ)),
    "get_whatsapp": rules(optional=("readAt", "successT", "content", "location")),
    "send_whatsapp": rules(optional=("content",), free=("content",)),
    "create_contact": rules(maps=("customFields",)),
    "update_contact": rules(maps=("customFields",)),
    "get_contact": rules(optional=("subscription", "subscription.lastId"), maps=("customFields",)),
    "list_contacts": rules(
        optional=("contacts[].subscription", "contacts[].subscription.lastId"), maps=("contacts[].customFields",)
    ),
    "download_file": rules(free=("",)),
    "upload_files": rules(maps=("results",)),
    "subscribe_contacts": rules(maps=("data[].customFields",)),
}
