"""Messages that are rendered when somebody looks at them: nobody can tell."""

from __future__ import annotations

import gc
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.messages import PendingMessage
from sparkbox.mail.message import MailMessage
from sparkbox.services.sparkpost.templates.prepared import Prepared
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import messages, send

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.sampled_from(["<b>", "a&b", '"', "https://shop.example/?a=1&b=2", "two\r\nlines", "{{ name }}"]),
)
DATA = st.dictionaries(
    st.sampled_from(["name", "link", "email", "plan", "user"]),
    st.one_of(SCALARS, SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.just("name"), SCALARS)),
)
PIECES = st.lists(
    st.sampled_from(
        [
            "Hello ",
            "{{ name }}",
            "{{{ name }}}",
            "{{ user }}",
            "{{ email }}",
            "{{ address.name }}",
            "{{ missing }}",
            " <a href='https://shop.example/{{ link }}?a=1'>here</a> ",
            '<a href="{{{ link }}}">there</a>',
            "<a data-msys-unsubscribe='1' href='https://shop.example/bye'>bye</a>",
            "</body>",
            " https://shop.example ",
            "{{ if plan }}with {{ plan }}{{ end }}",
            "{{ each user }}{{ loop_var }}{{ end }}",
            "{{ plan.missing.deep }}",
        ]
    ),
    max_size=6,
).map("".join)
CONTENT = st.fixed_dictionaries(
    {
        "from": st.sampled_from(
            ["news@shop.example", "The Shop <news@shop.example>", {"email": "news@shop.example", "name": "{{ name }}"}]
        ),
        "subject": st.sampled_from(["Hello", "Hello {{ name }}", "{{ plan }} {{ user }}!"]),
        "html": PIECES,
    },
    optional={
        "text": PIECES,
        "reply_to": st.sampled_from(["help@shop.example", "{{ email }}"]),
        "headers": st.sampled_from([{"X-Plan": "{{ plan }}"}, {"List-Unsubscribe": "<mailto:no@shop.example>"}]),
    },
)
SENDS = st.lists(
    st.fixed_dictionaries(
        {"content": CONTENT},
        optional={
            "substitution_data": DATA,
            "metadata": DATA,
            "campaign_id": st.just("autumn"),
            "options": st.fixed_dictionaries(
                {},
                optional={
                    name: st.booleans()
                    for name in ("click_tracking", "open_tracking", "transactional", "perform_substitutions")
                },
            ),
            "override": st.just({"from": "other@shop.example", "reply_to": "r@shop.example", "list_id": "<a.shop>"}),
            "recipients": st.lists(
                st.fixed_dictionaries(
                    {
                        "address": st.sampled_from(
                            ["ada@mail.example", {"email": "eve@openclick.sink.test", "name": "E"}]
                        )
                    },
                    optional={"substitution_data": DATA, "metadata": DATA, "tags": st.just(["new"])},
                ),
                min_size=1,
                max_size=3,
            ),
        },
    ),
    max_size=4,
)


@given(SENDS)
@settings(max_examples=60)
def test_message_seen_late_is_the_message_seen_at_once(sends: list[dict[str, Any]]) -> None:
    at_once, looked_at, late = (Api(seed=7) for _ in range(3))
    for fields in sends:
        body = {"recipients": [{"address": "ada@mail.example"}], **fields}
        with patch.object(Prepared, "outline", lambda content, data: None):
            first = at_once.send("POST", "/transmissions", body)
        responses = [api.send("POST", "/transmissions", body) for api in (looked_at, late)]
        assert [(one.status_code, one.content) for one in responses] == [(first.status_code, first.content)] * 2
        assert all(isinstance(message, MailMessage) for message in messages(looked_at))
    for api in (at_once, looked_at, late):
        api.account.clock.advance(60)
        api.call("PUT", "/account", {"options": {"click_tracking": False}})
    assert _seen(at_once) == _seen(looked_at) == _seen(late)
    assert len({api.account.messages.bytes for api in (at_once, looked_at, late)}) == 1


def _seen(api: Api) -> tuple[list[Any], list[Any]]:
    events = [msgspec.structs.replace(event, digest=None) for event in api.account.events.oldest()]
    return messages(api), events


def test_message_keeps_the_template_that_it_was_sent_with() -> None:
    api = Api()
    content = {"from": "news@shop.example", "subject": "Hello {{ name }}", "html": "<p>{{ name }}</p>"}
    api.call("POST", "/templates", {"id": "hello", "published": True, "content": content})
    data = {"name": "Ada & Eve"}
    send(api, content={"template_id": "hello"}, substitution_data=data, options={"open_tracking": False})
    assert isinstance(api.account.messages.peek(1), PendingMessage)
    changes = {"content": {**content, "html": "<p>changed</p>"}}
    assert api.send("PUT", "/templates/hello", changes, update_published="true").status_code == 200
    assert api.send("DELETE", "/templates/hello").status_code == 200
    (message,) = messages(api)
    assert (message.subject, message.html) == ("Hello Ada & Eve", "<p>Ada &amp; Eve</p>")


def test_waiting_messages_and_events_are_none_of_the_collectors_business() -> None:
    api = Api()
    content = {"from": "news@shop.example", "subject": "Hello {{ name }}", "html": "<p>{{ name }}</p>"}

    def tracked() -> int:
        for _ in range(50):
            metadata = {"order": {"lines": [1, 2]}}
            send(api, content=content, substitution_data={"name": "Ada"}, metadata=metadata, campaign_id="autumn")
        api.account.clock.advance(2)
        gc.collect()
        return len(gc.get_objects())

    tracked()
    before = tracked()
    assert tracked() - before < 50  # not one for each message
