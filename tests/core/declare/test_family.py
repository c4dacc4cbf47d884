"""Families: one handler for several rows, and CRUD from a descriptor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from typing_extensions import TypedDict

from sparkbox.core.declare.crud import Resource, crud
from sparkbox.core.declare.family import Family
from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.docs.openapi import document
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace
from tests.core.api import ERRORS, service_of
from tests.core.office import Office


class Stamp(TypedDict):
    carrier: str
    price: int


class Printed(Stamp):
    design: str


@dataclass(frozen=True)
class Carrier:
    name: str
    prefix: str
    price: int
    shape: type


LAND = Carrier("land", "/v1/mail", 1, Stamp)
AIR = Carrier("air", "/v1/mail/air", 3, Printed)


def stamps() -> Family[Carrier]:
    family = Family("carrier", (LAND, AIR), group=lambda row: f"{row.name} stamps")

    @family.get("/v1/mail/stamps", "/v1/mail/air/stamps", returns=lambda row: list[row.shape])  # type: ignore[name-defined]
    def list_stamps(ctx: Context, carrier: Carrier) -> Any:
        """List stamps."""
        more = {"design": "plane"} if carrier.shape is Printed else {}
        return [{"carrier": carrier.name, "price": carrier.price, **more}]

    @family.post("/v1/mail/air/stamps/{stampId}/print", id="print_stamp", summary="Print a stamp", status=201)
    def print_one(ctx: Context, carrier: Carrier, stamp_id: int) -> str:
        """Print one."""
        return f"{carrier.name} {stamp_id}"

    return family


def call(*pages: Operations) -> Any:
    office = Office(service_of(*pages))

    def send(method: str, path: str, body: bytes = b"") -> Response:
        return office.call(method, path, body=body, headers=[(b"content-type", b"application/json")])

    return send


def test_family_row_is_that_of_the_longest_prefix() -> None:
    send = call(*stamps())
    assert send("GET", "/v1/mail/stamps").json()["data"] == [{"carrier": "land", "price": 1}]
    assert send("GET", "/v1/mail/air/stamps").json()["data"] == [{"carrier": "air", "price": 3, "design": "plane"}]
    assert send("POST", "/v1/mail/air/stamps/7/print").json()["data"] == "air 7"
    assert send("POST", "/v1/mail/stamps/7/print").status == 404


def test_family_operations_have_ids_summaries_groups_and_shapes_of_their_rows() -> None:
    service = service_of(*stamps())
    found = {id: (operation.group, operation.summary) for id, operation in service.operations.items()}
    assert found == {
        "land_list_stamps": ("land stamps", "List stamps"),
        "air_list_stamps": ("air stamps", "List stamps"),
        "print_stamp": ("air stamps", "Print a stamp"),
    }
    text = [str(path) for path in document(service, server_url="http://x")["paths"].values()]
    assert [("schemas/Stamp" in one, "schemas/Printed" in one) for one in text[:2]] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("paths", "complaint"),
    [
        (("/v2/mail/stamps",), "/v2/mail/stamps begins with none of"),
        (("/v1/mailbox",), "/v1/mailbox begins with none of"),
        (("/v1/mail/a", "/v1/mail/b"), "belong to one row"),
    ],
)
def test_family_path_of_no_row_fails_at_import(paths: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Family("carrier", (LAND, AIR), group=lambda row: row.name).get(*paths)


class Box(Record, frozen=True, gc=False):
    id: int
    label: str


class NewBox(Body):
    label: str


class BoxView(TypedDict):
    id: int
    label: str


NO_BOX = next(error for error in ERRORS if error.status == 404)
BOX = Resource(
    name="box", kind=Box, view=BoxView, key=int, plural="boxes", missing=NO_BOX, body=NewBox,
    show=lambda ctx, box: {"id": box.id, "label": box.label},
    make=lambda ctx, body: Box(ctx.store[Box].next_id(), body.label),
    change=lambda ctx, box, body: replace(box, label=body.label),
)  # fmt: skip


def boxes() -> Operations:
    page = Operations("Boxes")
    crud(
        page, BOX, list="/v1/crates", create="/v1/crates", get="/v1/crates/{crateId}", update="/v1/crates/{crateId}",
        delete="/v1/crates/{crateId}",
    )  # fmt: skip
    return page


def test_crud_keeps_what_is_created_until_it_is_deleted() -> None:
    send = call(boxes())
    assert send("GET", "/v1/crates").json()["data"] == []
    created = send("POST", "/v1/crates", b'{"label": "a"}')
    assert (created.status, created.json()["data"]) == (201, {"id": 1, "label": "a"})
    assert send("PUT", "/v1/crates/1", b'{"label": "b"}').json()["data"] == {"id": 1, "label": "b"}
    assert send("GET", "/v1/crates/1").json()["data"] == {"id": 1, "label": "b"}
    assert send("GET", "/v1/crates").json()["data"] == [{"id": 1, "label": "b"}]
    deleted = send("DELETE", "/v1/crates/1")
    assert (deleted.status, deleted.body) == (204, b"")
    assert [send(method, "/v1/crates/1", b'{"label": "c"}').status for method in ("GET", "PUT", "DELETE")] == [404] * 3


def test_crud_operations_are_declared_in_full() -> None:
    operations = service_of(boxes()).operations
    assert {id: operation.summary for id, operation in operations.items()} == {
        "list_boxes": "List boxes", "create_box": "Create a box", "get_box": "Get a box", "update_box": "Update a box",
        "delete_box": "Delete a box",
    }  # fmt: skip
    assert [name for name, argument, kind in operations["get_box"].parameters] == ["crateId"]
    assert operations["get_box"].errors == (NO_BOX,)
    assert operations["create_box"].errors == ()


def test_crud_emits_only_what_is_given_a_path() -> None:
    page = Operations("Boxes")
    crud(page, BOX, get="/v1/crates/{id}")
    assert [operation.id for operation in page] == ["get_box"]
