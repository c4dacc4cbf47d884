"""Sections: loaded and seeded with their first request, with envelopes of their own."""

from __future__ import annotations

import sys
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

import pytest

from sparkbox.core.declare.errors import ErrorTable
from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.section import Section, Sections
from sparkbox.core.state.context import Context
from tests.core.api import PostEnvelope, service_of
from tests.core.office import Office

OTHER = "mock-post-other"

PARCELS = '''
from typing import Any
from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.errors import ErrorTable
from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.section import Section
from sparkbox.core.request.http import json_response
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record
from sparkbox.core.state.context import Context
from tests.core.api import PostEnvelope

class Parcel(Record, frozen=True, gc=False):
    id: int

class ParcelEnvelope(PostEnvelope):
    def success(self, ctx: Any, operation: Any, payload: Any, status: int) -> Any:
        return json_response(status, {"parcels": payload})

    def error(self, api_error: Any) -> Any:
        return json_response(api_error.error.status, {"parcel_error": api_error.message})

page = Operations("Parcels")

@page.get("/v1/{office}/parcels")
def list_parcels(ctx: Context, office: str) -> list[int]:
    """List parcels."""
    return [parcel.id for parcel in ctx.store[Parcel].values()]

@page.post("/v1/{office}/parcels")
def add_parcel(ctx: Context, office: str) -> None:
    """Add a parcel."""
    ctx.store[Parcel].put(Parcel(ctx.store[Parcel].next_id()))

def seed(account: Any, store: Any) -> None:
    store[Parcel].put(Parcel(store[Parcel].next_id()))

SECTION = Section("Parcels", (page,), envelope=ParcelEnvelope(), seed=seed)
'''


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "lazy_post" / "parcels").mkdir(parents=True)
    (tmp_path / "lazy_post" / "__init__.py").touch()
    (tmp_path / "lazy_post" / "parcels" / "__init__.py").touch()
    (tmp_path / "lazy_post" / "parcels" / "section.py").write_text(PARCELS)
    monkeypatch.syspath_prepend(tmp_path)
    yield Office(service_of(package="lazy_post", sections={"parcels": ("/v1/{office}/parcels",)}))
    for name in [name for name in sys.modules if name.startswith("lazy_post")]:
        del sys.modules[name]


def test_section_is_imported_with_its_first_request(office: Office) -> None:
    assert office.call("GET", "/v1/letters/1").status == 404
    assert "lazy_post.parcels.section" not in sys.modules
    assert office.call("GET", "/v1/main/parcels").json() == {"parcels": [1]}
    assert "lazy_post.parcels.section" in sys.modules


def test_method_that_a_section_lacks_is_refused_in_its_envelope(office: Office) -> None:
    response = office.call("DELETE", "/v1/main/parcels")
    assert (response.status, list(response.json())) == (405, ["parcel_error"])
    assert dict(response.headers)[b"allow"] == b"GET, POST"


def test_unknown_path_is_refused_in_the_envelope_of_its_section(office: Office) -> None:
    assert list(office.call("GET", "/v1/main/parcels/1/label").json()) == ["parcel_error"]
    assert list(office.call("GET", "/v1/main").json()) != ["parcel_error"]
    assert list(office.call("GET", "/{v}/main/parcels").json()) != ["parcel_error"]


def test_doubled_slashes_lead_out_of_a_section_unless_the_service_takes_them() -> None:
    for merge, path, expected in ((False, "//v1/a/parcels", []), (True, "//v1/a//parcels", ["parcels"])):
        sections = Sections("post", "", {"parcels": ("/v1/{office}/parcels",)}, lambda operation: None, merge)
        sections.add("parcels", Section("Parcels", ()))
        assert [name for name, part in sections.loaded.items() if part is sections.at(path)] == expected


def test_written_segment_counts_for_more_than_a_parameter() -> None:
    prefixes = {"any": ("/{everything_else}",), "parcels": ("/v1",), "labels": ("/{office}/labels",)}
    sections = Sections("post", "", prefixes, lambda operation: None, False)
    for name in prefixes:
        sections.add(name, Section(name, ()))
    found = [sections.at(path) for path in ("/v1", "/v1/labels", "/v2")]
    assert [section.title for section in found if section] == ["parcels", "labels", "any"]


def test_section_is_seeded_once_in_each_account(office: Office) -> None:
    office.call("POST", "/v1/main/parcels")
    assert office.call("GET", "/v1/main/parcels").json() == {"parcels": [1, 2]}
    assert office.call("GET", "/v1/main/parcels", key=OTHER).json() == {"parcels": [1]}
    account = office.account()
    office.sandbox.accounts.reset(account)
    assert office.call("GET", "/v1/main/parcels").json() == {"parcels": [1]}


def test_seeding_a_section_is_no_change_of_the_account(office: Office) -> None:
    office.call("GET", "/v1/main/parcels")
    account = office.account()
    assert not account.stores["post"].changed
    office.call("POST", "/v1/main/parcels")
    assert account.stores["post"].changed


def test_all_operations_of_a_service_include_those_of_sections_not_loaded(office: Office) -> None:
    operation = office.dispatcher.service.operation("add_parcel")
    assert operation is not None
    assert operation.section == "parcels"
    assert list(office.dispatcher.service.operations) == ["list_parcels", "add_parcel"]


def test_path_outside_of_the_section_fails_when_it_is_loaded(office: Office) -> None:
    service = service_of(package="lazy_post", sections={"parcels": ("/v2/parcels",)})
    with pytest.raises(ValueError, match=r"section parcels: /v1/\{office\}/parcels begins with none of"):
        _ = service.operations


@pytest.mark.anyio
async def test_section_is_imported_beside_the_event_loop(office: Office) -> None:
    contents = office.dispatcher.service.contents
    assert contents.needed("GET", "/v1/main/parcels") == ["parcels"]
    await contents.importing("parcels")()
    assert "lazy_post.parcels.section" in sys.modules
    office.call("GET", "/v1/main/parcels")
    assert contents.needed("GET", "/v1/main/parcels") == []
    assert contents.needed("DELETE", "/v1/main/parcels") == []


@pytest.mark.parametrize("requested", [["parcels"], ["parcels", "stamps"]], ids=["some", "all"])
def test_operations_are_in_the_order_of_their_sections(office: Office, tmp_path: Path, requested: list[str]) -> None:
    (tmp_path / "lazy_post" / "stamps").mkdir()
    text = PARCELS.replace("/v1/{office}/parcels", "/v1/{office}/stamps").replace("parcel", "stamp")
    (tmp_path / "lazy_post" / "stamps" / "section.py").write_text(text)
    invalidate_caches()
    sections = {"stamps": ("/v1/{office}/stamps",), "parcels": ("/v1/{office}/parcels",)}
    service = service_of(package="lazy_post", sections=sections)
    for section in requested:
        assert isinstance(service.match("GET", f"/v1/main/{section}"), tuple)
    assert list(service.operations) == ["list_stamps", "add_stamp", "list_parcels", "add_parcel"]


def test_errors_of_a_service_include_those_of_sections_not_loaded(office: Office) -> None:
    assert "lazy_post.parcels.section" not in sys.modules
    assert "letter_unknown" in {error.name for error in office.dispatcher.service.all_errors}
    assert "lazy_post.parcels.section" in sys.modules


def test_errors_of_a_service_are_in_the_order_of_its_operations_however_they_were_declared() -> None:
    errors = ErrorTable("post")

    class Closed(PostEnvelope):
        unauthorized = not_found = method_not_allowed = unsupported_media_type = too_large = errors.row(
            "closed", 503, "We are closed."
        )
        malformed = invalid = throttled = crashed = unavailable = unauthorized

    service = service_of(errors=errors, envelope=Closed())
    unknown, lost = errors.row("stamp_unknown", 404, "Unknown."), errors.row("parcel_lost", 410, "Lost.")
    page = Operations("Parcels")
    page.get("/v1/parcels", errors=[lost])(list_parcels)
    page.get("/v1/stamps", errors=[unknown])(list_stamps)
    service.contents.add("", Section("Parcels", (page,)))
    assert [error.name for error in service.all_errors] == ["closed", "parcel_lost", "stamp_unknown"]


def list_parcels(ctx: Context) -> None:
    """List parcels."""


def list_stamps(ctx: Context) -> None:
    """List stamps."""
