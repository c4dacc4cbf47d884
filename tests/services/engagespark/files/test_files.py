"""Files: uploads of one and of several, their names, downloads, and what is refused."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.declare.schema import Invalid
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark import multipart
from sparkbox.services.engagespark.files import files
from sparkbox.services.engagespark.files.models import File
from tests.services.engagespark.api import ORG, Api

FILES = f"{ORG}/files/"


def test_uploaded_file_is_named_after_its_title(api: Api) -> None:
    assert api.upload(("01 - Example.mp3", b"sound")) == {
        "filename": "01-example.mp3",
        "title": "01 - Example.mp3",
        "results": {"01 - Example.mp3": ""},
        "files": [{"filename": "01-example.mp3", "title": "01 - Example.mp3", "transcript": ""}],
    }
    assert api.call("GET", FILES) == [
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


def test_file_is_downloaded_as_it_was_uploaded(api: Api) -> None:
    data = bytes(range(256)) * 10 + b"\r\n--x\r\n"
    name = api.upload(("data.bin", data))["filename"]
    response = api.send("GET", f"{FILES}{name}")
    assert (response.content, response.headers["content-type"]) == (data, "application/octet-stream")


def test_name_that_is_taken_gets_a_number(api: Api) -> None:
    names = [api.upload(("A cat.jpg", b"x"))["filename"] for _ in range(3)]
    assert names == ["a-cat.jpg", "a-cat-2.jpg", "a-cat-3.jpg"]
    assert api.upload(("a-cat-4.jpg", b"x"))["filename"] == "a-cat-4.jpg"
    assert api.upload(("A cat.jpg", b"x"))["filename"] == "a-cat-5.jpg"
    api.call("DELETE", f"{FILES}a-cat.jpg")
    assert api.upload(("A cat.jpg", b"x"))["filename"] == "a-cat.jpg"


@pytest.mark.parametrize(
    ("title", "filename"),
    [
        ("C:\\Users\\me\\Cat.JPG", "cat.jpg"),
        ("../../etc/passwd", "passwd"),
        ("日本.png", "file.png"),
        ("noext", "noext"),
    ],
)
def test_folders_and_foreign_letters_do_not_get_into_names(api: Api, title: str, filename: str) -> None:
    assert api.upload((title, b"x"))["filename"] == filename


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
def test_filenames_of_forms_are_read_in_every_notation(api: Api, parameters: bytes, title: str) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="upload"; ' + parameters + b"\r\n\r\ndata\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    response = api.http.post(FILES, content=form, headers=kind, params={"category": "x"})
    assert (response.status_code, response.json()["title"]) == (200, title)


def test_filename_has_255_characters_at_most(api: Api) -> None:
    longest = "x" * 251 + ".mp3"
    assert api.upload((longest, b"x"), filter="mp3")["filename"] == longest
    refused = api.upload((f"x{longest}", b"x"), status=400)
    assert refused["error"] == "the file's name has more than 255 characters"


@pytest.mark.parametrize("contents", [(b"", b"x"), (b"x", b"")])
def test_error_of_either_file_with_one_name_is_reported(api: Api, contents: tuple[bytes, bytes]) -> None:
    response = api.upload(*(("a.txt", content) for content in contents))
    assert response["results"] == {"a.txt": "the file is empty"}
    assert [file["title"] for file in response["files"]] == ["a.txt"]


def test_files_are_sorted_by_title_and_filtered_by_category(api: Api) -> None:
    api.upload(("b.jpg", b"x"))
    api.upload(("A.jpg", b"x"), category="logos")
    assert [file["title"] for file in api.call("GET", FILES)] == ["A.jpg", "b.jpg"]
    assert [file["title"] for file in api.call("GET", FILES, category="logos")] == ["A.jpg"]
    assert api.call("GET", FILES, category="none") == []


def test_only_the_transcript_of_a_file_can_be_changed(api: Api) -> None:
    name = api.upload(("a.mp3", b"x"))["filename"]
    before = api.call("GET", FILES)[0]
    assert api.call("POST", f"{FILES}{name}", {"transcript": "Hello", "title": "new", "category": "new"}) == {
        "filename": name
    }
    assert api.call("GET", FILES)[0] == before | {"transcript": "Hello"}
    api.call("POST", f"{FILES}{name}", {})
    assert api.call("GET", FILES)[0]["transcript"] == "Hello"


def test_deleted_file_is_gone(api: Api) -> None:
    name = api.upload(("a.mp3", b"x"))["filename"]
    assert api.call("DELETE", f"{FILES}{name}") == {}
    for method, body in (("GET", None), ("POST", {}), ("DELETE", None)):
        assert api.refuse(method, f"{FILES}{name}", body) == (404, None, "Not found")


def test_good_files_are_kept_and_bad_ones_reported(api: Api) -> None:
    response = api.upload(("empty.mp3", b""), ("good.mp3", b"x"), ("bad.jpg", b"x"), filter="mp3")
    assert response["results"] == {
        "empty.mp3": "the file is empty",
        "good.mp3": "",
        "bad.jpg": "the file is no audio file",
    }
    assert (response["filename"], [file["filename"] for file in response["files"]]) == ("good.mp3", ["good.mp3"])


def test_only_bad_files_leave_nothing_behind(api: Api) -> None:
    response = api.upload(("a.mp3", b""), ("b.mp3", b""))
    assert (response["filename"], response["title"], response["files"]) == ("", "", [])
    assert api.call("GET", FILES) == []


def test_single_bad_file_is_an_error(api: Api) -> None:
    assert api.upload(("a.mp3", b""), status=400) == {"error": "the file is empty", "errorCode": "file.invalid"}
    assert api.upload(("a.jpg", b"x"), status=400, filter="ogg")["error"] == "the file is no audio file"


def test_filter_is_recorded(api: Api) -> None:
    name = api.upload(("a.wav", b"x"), filter="norm")["filename"]
    file = api.ctx.store[File].get(name)
    assert file is not None
    assert file.filter == "norm"


def test_videos_have_thumbnails_and_may_be_checked_for_whatsapp(api: Api) -> None:
    api.upload(("a.mp4", b"x"), video="true")
    api.upload(("b.webm", b"x"))
    assert [file["thumb"] for file in api.call("GET", FILES)] == [True, True]
    refused = api.upload(("b.webm", b"x"), status=400, video="1")
    assert refused["error"] == "the video is not compatible with WhatsApp"
    large = api.upload(("c.mp4", b"x" * files.MOST_VIDEO), status=400, video="1")
    assert large["error"] == "the video has to be smaller than 16 MB"


def test_storage_is_bounded(api: Api) -> None:
    for _ in range(4):
        api.upload(("a.bin", b"x" * 16 * files.MIB))
    assert api.upload(("b.bin", b"x"), status=400)["errorCode"] == "file.storage"


def test_upload_needs_a_category_a_file_and_a_form(api: Api) -> None:
    part = {"upload": ("a.mp3", b"x")}
    assert api.http.post(FILES, files=part).json()["error"] == "missing field 'category'"
    assert api.http.post(FILES, files=part, params={"category": "x", "filter": "wav"}).status_code == 400
    other = api.http.post(FILES, files={"file": ("a.mp3", b"x")}, params={"category": "x"})
    assert (other.status_code, other.json()["error"]) == (400, "missing field 'upload'")
    unnamed = api.http.post(FILES, files={"upload": (None, b"x")}, params={"category": "x"})
    assert (unnamed.status_code, unnamed.json()["error"]) == (400, "the file has no name")
    assert api.send("POST", f"{FILES}?category=x", {"upload": []}).status_code == 400


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
def test_malformed_form_is_an_error(api: Api, content_type: str, body: bytes) -> None:
    response = api.http.post(FILES, content=body, headers={"Content-Type": content_type}, params={"category": "x"})
    assert (response.status_code, response.json()["errorCode"]) == (400, "request.malformed")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="ascii", exclude_characters='\r\n"\\'), min_size=1), st.binary()),
        min_size=1,
        max_size=4,
    )
)
def test_form_reads_back_as_it_was_written(fields: list[tuple[str, bytes]]) -> None:
    api = Api(create_app(Settings()))
    request = api.http.build_request("POST", FILES, files=[("upload", (name, data)) for name, data in fields])
    parts = multipart.parse(request.read(), request.headers["content-type"])
    assert [part.content for part in parts] == [data for _, data in fields]
    api.http.close()


@given(st.binary(max_size=300), st.sampled_from([b"x", b"--x", b"\r\n--x\r\n", b"\r\n\r\n"]))
def test_parsing_any_bytes_gives_a_form_or_an_error(data: bytes, piece: bytes) -> None:
    try:
        parts = multipart.parse(data + piece + data, "multipart/form-data; boundary=x")
    except Invalid:
        return
    assert all(part.field or part.filename == "" for part in parts)
