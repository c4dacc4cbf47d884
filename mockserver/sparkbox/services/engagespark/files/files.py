"""Files to send with WhatsApp messages and voice campaigns.

https://openapi.engagespark.com/#tag/Files. Quirks: the filename that identifies a file is made from its title; an error
in a single file is a 400, in one of several only an entry in ``results``. Nothing is converted: ``filter`` is recorded
with the file, and an error for what is no audio; a video is said to have a thumbnail.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected, in_order
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import Organization
from ..fields import Fields, Long, Short
from ..multipart import FORM, Part
from ..times import second_stamp
from .models import MOST_FILES, File, LastNumber

MIB = 1024 * 1024
MOST_BYTES = 64 * MIB
"""Of all files of an account."""
MOST_VIDEO = 16 * MIB


FILES_A_STEP = 200
MOST_TITLE = 255
"""Characters; the usual length of a file's name."""

_AUDIO = frozenset({"mp3", "ogg", "oga", "opus", "wav", "m4a", "aac", "amr", "flac", "gsm"})
_VIDEO = frozenset({"mp4", "m4v", "mov", "3gp", "3gpp", "webm", "mkv", "avi"})
_WHATSAPP_VIDEO = frozenset({"mp4", "m4v", "mov", "3gp", "3gpp"})

operations = Operations("Files", docs="https://openapi.engagespark.com/#tag/Files", errors=[errors.NOT_FOUND])


class Upload(BaseModel):
    """A form; its field ``upload`` may come several times."""

    model_config = ConfigDict(extra="ignore")

    upload: list[Part] = Field(min_length=1)


class UploadQuery(Fields):
    category: Short
    filter: Literal["ogg", "mp3", "mono", "norm"] | None = None
    video: str | None = None


class FileQuery(Fields):
    category: Short = ""


class FileChanges(Fields):
    """``category`` and ``title`` cannot be changed."""

    transcript: Long | None = None


class StoredFile(TypedDict):
    filename: str
    title: str
    transcript: str


class Uploaded(TypedDict):
    """``results`` has an error or an empty text for each file; the first two fields are those of the first kept."""

    filename: str
    title: str
    results: dict[str, str]
    files: list[StoredFile]


class FileFields(TypedDict):
    filename: str
    title: str
    category: str
    transcript: str
    size: int
    sha1: str
    upload: str
    thumb: bool


class Changed(TypedDict):
    filename: str


class Deleted(TypedDict):
    """An empty object."""


@operations.get("/v1/organizations/{orgId}/files/")
def list_files(ctx: Context, org_id: Organization, query: FileQuery) -> Steps[list[FileFields]]:
    """List the files, sorted by title."""
    found = [file for file in ctx.store[File].values() if query.category in ("", file.category)]
    found = yield from in_order(found, lambda file: (file.title.lower(), file.filename))
    return (yield from collected(map(_view, found), FILES_A_STEP))


@operations.post(
    "/v1/organizations/{orgId}/files/", errors=[errors.FILE_REFUSED, errors.FILES_FULL], content_types=(FORM,)
)
def upload_files(ctx: Context, org_id: Organization, body: Upload, query: UploadQuery) -> Steps[Uploaded]:
    """Upload files.

    One or several, in the form's field ``upload``.
    """
    results: dict[str, str] = {}
    kept: list[File] = []
    checked: list[str | ApiError] = []
    if len(body.upload) > FILES_A_STEP:
        yield
    for part in body.upload:
        checked.append((yield from _checked(part, query)))
        if len(checked) % FILES_A_STEP == 0:
            yield
    for number, (part, digest) in enumerate(zip(body.upload, checked, strict=True)):
        if number % FILES_A_STEP == 0:
            if len(checked) > FILES_A_STEP:
                yield
            used = sum(len(file.data) for file in ctx.store[File].values())  # there may be others by now
        try:
            if isinstance(digest, ApiError):
                raise digest
            kept.append(_store(ctx, part, query, digest, used))
            used += len(part.content)
            # Of two files with one name, the error of either is shown.
            results.setdefault(_title(part), "")
        except ApiError as api_error:
            if len(body.upload) == 1:
                raise
            results[_title(part)] = api_error.message
    return {
        "filename": kept[0].filename if kept else "",
        "title": kept[0].title if kept else "",
        "results": results,
        "files": [{"filename": f.filename, "title": f.title, "transcript": f.transcript} for f in kept],
    }


@operations.get("/v1/organizations/{orgId}/files/{filename}", media_types=((200, "*/*"),))
def download_file(ctx: Context, org_id: Organization, filename: str) -> Response:
    """Download a file as it was uploaded."""
    return Response(200, _known(ctx, filename).data, [(b"content-type", b"application/octet-stream")])


@operations.post("/v1/organizations/{orgId}/files/{filename}")
def update_file(ctx: Context, org_id: Organization, filename: str, body: FileChanges) -> Changed:
    """Update a file's transcript."""
    file = _known(ctx, filename)
    if body.transcript is not None:
        ctx.store[File].put(replace(file, transcript=body.transcript))
    return {"filename": filename}


@operations.delete("/v1/organizations/{orgId}/files/{filename}")
def delete_file(ctx: Context, org_id: Organization, filename: str) -> Deleted:
    """Delete a file."""
    _known(ctx, filename)
    ctx.store[File].delete(filename)
    return {}


def _checked(part: Part, query: UploadQuery) -> Steps[str | ApiError]:
    """Return the digest of a file that can be stored, or the error if it cannot."""
    try:
        _check(part, _title(part), query)
    except ApiError as api_error:
        return api_error
    digest = hashlib.sha1(usedforsecurity=False)
    for start in range(0, len(part.content), MIB):
        if start:
            yield
        digest.update(part.content[start : start + MIB])
    return digest.hexdigest()


def _store(ctx: Context, part: Part, query: UploadQuery, digest: str, used: int) -> File:
    title = _title(part)
    stored = ctx.store[File]
    if used + len(part.content) > MOST_BYTES or len(stored) >= MOST_FILES:
        raise errors.FILES_FULL()
    file = File(
        filename=_free_name(ctx, title),
        title=title,
        category=query.category,
        sha1=digest,
        uploaded=ctx.now,
        data=part.content,
        type=part.content_type,
        thumb=_ending(title) in _VIDEO or part.content_type.startswith("video/"),
        filter=query.filter or "",
    )
    stored.put(file)
    return file


def _check(part: Part, title: str, query: UploadQuery) -> None:
    ending = _ending(title)
    if not title:
        raise errors.FILE_REFUSED(reason="the file has no name")
    if len(title) > MOST_TITLE:
        raise errors.FILE_REFUSED(reason=f"the file's name has more than {MOST_TITLE} characters")
    if not part.content:
        raise errors.FILE_REFUSED(reason="the file is empty")
    if query.filter is not None and ending not in _AUDIO and not part.content_type.startswith("audio/"):
        raise errors.FILE_REFUSED(reason="the file is no audio file")
    if query.video is not None:
        if ending not in _WHATSAPP_VIDEO and part.content_type not in ("video/mp4", "video/3gpp"):
            raise errors.FILE_REFUSED(reason="the video is not compatible with WhatsApp")
        if len(part.content) >= MOST_VIDEO:
            raise errors.FILE_REFUSED(reason="the video has to be smaller than 16 MB")


def _title(part: Part) -> str:
    """Return the file's name without the folders that some browsers send along."""
    return re.split(r"[\\/]", part.filename)[-1].strip()


def _ending(title: str) -> str:
    return title.rpartition(".")[2].lower() if "." in title else ""


def _free_name(ctx: Context, title: str) -> str:
    """Return ``01-example.mp3`` for ``01 - Example.mp3``, then ``01-example-2.mp3`` and so on."""
    stem, dot, ending = title.rpartition(".")
    if not dot:
        stem, ending = title, ""
    stem = _slug(stem) or "file"
    ending = _slug(ending)
    tail = f".{ending}" if ending else ""
    plain = name = f"{stem}{tail}"
    stored, numbers = ctx.store[File], ctx.store[LastNumber]
    while stored.get(name) is not None:
        last = numbers.get(plain) or LastNumber(plain)
        numbers.put(replace(last, number=last.number + 1))
        name = f"{stem}-{last.number + 1}{tail}"
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def _known(ctx: Context, filename: str) -> File:
    file = ctx.store[File].get(filename)
    if file is None:
        raise errors.NOT_FOUND()
    return file


def _view(file: File) -> FileFields:
    return {
        "filename": file.filename,
        "title": file.title,
        "category": file.category,
        "transcript": file.transcript,
        "size": len(file.data),
        "sha1": file.sha1,
        "upload": second_stamp(file.uploaded),
        "thumb": file.thumb,
    }
