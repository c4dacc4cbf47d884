"""Share pages: what they show, what they load, which events they bring about, and where they lead."""

from __future__ import annotations

import re
import subprocess
import sys
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
from tests.services.sendspark.room import LONG_ENOUGH, Room

V2 = "/v2/workspaces/mock-workspace"
NASTY = '"><x></script><script>alert(1)</script>&{x}'


def set_up(room: Room, campaign: str, **changes: Any) -> None:
    room.call("PATCH", f"{V2}/dynamics/{campaign}", changes)


def last(room: Room) -> Any:
    return room.events[-1].json()


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


def test_opening_the_link_shows_the_page_and_is_a_view(room: Room, campaign: str) -> None:
    set_up(room, campaign, title="Hello there!", message="Welcome to us")
    url = room.shared(campaign)
    answer = room.visit(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for words in ("Hello there!", "Welcome to us", "Ann Example", "Acme", "Sandy Box"):
        assert words in Loaded(answer.text).text
    assert room.event_types[-1] == "video_viewed"
    assert last(room)["contactEmail"] == "ann@acme.example"
    assert room.messages[0].status == "viewed"


@pytest.mark.parametrize("page", ["share", "share/watch", "embed", "embed/watch"])
def test_a_page_loads_nothing_but_its_own_images_and_runs_its_player_alone(
    room: Room, campaign: str, page: str
) -> None:
    url = room.shared(campaign)
    kind, _, playing = page.partition("/")
    answer = room.visit(url.replace("/share/", f"/{kind}/") + (f"/{playing}" if playing else ""))
    loaded = Loaded(answer.text)
    path = "/sendspark" + url.partition("/sendspark")[2]
    assert loaded.images
    assert all(image.startswith(f"{path}/") for image in loaded.images)
    assert loaded.tags.isdisjoint({"iframe", "object", "video"})
    policy = dict(each.strip().partition(" ")[::2] for each in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["img-src"], policy["form-action"]) == ("'none'", "'self'", "'self'")
    assert policy["style-src"].startswith("'sha256-")
    player = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in loaded.scripts]
    assert len(player) == (1 if playing else 0)
    assert (policy.get("script-src"), policy.get("connect-src")) == ((*player, "'self'") if playing else (None, None))
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_the_embedded_page_may_be_framed(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    assert "frame-ancestors 'none'" in room.visit(url).headers["content-security-policy"]
    embedded = room.visit(room.find(campaign)["embedUrl"])
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]


def test_whatever_was_given_is_escaped(room: Room, campaign: str) -> None:
    link = "https://acme.example/?a=1&b=%22%3E"
    set_up(
        room,
        campaign,
        name=NASTY,
        title=NASTY,
        message=NASTY,
        buttons=[{"label": NASTY, "link": link}],
        calendar={"provider": NASTY, "link": "https://cal.example/?q='\"><script>"},
    )
    url = room.shared(campaign, contactName=NASTY, company=NASTY)
    for address in (url, f"{url}/watch", room.find(campaign)["embedUrl"]):
        page = Loaded(room.visit(address).text)
        assert all("alert" not in script for script in page.scripts)
        assert "x" not in page.tags
    assert Loaded(room.visit(url).text).text.count(NASTY) >= 3
    html = room.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    assert Loaded(html).tags == {"a", "img"}


def test_playing_is_an_event_and_shows_the_clip_without_a_further_view(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    page = Loaded(room.visit(url).text)
    assert page.forms[0].endswith("/play")
    answer = room.visit(f"{url}/play", "POST")
    assert answer.status_code == 303
    assert room.event_types[-1] == "video_played"
    watching = room.visit(str(httpx.URL(url).join(answer.headers["location"])))
    assert Loaded(watching.text).images[0].endswith("/clip.gif")
    assert room.event_types[-1] == "video_played"


def test_progress_is_told_in_per_cent(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    for percentage in ("50", "25"):
        answer = room.visit(f"{url}/progress", "POST", percentage=percentage)
        assert (answer.status_code, answer.headers["location"][-6:]) == (303, "/watch")
        assert (room.event_types[-1], last(room)["watchPercentage"]) == ("video_watched", int(percentage))
    marked = re.findall(r'class="step done"[^>]*value="(\d+)"', room.visit(f"{url}/watch").text)
    assert marked == ["25", "50"]


@pytest.mark.parametrize("percentage", ["-1", "101", "all", ""])
def test_progress_that_is_none_is_refused(room: Room, campaign: str, percentage: str) -> None:
    url = room.shared(campaign)
    before = len(room.events)
    assert room.visit(f"{url}/progress", "POST", percentage=percentage).status_code == 400
    assert len(room.events) == before


def test_liking_counts_once_and_leads_back_without_a_further_view(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    for _ in range(2):
        answer = room.visit(f"{url}/like", "POST")
        assert answer.headers["location"].endswith("?again=1")
    assert room.event_types.count("video_liked") == 1
    back = room.visit(f"{url}?again=1")
    assert "Liked" in back.text
    assert "video_viewed" not in room.event_types
    assert room.visit(f"{url}/like", "POST", playing="1").headers["location"].endswith("/watch")


def test_a_video_that_is_made_again_was_liked_by_nobody_yet(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    room.visit(f"{url}/like", "POST")
    room.visit(f"{url}/progress", "POST", percentage="100")
    assert room.shared(campaign) == url
    page = room.visit(f"{url}/watch").text
    assert "Liked" not in page
    assert "step done" not in page
    room.visit(f"{url}/like", "POST")
    assert room.event_types.count("video_liked") == 2


def test_a_call_to_action_leads_to_the_campaigns_own_link_and_is_told(room: Room, campaign: str) -> None:
    buttons = [
        {"position": 2, "label": "Second", "link": "https://acme.example/second"},
        {"position": 1, "label": "First", "link": "https://acme.example/ünd?x=1#y"},
    ]
    set_up(room, campaign, buttons=buttons)
    url = room.shared(campaign)
    answer = room.visit(f"{url}/cta/0")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://acme.example/%C3%BCnd?x=1#y")
    assert room.event_types[-1] == "video_cta_clicked"
    assert (last(room)["ctaText"], last(room)["ctaLink"]) == ("First", "https://acme.example/ünd?x=1#y")
    assert room.visit(f"{url}/cta/1").headers["location"] == "https://acme.example/second"


@pytest.mark.parametrize("number", ["2", "99999", "x", "https:%2F%2Fevil.example"])
def test_a_call_to_action_leads_nowhere_else(room: Room, campaign: str, number: str) -> None:
    set_up(room, campaign, buttons=[{"label": "Talk", "link": "https://acme.example/"}])
    url = room.shared(campaign)
    answer = room.visit(f"{url}/cta/{number}?url=https://evil.example/")
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert "video_cta_clicked" not in room.event_types


def test_the_embedded_page_counts_as_well(room: Room, campaign: str) -> None:
    room.shared(campaign)
    embed = room.find(campaign)["embedUrl"]
    assert Loaded(room.visit(embed).text).forms[0].endswith("/play")
    answer = room.visit(f"{embed}/play", "POST")
    assert answer.headers["location"].endswith("/watch")
    assert "clip.gif" in room.visit(f"{embed}/watch").text
    assert room.event_types[-2:] == ["video_viewed", "video_played"]


def test_a_link_checker_is_no_visitor(room: Room, campaign: str) -> None:
    set_up(room, campaign, buttons=[{"label": "Talk", "link": "https://acme.example/"}])
    url = room.shared(campaign)
    before = room.event_types
    assert room.visit(url, "HEAD").status_code == 200
    assert room.visit(f"{url}/cta/0", "HEAD").status_code == 302
    assert room.event_types == before


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
def test_a_link_that_leads_nowhere_is_not_found(room: Room, campaign: str, path: str) -> None:
    room.shared(campaign)
    assert room.visit(f"http://127.0.0.1:8025/sendspark{path}").status_code == 404


@pytest.mark.parametrize("action", ["share/{}/play", "share/{}/like", "embed/{}/play", "share/{}/progress"])
def test_nothing_happens_at_a_page_that_is_not_there(room: Room, campaign: str, action: str) -> None:
    room.shared(campaign)
    before = room.event_types
    url = f"http://127.0.0.1:8025/sendspark/{action.format('a' * 16)}"
    assert room.visit(url, "POST", percentage="5").status_code == 404
    assert room.event_types == before


def test_a_page_is_not_there_before_its_video_is_made(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    room.add(campaign)
    assert room.visit(url).status_code == 404
    room.clock.advance(LONG_ENOUGH)
    assert room.visit(url).status_code == 200


def test_a_token_with_another_accounts_mark_opens_nothing(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    assert room.visit(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 404


def test_clients_that_came_by_the_vendors_name_get_the_vendors_links(app: Application) -> None:
    room = Room(app, "mock-vendor", "https://api-gw.sendspark.com")
    url = room.shared(room.new_campaign())
    assert url.startswith("https://sendspark.com/share/")
    page = room.visit(url)
    assert page.status_code == 200
    assert Loaded(page.text).images[0].startswith("/share/")
    assert room.event_types[-1] == "video_viewed"
    room.http.close()


@pytest.mark.parametrize("host", ["evil.example/<script>", '"><b>', "a" * 300, "x y"])
def test_a_strange_host_header_gets_into_no_link(app: Application, host: str) -> None:
    room = Room(app, "mock-strange")
    room.http.headers["host"] = host
    url = room.shared(room.new_campaign())
    assert url.startswith("http://127.0.0.1:8025/sendspark/share/")
    room.http.close()


def test_the_mail_embed_works_in_a_captured_mail(app: Application, room: Room, campaign: str) -> None:
    room.shared(campaign)
    html = room.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    mail = {
        "content": {"from": "sales@acme.example", "subject": "Your video", "html": f"<p>Hi</p>{html}"},
        "recipients": [{"address": "ann@acme.example"}],
        "options": {"open_tracking": False, "click_tracking": False},
    }
    with httpx.Client(transport=Transport(app), base_url="https://api.sparkpost.com") as client:
        answer = client.post(
            "/api/v1/transmissions", json=mail, headers={"Authorization": f"{room.account.credential}.sparkpost"}
        )
    assert answer.status_code == 200, answer.text
    captured = [message for message in room.messages if message.channel == "email"]
    assert captured[-1].html is not None
    page = Loaded(captured[-1].html)
    assert room.visit(page.links[0]).status_code == 200
    assert room.visit(page.images[0]).headers["content-type"] == "image/gif"
    assert room.event_types.count("video_viewed") == 1


# The clips.


def test_a_clip_is_a_small_animation_with_the_prospects_name(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    answer = room.visit(f"{url}/clip.gif")
    assert answer.headers["content-type"] == "image/gif"
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size, image.n_frames) == ("GIF", (480, 270), clips.FRAMES)  # type: ignore[attr-defined]
    assert len(answer.content) < 20_000
    room.add(campaign, contactName="Bob")
    room.clock.advance(LONG_ENOUGH)
    assert room.visit(f"{url}/clip.gif").content != answer.content


def test_a_thumbnail_stands_still(room: Room, campaign: str) -> None:
    url = room.shared(campaign)
    image = Image.open(BytesIO(room.visit(f"{url}/thumbnail.gif").content))
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
def test_a_name_that_cannot_be_drawn_is_a_caption_over_the_video(
    room: Room, campaign: str, name: str, caption: str
) -> None:
    url = room.shared(campaign, contactName=name)
    for address in (url, f"{url}/watch", room.find(campaign)["embedUrl"]):
        text = room.visit(address).text
        assert re.findall(r'class="caption"[^>]*><bdi>(.*?)</bdi>', text) == ([caption] if caption else [])


def test_clips_are_drawn_once_and_not_all_kept() -> None:
    assert clips.clip("Ann", "Acme") is clips.clip("Ann", "Acme")
    assert clips.clip.cache_parameters()["maxsize"] == clips.thumbnail.cache_parameters()["maxsize"] == clips.KEPT


def test_the_library_is_loaded_with_the_first_clip_only() -> None:
    script = "import sys, sparkbox.services.sendspark; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
