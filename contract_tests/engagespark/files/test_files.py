"""Files: https://openapi.engagespark.com/#tag/Files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
import pytest


@pytest.mark.documented("upload_files", "list_files", "download_file", "update_file", "delete_file")
def test_file_is_uploaded_updated_read_and_deleted(api: httpx.Client, org: str, name: Callable[[str], str]) -> None:
    title, data = f"{name('file')}.txt", b"some\r\ntext\x00"
    uploaded = api.post(f"{org}/files/", params={"category": "uploads"}, files={"upload": (title, data)})
    response = uploaded.raise_for_status().json()
    assert (response["title"], response["results"]) == (title, {title: ""})
    path = f"{org}/files/{response['filename']}"
    assert api.post(path, json={"transcript": "Hello"}).raise_for_status().json() == {"filename": response["filename"]}
    listed = api.get(f"{org}/files/", params={"category": "uploads"}).raise_for_status().json()
    found = next(file for file in listed if file["filename"] == response["filename"])
    assert (found["size"], found["sha1"]) == (len(data), hashlib.sha1(data).hexdigest())
    assert (found["transcript"], found["category"], found["thumb"]) == ("Hello", "uploads", False)
    raw = api.get(path)
    assert (raw.content, raw.headers["content-type"]) == (data, "application/octet-stream")
    assert api.delete(path).raise_for_status().json() == {}
    assert api.get(path).status_code == api.delete(path).status_code == 404


@pytest.mark.documented("list_files")
def test_files_are_sorted_by_title(api: httpx.Client, org: str, name: Callable[[str], str]) -> None:
    for word in ("b", "a"):
        file = {"upload": (f"{name(word)}.txt", b"x")}
        api.post(f"{org}/files/", params={"category": "contract-sorted"}, files=file).raise_for_status()
    titles = [file["title"] for file in api.get(f"{org}/files/", params={"category": "contract-sorted"}).json()]
    assert titles == sorted(titles, key=str.lower)
    assert len(titles) >= 2


@pytest.mark.documented("upload_files:file_refused", "upload_files")
def test_single_bad_file_is_an_error_and_one_of_several_is_reported(
    api: httpx.Client, org: str, name: Callable[[str], str]
) -> None:
    bad, good = (f"{name('bad')}.mp3", b""), (f"{name('good')}.mp3", b"x")
    query = {"category": "uploads"}
    alone = api.post(f"{org}/files/", params=query, files={"upload": bad})
    assert alone.status_code == 400
    assert alone.json()["error"]
    both = api.post(f"{org}/files/", params=query, files=[("upload", bad), ("upload", good)]).raise_for_status().json()
    assert both["results"][good[0]] == ""
    assert both["results"][bad[0]]
    assert [file["title"] for file in both["files"]] == [good[0]]


@pytest.mark.assumed("upload_files:missing")
def test_category_is_required(api: httpx.Client, org: str) -> None:
    assert api.post(f"{org}/files/", files={"upload": ("contract.txt", b"x")}).status_code == 400
