"""Share pages: what they show and load, their events and links; and the clips."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from sparkbox.app import Application
from sparkbox.services.sendspark.videos import clips
from sparkbox.testing.transport import Transport
from tests.services.sendspark.api import LONG_ENOUGH, Api

V2 = "/v2/workspaces/mock-workspace"
NASTY = '"><x></script><script>alert(1)</script>&{x}'


def set_up(api: Api, campaign: str, **changes: Any) -> None:
    api.call("PATCH", f"{V2}/dynamics/{campaign}", changes)


def last(api: Api) -> Any:
    return api.events[-1].json()


class Loaded(HTMLParser):
    """Collects what a document loads, links to or posts to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.links: list[str] = []
        self.forms: list[str] = []
        self.scripts: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        for kind, attribute, found in (
            ("img", "src", self.images), ("a", "href", self.links), ("form", "action", self.forms),
        ):  # fmt: skip
            if tag == kind:
                found.append(given[attribute] or "")

        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        self.text += data


def test_opening_a_share_page_is_a_view(api: Api, campaign: str) -> None:
    set_up(api, campaign, title="Hello there!", message="Welcome to us")
    url = api.shared(campaign)
    response = api.visit(url)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    for words in ("Hello there!", "Welcome to us", "Ann Example", "Acme", "Sandy Box"):
        assert words in Loaded(response.text).text
    assert api.event_types[-1] == "video_viewed"
    assert last(api)["contactEmail"] == "ann@acme.example"
    assert api.messages[0].status == "viewed"


@pytest.mark.parametrize("page", ["share", "share/watch", "embed", "embed/watch"])
def test_share_page_loads_only_its_images_and_runs_only_its_player(api: Api, campaign: str, page: str) -> None:
    url = api.shared(campaign)
    kind, _, playing = page.partition("/")
    response = api.visit(url.replace("/share/", f"/{kind}/") + (f"/{playing}" if playing else ""))
    loaded = Loaded(response.text)
    path = "/sendspark" + url.partition("/sendspark")[2]
    assert loaded.images
    assert all(image.startswith(f"{path}/") for image in loaded.images)
    assert loaded.tags.isdisjoint({"iframe", "object", "video"})
    policy = dict(each.strip().partition(" ")[::2] for each in response.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["img-src"], policy["form-action"]) == ("'none'", "'self'", "'self'")
    assert policy["style-src"].startswith("'sha256-")
    player = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in loaded.scripts]
    assert len(player) == (1 if playing else 0)
    assert (policy.get("script-src"), policy.get("connect-src")) == ((*player, "'self'") if playing else (None, None))
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_only_the_embedded_page_may_be_framed(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    assert "frame-ancestors 'none'" in api.visit(url).headers["content-security-policy"]
    embedded = api.visit(api.find(campaign)["embedUrl"])
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]


def test_share_page_escapes_clients_texts(api: Api, campaign: str) -> None:
    link = "https://acme.example/?a=1&b=%22%3E"
    set_up(
        api,
        campaign,
        name=NASTY,
        title=NASTY,
        message=NASTY,
        buttons=[{"label": NASTY, "link": link}],
        calendar={"provider": NASTY, "link": "https://cal.example/?q='\"><script>"},
    )
    url = api.shared(campaign, contactName=NASTY, company=NASTY)
    for address in (url, f"{url}/watch", api.find(campaign)["embedUrl"]):
        page = Loaded(api.visit(address).text)
        assert all("alert" not in script for script in page.scripts)
        assert "x" not in page.tags
    assert Loaded(api.visit(url).text).text.count(NASTY) >= 3
    html = api.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    assert Loaded(html).tags == {"a", "img"}


def test_playing_emits_an_event_and_no_further_view(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    page = Loaded(api.visit(url).text)
    assert page.forms[0].endswith("/play")
    response = api.visit(f"{url}/play", "POST")
    assert response.status_code == 303
    assert api.event_types[-1] == "video_played"
    watching = api.visit(str(httpx.URL(url).join(response.headers["location"])))
    assert Loaded(watching.text).images[0].endswith("/clip.gif")
    assert api.event_types[-1] == "video_played"


def test_progress_is_reported_in_per_cent(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    for percentage in ("50", "25"):
        response = api.visit(f"{url}/progress", "POST", percentage=percentage)
        assert (response.status_code, response.headers["location"][-6:]) == (303, "/watch")
        assert (api.event_types[-1], last(api)["watchPercentage"]) == ("video_watched", int(percentage))
    marked = re.findall(r'class="step done"[^>]*value="(\d+)"', api.visit(f"{url}/watch").text)
    assert marked == ["25", "50"]


@pytest.mark.parametrize("percentage", ["-1", "101", "all", ""])
def test_invalid_progress_is_refused(api: Api, campaign: str, percentage: str) -> None:
    url = api.shared(campaign)
    before = len(api.events)
    assert api.visit(f"{url}/progress", "POST", percentage=percentage).status_code == 400
    assert len(api.events) == before


def test_like_counts_once_and_returns_without_a_further_view(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    for _ in range(2):
        response = api.visit(f"{url}/like", "POST")
        assert response.headers["location"].endswith("?again=1")
    assert api.event_types.count("video_liked") == 1
    back = api.visit(f"{url}?again=1")
    assert "Liked" in back.text
    assert "video_viewed" not in api.event_types
    assert api.visit(f"{url}/like", "POST", playing="1").headers["location"].endswith("/watch")


def test_video_rendered_again_has_no_like(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    api.visit(f"{url}/like", "POST")
    api.visit(f"{url}/progress", "POST", percentage="100")
    assert api.shared(campaign) == url
    page = api.visit(f"{url}/watch").text
    assert "Liked" not in page
    assert "step done" not in page
    api.visit(f"{url}/like", "POST")
    assert api.event_types.count("video_liked") == 2


def test_call_to_action_redirects_to_the_campaigns_link_and_emits_an_event(api: Api, campaign: str) -> None:
    buttons = [
        {"position": 2, "label": "Second", "link": "https://acme.example/second"},
        {"position": 1, "label": "First", "link": "https://acme.example/ünd?x=1#y"},
    ]
    set_up(api, campaign, buttons=buttons)
    url = api.shared(campaign)
    response = api.visit(f"{url}/cta/0")
    assert (response.status_code, response.headers["location"]) == (302, "https://acme.example/%C3%BCnd?x=1#y")
    assert api.event_types[-1] == "video_cta_clicked"
    assert (last(api)["ctaText"], last(api)["ctaLink"]) == ("First", "https://acme.example/ünd?x=1#y")
    assert api.visit(f"{url}/cta/1").headers["location"] == "https://acme.example/second"


@pytest.mark.parametrize("number", ["2", "99999", "x", "https:%2F%2Fevil.example"])
def test_call_to_action_redirects_nowhere_else(api: Api, campaign: str, number: str) -> None:
    set_up(api, campaign, buttons=[{"label": "Talk", "link": "https://acme.example/"}])
    url = api.shared(campaign)
    response = api.visit(f"{url}/cta/{number}?url=https://evil.example/")
    assert response.status_code == 404
    assert "location" not in response.headers
    assert "video_cta_clicked" not in api.event_types


def test_embedded_page_emits_events_too(api: Api, campaign: str) -> None:
    api.shared(campaign)
    embed = api.find(campaign)["embedUrl"]
    assert Loaded(api.visit(embed).text).forms[0].endswith("/play")
    response = api.visit(f"{embed}/play", "POST")
    assert response.headers["location"].endswith("/watch")
    assert "clip.gif" in api.visit(f"{embed}/watch").text
    assert api.event_types[-2:] == ["video_viewed", "video_played"]


def test_link_checker_is_not_a_visit(api: Api, campaign: str) -> None:
    set_up(api, campaign, buttons=[{"label": "Talk", "link": "https://acme.example/"}])
    url = api.shared(campaign)
    before = api.event_types
    assert api.visit(url, "HEAD").status_code == 200
    assert api.visit(f"{url}/cta/0", "HEAD").status_code == 302
    assert api.event_types == before


@pytest.mark.parametrize(
    "path",
    [
        "/share/",
        "/share/x",
        "/share/aaaaaaaaaaaaaaaa",
        "/share/aaaaaaaaaaaaaaaa/watch",
        "/share/aaaaaaaaaaaaaaaa/clip.gif",
        "/share/aaaaaaaaaaaaaaaa/thumbnail.gif",
        "/share/aaaaaaaaaaaaaaaa/cta/0",
        "/embed/aaaaaaaaaaaaaaaa",
        "/embed/aaaaaaaaaaaaaaaa/watch",
    ],
)
def test_unknown_share_link_is_not_found(api: Api, campaign: str, path: str) -> None:
    api.shared(campaign)
    assert api.visit(f"http://127.0.0.1:8025/sendspark{path}").status_code == 404


@pytest.mark.parametrize("action", ["share/{}/play", "share/{}/like", "embed/{}/play", "share/{}/progress"])
def test_unknown_share_page_emits_no_events(api: Api, campaign: str, action: str) -> None:
    api.shared(campaign)
    before = api.event_types
    url = f"http://127.0.0.1:8025/sendspark/{action.format('a' * 16)}"
    assert api.visit(url, "POST", percentage="5").status_code == 404
    assert api.event_types == before


def test_share_page_does_not_exist_before_its_video(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    api.add(campaign)
    assert api.visit(url).status_code == 404
    api.clock.advance(LONG_ENOUGH)
    assert api.visit(url).status_code == 200


def test_share_token_with_another_signature_is_not_found(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    assert api.visit(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 404


def test_links_are_on_the_vendors_host_for_its_clients(app: Application) -> None:
    api = Api(app, "mock-vendor", "https://api-gw.sendspark.com")
    url = api.shared(api.new_campaign())
    assert url.startswith("https://sendspark.com/share/")
    page = api.visit(url)
    assert page.status_code == 200
    assert Loaded(page.text).images[0].startswith("/share/")
    assert api.event_types[-1] == "video_viewed"
    api.http.close()


@pytest.mark.parametrize("host", ["evil.example/<script>", '"><b>', "a" * 300, "x y"])
def test_strange_host_header_gets_into_no_link(app: Application, host: str) -> None:
    api = Api(app, "mock-strange")
    api.http.headers["host"] = host
    url = api.shared(api.new_campaign())
    assert url.startswith("http://127.0.0.1:8025/sendspark/share/")
    api.http.close()


def test_email_embed_works_in_a_captured_mail(app: Application, api: Api, campaign: str) -> None:
    api.shared(campaign)
    html = api.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    mail = {
        "content": {"from": "sales@acme.example", "subject": "Your video", "html": f"<p>Hi</p>{html}"},
        "recipients": [{"address": "ann@acme.example"}],
        "options": {"open_tracking": False, "click_tracking": False},
    }
    with httpx.Client(transport=Transport(app), base_url="https://api.sparkpost.com") as client:
        response = client.post(
            "/api/v1/transmissions", json=mail, headers={"Authorization": f"{api.account.credential}.sparkpost"}
        )
    assert response.status_code == 200, response.text
    captured = [message for message in api.messages if message.channel == "email"]
    assert captured[-1].html is not None
    page = Loaded(captured[-1].html)
    assert api.visit(page.links[0]).status_code == 200
    assert api.visit(page.images[0]).headers["content-type"] == "image/gif"
    assert api.event_types.count("video_viewed") == 1


# The clips.


def test_clip_is_a_small_animation_with_the_prospects_name(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    response = api.visit(f"{url}/clip.gif")
    assert response.headers["content-type"] == "image/gif"
    image = Image.open(BytesIO(response.content))
    assert (image.format, image.size, image.n_frames) == ("GIF", (480, 270), clips.FRAMES)  # type: ignore[attr-defined]
    assert len(response.content) < 20_000
    api.add(campaign, contactName="Bob")
    api.clock.advance(LONG_ENOUGH)
    assert api.visit(f"{url}/clip.gif").content != response.content


def test_thumbnail_is_a_still(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    image = Image.open(BytesIO(api.visit(f"{url}/thumbnail.gif").content))
    assert (image.size, getattr(image, "n_frames", 1)) == ((480, 270), 1)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ann Example", "Hi Ann!"),
        ("Zoë", "Hi Zoe!"),
        ("Łukasz", "Hi Lukasz!"),
        ("小明", "Hi there!"),
        ("", "Hi there!"),
        ("A" * 100, f"Hi {'A' * 25}...!"),
        ("\x00\u202eX", "Hi X!"),
    ],
)
def test_names_are_drawn_in_letters_that_the_font_has(name: str, greeting: str) -> None:
    assert clips.greeting_for(name) == greeting
    assert clips.clip(name, name)[:6] == b"GIF89a"


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("Ann Example", ""),
        ("Łukasz Żółć", ""),
        ("Z\u0337\u0322algo", ""),
        ("\u202eX", ""),
        ("", ""),
        ("小明", "Hi 小明!"),
        ("محمد العربي", "Hi محمد!"),
        ("अनुष्का", "Hi अनुष्का!"),
        ("🎉 Party", "Hi 🎉!"),
        ("Ann小", "Hi Ann小!"),
    ],
)
def test_name_that_cannot_be_drawn_is_a_caption_over_the_video(
    api: Api, campaign: str, name: str, caption: str
) -> None:
    url = api.shared(campaign, contactName=name)
    for address in (url, f"{url}/watch", api.find(campaign)["embedUrl"]):
        text = api.visit(address).text
        assert re.findall(r'class="caption"[^>]*><bdi>(.*?)</bdi>', text) == ([caption] if caption else [])


def test_clips_are_cached_within_bounds() -> None:
    assert clips.clip("Ann", "Acme") is clips.clip("Ann", "Acme")
    assert clips.clip.cache_parameters()["maxsize"] == clips.thumbnail.cache_parameters()["maxsize"] == clips.KEPT
