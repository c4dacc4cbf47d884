"""Share pages, which are the sandbox's own, and their events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sparkbox import World

pytestmark = [pytest.mark.sandbox_only, pytest.mark.assumed]


@pytest.fixture
def links(
    api: httpx.Client, workspace: str, v2: str, campaign: str, add: Callable[..., Any], world: World
) -> dict[str, str]:
    """The links of a prospect with a completed video."""
    buttons = [{"position": 1, "label": "More", "link": "https://example.com/more"}]
    api.patch(f"{v2}/dynamics/{campaign}", json={"buttons": buttons}).raise_for_status()
    email = add()["prospectList"][0]["contactEmail"]
    world.clock.advance(100)
    found: dict[str, str] = api.get(f"{workspace}/dynamics/{campaign}/prospects/{email}").json()
    return found


@pytest.mark.assumed("open_share_page", "play_video", "open_playing_page", "tell_progress", "like_video", "click_cta")
def test_share_page_emits_events(links: dict[str, str], world: World) -> None:
    page = links["shareUrl"]
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(page).headers["content-type"] == "text/html; charset=utf-8"
        assert browser.post(f"{page}/play", follow_redirects=True).status_code == 200
        assert browser.post(f"{page}/progress", data={"percentage": "75"}, follow_redirects=True).status_code == 200
        assert browser.post(f"{page}/like").status_code == 303
        assert browser.get(f"{page}/cta/0").headers["location"] == "https://example.com/more"
    types = [event.type for event in world.events if event.service == "sendspark"][-5:]
    assert types == ["video_viewed", "video_played", "video_watched", "video_liked", "video_cta_clicked"]


@pytest.mark.assumed("open_embedded_page", "play_embedded_video", "open_embedded_playing_page")
def test_embedded_page_emits_events(links: dict[str, str], world: World) -> None:
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(links["embedUrl"]).status_code == 200
        assert browser.post(f"{links['embedUrl']}/play", follow_redirects=True).status_code == 200
    assert [event.type for event in world.events][-2:] == ["video_viewed", "video_played"]


@pytest.mark.assumed("show_clip", "show_thumbnail")
def test_clip_and_thumbnail_are_gifs(links: dict[str, str]) -> None:
    for image in ("clip.gif", "thumbnail.gif"):
        response = httpx.get(f"{links['shareUrl']}/{image}", trust_env=False)
        assert response.headers["content-type"] == "image/gif"
        assert response.content.startswith(b"GIF89a")
