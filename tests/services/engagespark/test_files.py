"""Files: uploads of one and of several, their names, downloads, and what is refused."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.declare.schema import Invalid
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark.files import files, multipart
from tests.services.engagespark.room import ORG, Room

FILES = f"{ORG}/files/"


def test_an_uploaded_file_is_named_after_its_title(room: Room) -> None:
    assert room.upload(("01 - Example.mp3", b"sound")) == {
        "filename": "01-example.mp3",
        "title": "01 - Example.mp3",
        "results": {"01 - Example.mp3": ""},
        "files": [{"filename": "01-example.mp3", "title": "01 - Example.mp3", "transcript": ""}],
    }
    assert room.call("GET", FILES) == [
        {
            "filename": "01-example.mp3",
            "title": "01 - Example.mp3",
            "category": "uploads",
            "transcript": "",
            "size": 5,
            "sha1": hashlib.sha1(b"sound").hexdigest(),
            "upload": "2026-03-01T12:00:00Z",
            "thumb": False,
        }
    ]


def test_a_file_is_downloaded_as_it_was_uploaded(room: Room) -> None:
    data = bytes(range(256)) * 10 + b"\r\n--x\r\n"
    name = room.upload(("data.bin", data))["filename"]
    answer = room.send("GET", f"{FILES}{name}")
    assert (answer.content, answer.headers["content-type"]) == (data, "application/octet-stream")


def test_a_name_that_is_taken_gets_a_number(room: Room) -> None:
    names = [room.upload(("A cat.jpg", b"x"))["filename"] for _ in range(3)]
    assert names == ["a-cat.jpg", "a-cat-2.jpg", "a-cat-3.jpg"]
    assert room.upload(("a-cat-4.jpg", b"x"))["filename"] == "a-cat-4.jpg"
    assert room.upload(("A cat.jpg", b"x"))["filename"] == "a-cat-5.jpg"
    room.call("DELETE", f"{FILES}a-cat.jpg")
    assert room.upload(("A cat.jpg", b"x"))["filename"] == "a-cat.jpg"


@pytest.mark.parametrize(
    ("title", "filename"),
    [
        ("C:\\Users\\me\\Cat.JPG", "cat.jpg"),
        ("../../etc/passwd", "passwd"),
        ("日本.png", "file.png"),
        ("noext", "noext"),
    ],
)
def test_folders_and_foreign_letters_do_not_get_into_names(room: Room, title: str, filename: str) -> None:
    assert room.upload((title, b"x"))["filename"] == filename


@pytest.mark.parametrize(
    ("parameters", "title"),
    [
        (b"filename*=UTF-8''na%C3%AFve%20f.txt", "naïve f.txt"),
        (b"filename=\"plain.txt\"; filename*=utf-8'en'%E2%82%AC.txt", "€.txt"),
        (b"filename=\"plain.txt\"; filename*=koi8-r''%E2.txt", "plain.txt"),
        (b'filename="plain.txt"; filename*=nonsense', "plain.txt"),
        (b"filename*=UTF-8''%ff.txt", "\ufffd.txt"),
        (b'filename="C:\\dev\\notes.txt"', "notes.txt"),
        (b'filename="a \\"b\\".txt"', 'a "b".txt'),
        (b"filename=bare.txt", "bare.txt"),
    ],
)
def test_names_are_read_as_clients_write_them(room: Room, parameters: bytes, title: str) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="upload"; ' + parameters + b"\r\n\r\ndata\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = room.http.post(FILES, content=form, headers=kind, params={"category": "x"})
    assert (answer.status_code, answer.json()["title"]) == (200, title)


def test_a_name_may_be_as_long_as_names_are(room: Room) -> None:
    longest = "x" * 251 + ".mp3"
    assert room.upload((longest, b"x"), filter="mp3")["filename"] == longest
    refused = room.upload((f"x{longest}", b"x"), status=400)
    assert refused["error"] == "the file's name has more than 255 characters"


@pytest.mark.parametrize("contents", [(b"", b"x"), (b"x", b"")])
def test_of_two_files_with_one_name_the_refused_one_is_reported(room: Room, contents: tuple[bytes, bytes]) -> None:
    answer = room.upload(*(("a.txt", content) for content in contents))
    assert answer["results"] == {"a.txt": "the file is empty"}
    assert [file["title"] for file in answer["files"]] == ["a.txt"]


def test_files_are_sorted_by_title_and_filtered_by_category(room: Room) -> None:
    room.upload(("b.jpg", b"x"))
    room.upload(("A.jpg", b"x"), category="logos")
    assert [file["title"] for file in room.call("GET", FILES)] == ["A.jpg", "b.jpg"]
    assert [file["title"] for file in room.call("GET", FILES, category="logos")] == ["A.jpg"]
    assert room.call("GET", FILES, category="none") == []


def test_the_transcript_can_be_set_and_nothing_else(room: Room) -> None:
    name = room.upload(("a.mp3", b"x"))["filename"]
    before = room.call("GET", FILES)[0]
    assert room.call("POST", f"{FILES}{name}", {"transcript": "Hello", "title": "new", "category": "new"}) == {
        "filename": name
    }
    assert room.call("GET", FILES)[0] == before | {"transcript": "Hello"}
    room.call("POST", f"{FILES}{name}", {})
    assert room.call("GET", FILES)[0]["transcript"] == "Hello"


def test_a_deleted_file_is_gone(room: Room) -> None:
    name = room.upload(("a.mp3", b"x"))["filename"]
    assert room.call("DELETE", f"{FILES}{name}") == {}
    for method, body in (("GET", None), ("POST", {}), ("DELETE", None)):
        assert room.refuse(method, f"{FILES}{name}", body) == (404, None, "Not found")


def test_several_files_are_kept_and_bad_ones_reported(room: Room) -> None:
    answer = room.upload(("empty.mp3", b""), ("good.mp3", b"x"), ("bad.jpg", b"x"), filter="mp3")
    assert answer["results"] == {
        "empty.mp3": "the file is empty",
        "good.mp3": "",
        "bad.jpg": "the file is no audio file",
    }
    assert (answer["filename"], [file["filename"] for file in answer["files"]]) == ("good.mp3", ["good.mp3"])


def test_only_bad_files_leave_nothing_behind(room: Room) -> None:
    answer = room.upload(("a.mp3", b""), ("b.mp3", b""))
    assert (answer["filename"], answer["title"], answer["files"]) == ("", "", [])
    assert room.call("GET", FILES) == []


def test_a_single_bad_file_is_refused(room: Room) -> None:
    assert room.upload(("a.mp3", b""), status=400) == {"error": "the file is empty", "errorCode": "file.invalid"}
    assert room.upload(("a.jpg", b"x"), status=400, filter="ogg")["error"] == "the file is no audio file"


def test_a_filter_is_recorded(room: Room) -> None:
    name = room.upload(("a.wav", b"x"), filter="norm")["filename"]
    file = room.ctx.store[files.File].get(name)
    assert file is not None
    assert file.filter == "norm"


def test_videos_have_thumbnails_and_may_be_checked_for_whatsapp(room: Room) -> None:
    room.upload(("a.mp4", b"x"), video="true")
    room.upload(("b.webm", b"x"))
    assert [file["thumb"] for file in room.call("GET", FILES)] == [True, True]
    refused = room.upload(("b.webm", b"x"), status=400, video="1")
    assert refused["error"] == "the video is not compatible with WhatsApp"
    large = room.upload(("c.mp4", b"x" * files.MOST_VIDEO), status=400, video="1")
    assert large["error"] == "the video has to be smaller than 16 MB"


def test_storage_is_bounded(room: Room) -> None:
    for _ in range(4):
        room.upload(("a.bin", b"x" * 16 * files.MIB))
    assert room.upload(("b.bin", b"x"), status=400)["errorCode"] == "file.storage"


def test_an_upload_needs_a_category_a_file_and_a_form(room: Room) -> None:
    part = {"upload": ("a.mp3", b"x")}
    assert room.http.post(FILES, files=part).json()["error"] == "missing field 'category'"
    assert room.http.post(FILES, files=part, params={"category": "x", "filter": "wav"}).status_code == 400
    other = room.http.post(FILES, files={"file": ("a.mp3", b"x")}, params={"category": "x"})
    assert (other.status_code, other.json()["error"]) == (400, "missing field 'upload'")
    unnamed = room.http.post(FILES, files={"upload": (None, b"x")}, params={"category": "x"})
    assert (unnamed.status_code, unnamed.json()["error"]) == (400, "the file has no name")
    assert room.send("POST", f"{FILES}?category=x", {"upload": []}).status_code == 400


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\ndata\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 1100 + b"--x--"),
    ],
)
def test_a_form_that_is_none_is_refused(room: Room, content_type: str, body: bytes) -> None:
    answer = room.http.post(FILES, content=body, headers={"Content-Type": content_type}, params={"category": "x"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "request.malformed")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="ascii", exclude_characters='\r\n"\\'), min_size=1), st.binary()),
        min_size=1,
        max_size=4,
    )
)
def test_a_form_reads_back_as_it_was_written(fields: list[tuple[str, bytes]]) -> None:
    room = Room(create_app(Settings()))
    request = room.http.build_request("POST", FILES, files=[("upload", (name, data)) for name, data in fields])
    parts = multipart.parse(request.read(), request.headers["content-type"])
    assert [part.content for part in parts] == [data for _, data in fields]
    room.http.close()


@given(st.binary(max_size=300), st.sampled_from([b"x", b"--x", b"\r\n--x\r\n", b"\r\n\r\n"]))
def test_any_bytes_are_a_form_or_unreadable(data: bytes, piece: bytes) -> None:
    try:
        parts = multipart.parse(data + piece + data, "multipart/form-data; boundary=x")
    except Invalid:
        return
    assert all(part.field or part.filename == "" for part in parts)
