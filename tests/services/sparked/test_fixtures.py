"""The samples under ``fixtures/sparked`` are what the sandbox returns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract_tests.shapes import differences
from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sparked.oauth.clients import CLIENT_ID, CLIENT_SECRET
from sparkbox.services.sparked.oauth.models import REDIRECT_URI
from tests.services.sparked.api import Api
from tests.services.sparked.samples import CONSENTED, SAMPLES, VIEWED

SCOPES = ["read:profile", "read:insights", "write:gameplan", "read:mediakit"]


@pytest.fixture
def ready() -> Iterator[Api]:
    """The ready integration with the seed of the samples, so that tokens are the same."""
    app = create_app(Settings(seed=0, validate_responses=True, rate_limits=False))
    api = Api(app, CLIENT_ID, CLIENT_SECRET)
    yield api
    api.http.close()


def test_samples_can_be_replayed_in_order(ready: Api) -> None:
    assert {*CONSENTED, *VIEWED} == set(SAMPLES)
    consented = ready.simulate("consent", {"scopes": SCOPES, "redirect_uri": REDIRECT_URI})
    assert consented["code"] == SAMPLES["create_token"]["request"]["body"]["code"]
    for name in CONSENTED:
        play(ready, name)
    page = SAMPLES["generate_media_kit"]["response"]["url"]
    assert ready.http.get(page, params={"brand": "Cinder Coffee"}, headers={"referer": REDIRECT_URI}).status_code == 200
    for name in VIEWED:
        play(ready, name)


def play(api: Api, name: str) -> None:
    sample = SAMPLES[name]
    method, path, body = sample["request"]["method"], sample["request"]["path"], sample["request"].get("body")
    response = api.post_form(path, body) if path.startswith("/oauth/") else api.send(method, path, body)
    assert response.status_code == sample["status"], response.text
    # The names depend on the release of Faker.
    found = differences(sample["response"], response.json() if response.content else None)
    assert found == [], name
