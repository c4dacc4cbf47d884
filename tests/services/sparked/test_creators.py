"""Profiles, connected accounts and audiences; and their demo data."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from tests.services.sparked.api import Api
from tests.services.view import NOW

DAY = 86_400


def everything(api: Api, creator: str = "cr_mock") -> list[object]:
    """Return what every operation shows of a creator."""
    token = api.grant(creator=creator)["access_token"]
    paths = (
        f"creators/{creator}", f"creators/{creator}/accounts", f"creators/{creator}/insights", f"gameplan/{creator}",
        f"studio/{creator}/assets", f"pulse/{creator}/insights", f"pulse/{creator}/nudges",
        f"pulse/{creator}/performance", f"mediakit/{creator}", f"mediakit/{creator}/views",
    )  # fmt: skip
    return [api.get(f"/api/v1/{path}", token=token) for path in paths]


def test_profile_has_name_avatar_and_bio(api: Api) -> None:
    profile = api.get("/api/v1/creators/cr_mock")
    assert profile["id"] == "cr_mock"
    assert len(profile["name"].split()) >= 2
    assert profile["city"] in profile["bio"]
    assert profile["platforms"] == ["instagram", "tiktok", "youtube"]
    picture = api.http.get(profile["avatar_url"])
    assert picture.status_code == 200
    assert picture.headers["content-type"].startswith("image/svg+xml")


def test_creators_differ(api: Api) -> None:
    profiles = []
    for creator in api.creators:
        token = api.grant("read:profile", creator=creator)["access_token"]
        profiles.append(api.get(f"/api/v1/creators/{creator}", token=token))
    assert profiles[0]["id"] == "cr_mock"
    assert all(profile["id"].startswith("cr_") for profile in profiles)
    for field in ("id", "name", "category", "avatar_url"):
        assert len({profile[field] for profile in profiles}) == 4


def test_connected_accounts_are_on_several_platforms(api: Api) -> None:
    accounts = api.get("/api/v1/creators/cr_mock/accounts")["data"]
    assert {account["platform"] for account in accounts} == {"instagram", "tiktok", "youtube"}
    for account in accounts:
        assert account["id"].startswith("acc_")
        assert account["followers"] > 0
        assert 0 < account["engagement_rate"] < 30
        assert account["handle"] in account["url"]
        assert account["connected_at"] < "2026-03-01"


@pytest.mark.parametrize("seed", range(5))
def test_audience_percentages_add_up_to_100(seed: int) -> None:
    api = Api(create_app(Settings(seed=seed, validate_responses=True, rate_limits=False)))
    for creator in api.creators:
        token = api.grant("read:insights read:mediakit", creator=creator)["access_token"]
        audience = api.get(f"/api/v1/creators/{creator}/insights", token=token)
        for shares in (audience["age"], audience["gender"], audience["countries"], audience["growth"]["sources"]):
            assert sum(share["percentage"] for share in shares) == 100
            assert all(share["percentage"] >= 1 for share in shares)
        for shares in api.get(f"/api/v1/mediakit/{creator}", token=token)["audience"].values():
            assert sum(share["percentage"] for share in shares) == 100


def test_growth_matches_the_followers(api: Api) -> None:
    before = api.get("/api/v1/creators/cr_mock/insights")
    api.clock.advance(30 * DAY)
    after = api.get("/api/v1/creators/cr_mock/insights")
    assert after["followers"] > before["followers"]
    assert after["growth"]["new_followers"] == after["followers"] - before["followers"]
    assert after["growth"]["rate"] == round(100 * after["growth"]["new_followers"] / before["followers"], 2)
    accounts = api.get("/api/v1/creators/cr_mock/accounts")["data"]
    assert sum(account["followers"] for account in accounts) == after["followers"]


def test_same_seed_gives_the_same_creators() -> None:
    runs = [everything(Api(create_app(Settings(seed=3)))) for _ in range(2)]
    assert runs[0] == runs[1]
    assert everything(Api(create_app(Settings(seed=4)))) != runs[0]


def test_data_do_not_change_between_requests(api: Api) -> None:
    first = everything(api)
    api.get("/api/v1/gameplan/cr_mock")
    assert everything(api) == first


def test_data_do_not_depend_on_the_order_of_requests(app: Application) -> None:
    api = Api(app)
    ids = api.creators
    first = [everything(api, id) for id in ids]
    app.sandbox.accounts.reset(api.account)
    api = Api(app)
    second = [everything(api, id) for id in reversed(ids)]
    assert second[::-1] == first


def test_reset_restores_the_initial_data(app: Application, api: Api) -> None:
    before = everything(api)
    api.call(
        "POST", "/api/v1/gameplan/cr_mock/slots",
        {"platform": "tiktok", "scheduled_at": "2026-03-02T00:00:00Z", "title": "New"},
    )  # fmt: skip
    app.sandbox.accounts.reset(api.account)
    assert everything(Api(app)) == before


def test_demo_data_are_made_on_first_request() -> None:
    script = (
        "import sys, httpx\n"
        "from sparkbox.app import create_app\n"
        "from sparkbox.testing.transport import Transport\n"
        "http = httpx.Client(transport=Transport(create_app()), base_url='https://api.sparked.com')\n"
        "form = {'grant_type': 'refresh_token', 'refresh_token': 'x'}\n"
        "http.post('/oauth/token', data=form, auth=('mock-sparked-id', 'mock-sparked-secret'))\n"
        "http.get('/api/v1/creators/cr_mock')\n"
        "print('faker' in sys.modules)\n"
        "http.get('/api/v1/creators/cr_mock', headers={'authorization': 'Bearer mock-sparked-id'}).raise_for_status()\n"
        "print('faker' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_numbers_exist_in_distant_years(api: Api) -> None:
    for now in (0.0, NOW, 221_845_392_000.0):
        api.clock.freeze(now)
        assert api.get("/api/v1/creators/cr_mock/insights")["followers"] >= 0
        assert api.get("/api/v1/pulse/cr_mock/performance")["series"]
        assert api.call("POST", "/api/v1/mediakit/cr_mock/generate")["totals"]["followers"] >= 0


@pytest.mark.parametrize("seed", range(4))
def test_countries_are_sorted_with_others_last(seed: int) -> None:
    api = Api(create_app(Settings(seed=seed)))
    countries = api.get("/api/v1/creators/cr_mock/insights")["countries"]
    named = [row["percentage"] for row in countries[:-1]]
    assert countries[-1]["country"] == "Other"
    assert named == sorted(named, reverse=True)
