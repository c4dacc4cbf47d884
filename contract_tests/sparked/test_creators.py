"""Creator data: https://sparked.com/integration. Of the fields name, avatar and bio are public."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparked.responses import data, time_of
from contract_tests.sparked.target import Sparked


@pytest.mark.documented("get_creator")
def test_a_profile_has_a_name_an_avatar_and_a_bio(api: httpx.Client, account: Sparked) -> None:
    profile = data(api.get(f"/api/v1/creators/{account.creator}"))
    assert profile["id"] == account.creator
    assert all(isinstance(profile[name], str) for name in ("name", "avatar_url", "bio"))


@pytest.mark.documented("list_accounts")
def test_a_creator_has_connected_accounts(api: httpx.Client, account: Sparked) -> None:
    page = data(api.get(f"/api/v1/creators/{account.creator}/accounts"))
    assert page["data"]
    assert all(isinstance(row["platform"], str) for row in page["data"])


@pytest.mark.assumed("list_accounts")
def test_the_first_connected_account_comes_first(api: httpx.Client, account: Sparked) -> None:
    times = [
        time_of(row["connected_at"]) for row in data(api.get(f"/api/v1/creators/{account.creator}/accounts"))["data"]
    ]
    assert times == sorted(times)


@pytest.mark.documented("get_audience")
def test_there_are_insights_into_the_audience(api: httpx.Client, account: Sparked) -> None:
    assert data(api.get(f"/api/v1/creators/{account.creator}/insights"))["followers"] >= 0


@pytest.mark.assumed("get_audience")
def test_the_shares_of_an_audience_add_up(api: httpx.Client, account: Sparked) -> None:
    audience = data(api.get(f"/api/v1/creators/{account.creator}/insights"))
    for shares in (audience["age"], audience["gender"], audience["countries"], audience["growth"]["sources"]):
        assert sum(share["percentage"] for share in shares) == 100


@pytest.mark.assumed("show_avatar", "show_asset")
@pytest.mark.sandbox_only
def test_pictures_can_be_looked_at(api: httpx.Client, account: Sparked) -> None:
    avatar = data(api.get(f"/api/v1/creators/{account.creator}"))["avatar_url"]
    asset = data(api.get(f"/api/v1/studio/{account.creator}/assets"))["data"][0]["url"]
    for url in (avatar, asset):
        assert httpx.get(url, trust_env=False).headers["content-type"].startswith("image/")
