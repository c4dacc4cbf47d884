"""Creator data: https://sparked.com/integration. Only name, avatar and bio are documented."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparked.responses import data, time_of
from contract_tests.sparked.target import Sparked


@pytest.mark.documented("get_creator")
def test_profile_has_name_avatar_and_bio(api: httpx.Client, account: Sparked) -> None:
    profile = data(api.get(f"/api/v1/creators/{account.creator}"))
    assert profile["id"] == account.creator
    assert all(isinstance(profile[name], str) for name in ("name", "avatar_url", "bio"))


@pytest.mark.documented("list_accounts")
def test_creator_has_connected_accounts(api: httpx.Client, account: Sparked) -> None:
    page = data(api.get(f"/api/v1/creators/{account.creator}/accounts"))
    assert page["data"]
    assert all(isinstance(row["platform"], str) for row in page["data"])


@pytest.mark.assumed("list_accounts")
def test_connected_accounts_are_oldest_first(api: httpx.Client, account: Sparked) -> None:
    times = [
        time_of(row["connected_at"]) for row in data(api.get(f"/api/v1/creators/{account.creator}/accounts"))["data"]
    ]
    assert times == sorted(times)


@pytest.mark.documented("get_audience")
def test_audience_has_insights(api: httpx.Client, account: Sparked) -> None:
    assert data(api.get(f"/api/v1/creators/{account.creator}/insights"))["followers"] >= 0


@pytest.mark.assumed("get_audience")
def test_audience_shares_add_up_to_100(api: httpx.Client, account: Sparked) -> None:
    audience = data(api.get(f"/api/v1/creators/{account.creator}/insights"))
    for shares in (audience["age"], audience["gender"], audience["countries"], audience["growth"]["sources"]):
        assert sum(share["percentage"] for share in shares) == 100


@pytest.mark.assumed("show_avatar", "show_asset")
@pytest.mark.sandbox_only
def test_pictures_are_images(api: httpx.Client, account: Sparked) -> None:
    avatar = data(api.get(f"/api/v1/creators/{account.creator}"))["avatar_url"]
    asset = data(api.get(f"/api/v1/studio/{account.creator}/assets"))["data"][0]["url"]
    for url in (avatar, asset):
        assert httpx.get(url, trust_env=False).headers["content-type"].startswith("image/")
