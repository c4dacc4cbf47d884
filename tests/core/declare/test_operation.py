"""The declaration of an operation: what derives from it, and what is told at import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ErrorTable
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.operation import Operation, Operations, Reply
from sparkbox.core.declare.schema import Body, Invalid
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from tests.core import api
from tests.core.api import PostEnvelope, service_of

Colour = Literal["red", "blue"]
Short = Annotated[str, Field(max_length=3)]


class Shape(TypedDict):
    id: int


class Nested(TypedDict):
    rows: list[Shape]


class NewThing(Body):
    name: str


class ThingQuery(Body):
    page: int = 1


def fine(ctx: Context) -> None:
    """Do nothing."""


def taking(ctx: Context, org_id: int, name: str, body: NewThing, query: ThingQuery) -> Shape:
    """Take everything.

    And say so.
    """
    return {"id": org_id, "seen": (name, body.name, query.page)}  # type: ignore[typeddict-unknown-key]


def declared(handler: Callable[..., Any], path: str = "/things", method: str = "GET", **more: Any) -> Operation:
    operations = Operations("Things", docs="https://things.example")
    operations.operation(method, path, **more)(handler)
    return next(iter(operations))


# What derives from a declaration.


def test_an_operation_is_called_after_its_handler() -> None:
    operation = declared(taking, "/orgs/{orgId}/things/{name}", "POST")
    assert operation.id == "taking"
    assert operation.summary == "Take everything"
    assert operation.description == "Take everything.\n\nAnd say so."
    assert (operation.group, operation.docs) == ("Things", "https://things.example")


def test_a_handler_is_called_with_what_it_takes() -> None:
    operation = declared(taking, "/orgs/{orgId}/things/{name}", "POST")
    values = {"orgId": "7", "name": "seven"}
    result = operation.call(None, values, NewThing(name="n"), ThingQuery(page=3))
    assert result == {"id": 7, "seen": ("seven", "n", 3)}


@pytest.mark.parametrize("takes", [(), ("body",), ("query",), ("body", "query")])
def test_a_handler_without_path_parameters_gets_body_and_query_alone(takes: tuple[str, ...]) -> None:
    def nothing(ctx: Context) -> Any:
        """Take nothing."""
        return ()

    def body_alone(ctx: Context, body: NewThing) -> Any:
        """Take a body."""
        return (body,)

    def query_alone(ctx: Context, query: ThingQuery) -> Any:
        """Take a query."""
        return (query,)

    def both(ctx: Context, body: NewThing, query: ThingQuery) -> Any:
        """Take both."""
        return (body, query)

    handlers: dict[tuple[str, ...], Callable[..., Any]] = {
        (): nothing,
        ("body",): body_alone,
        ("query",): query_alone,
        ("body", "query"): both,
    }
    assert declared(handlers[takes]).call(None, {}, "the body", "the query") == tuple(f"the {name}" for name in takes)


def test_the_defaults_of_a_page_reach_its_operations() -> None:
    limit = Limit("page", 1, 1)
    operations = Operations("Things", errors=[api.BOX_FULL], limits=(limit,), evidence="observed", tags=("page",))
    operations.get("/a")(fine)
    operations.get("/b", errors=[api.LETTER_UNKNOWN, api.BOX_FULL], limits=(), evidence="assumed")(taken_twice)
    first, second = operations
    assert (first.errors, first.limits, first.evidence, first.tags) == (
        (api.BOX_FULL,),
        (limit,),
        "observed",
        ("page",),
    )
    assert second.errors == (api.BOX_FULL, api.LETTER_UNKNOWN)
    assert (second.limits, second.evidence) == ((), "assumed")
    assert len(operations) == 2


def taken_twice(ctx: Context) -> None:
    """Another handler."""


@pytest.mark.parametrize(
    ("value", "read"), [("0", 0), ("7", 7), ("007", 7), ("999999999999999999", 999_999_999_999_999_999)]
)
def test_a_number_in_the_path_is_read(value: str, read: int) -> None:
    assert declared(api.burn_letter, "/letters/{letterId}").parameters == (("letterId", "letter_id", int),)

    def number(ctx: Context, id: int) -> Any:
        """Give the number back."""
        return id

    assert declared(number, "/n/{id}").call(None, {"id": value}, None, None) == read


@pytest.mark.parametrize("value", ["", "x", "-1", "+1", "1.0", "1e3", " 1", "1_000", "٣", "9" * 19, "9" * 5000, "²"])
def test_path_parameter_that_is_no_number_is_a_problem_of_the_path(value: str) -> None:
    operation = declared(taking, "/orgs/{orgId}/things/{name}")
    with pytest.raises(Invalid) as raised:
        operation.call(None, {"orgId": value, "name": ""}, None, None)
    [problem] = raised.value.problems
    assert (problem.where, problem.path, problem.kind, problem.value) == ("path", ("orgId",), "int_parsing", value)


def test_other_types_in_the_path_are_checked_too() -> None:
    def handler(ctx: Context, colour: Colour, name: Short) -> Any:
        """Give both back."""
        return colour, name

    operation = declared(handler, "/c/{colour}/{name}")
    assert operation.call(None, {"colour": "red", "name": "abc"}, None, None) == ("red", "abc")
    with pytest.raises(Invalid) as raised:
        operation.call(None, {"colour": "red", "name": "abcd"}, None, None)
    assert [(problem.where, problem.path) for problem in raised.value.problems] == [("path", ("name",))]


def test_an_empty_query_is_known_beforehand_unless_fields_are_required() -> None:
    def asking(ctx: Context, query: NewThing) -> None:
        """Ask for a name."""

    assert declared(taking, "/orgs/{orgId}/things/{name}").empty_query == ThingQuery(page=1)
    assert declared(asking).empty_query is None
    assert declared(fine).empty_query is None


# The shape of the answer.


def answering(shape: Any) -> Operation:
    def handler(ctx: Context) -> Any:
        """Answer."""

    handler.__annotations__["return"] = shape
    return declared(handler)


@pytest.mark.parametrize("shape", [None, Any, Reply, Response, Reply | Response])
def test_response_without_a_shape_is_not_checked(shape: Any) -> None:
    assert answering(shape).response is None


@pytest.mark.parametrize("shape", [Shape, Shape | Reply, Reply | Shape | Response])
def test_the_shape_of_a_reply_is_that_of_its_payload(shape: Any) -> None:
    response = answering(shape).response
    assert response is not None
    assert response.validate_python({"id": 1}, strict=True) == {"id": 1}
    with pytest.raises(ValidationError):
        response.validate_python({"id": "1"}, strict=True)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Shape, {"id": 1, "colour": "red"}),
        (Shape, {}),
        (Nested, {"rows": [{"id": 1, "colour": "red"}]}),
        (list[Shape], [{"id": 1, "colour": "red"}]),
        (Shape | None, {"id": 1, "colour": "red"}),
        (dict[str, Shape], {"a": {"id": 1, "colour": "red"}}),
    ],
)
def test_a_field_too_many_or_too_few_does_not_fit_the_shape(shape: Any, value: Any) -> None:
    response = answering(shape).response
    assert response is not None
    with pytest.raises(ValidationError):
        response.validate_python(value, strict=True)


def test_a_model_may_be_the_shape_as_well() -> None:
    class Thing(BaseModel):
        id: int

    response = answering(Thing).response
    assert response is not None
    assert response.validate_python(Thing(id=1), strict=True) == Thing(id=1)


# What is wrong is told at import.


def no_docstring(ctx: Context) -> None: ...


def no_ctx(body: NewThing) -> None:
    """Lack the context."""


def unknown(ctx: Context, colour: str) -> None:
    """Take what the path doesn't have."""


def no_annotation(ctx: Context, body) -> None:  # type: ignore[no-untyped-def]
    """Leave an annotation out."""


def no_response(ctx: Context):  # type: ignore[no-untyped-def]
    """Leave the answer's annotation out."""


def unreadable(ctx: Context, body: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Have an annotation that is nowhere."""


async def coroutine(ctx: Context) -> None:
    """Wait."""


def starred(ctx: Context, *things: str) -> None:
    """Take anything."""


@pytest.mark.parametrize(
    ("handler", "more", "complaint"),
    [
        (no_ctx, {}, r"the first parameter is not 'ctx'"),
        (unknown, {}, r"\['colour'\] is neither in the path nor 'body' or 'query'"),
        (starred, {}, r"\['things'\] is neither in the path"),
        (fine, {"path": "/things/{thingId}"}, r"the path's \['thing_id'\] is not taken"),
        (no_annotation, {}, r"\['body'\] has no annotation"),
        (no_response, {}, r"\['the return value'\] has no annotation"),
        (unreadable, {}, r"an annotation cannot be read, name 'Nowhere' is not defined"),
        (no_docstring, {}, r"the handler has no docstring"),
        (coroutine, {}, r"a handler is no coroutine"),
        (fine, {"errors": [api.BOX_FULL, api.BOX_FULL]}, r"\['box_full'\] is declared twice among its errors"),
        (fine, {"limits": (Limit("a", 1, 1), Limit("a", 2, 2))}, r"\['a'\] is declared twice among its limits"),
        (fine, {"status": 404}, r"404 is no status of success"),
        (fine, {"also": (202, 404)}, r"404 is no status of success"),
        (fine, {"evidence": "rumoured"}, r"the evidence 'rumoured' is none of"),
        (fine, {"colour": "red"}, r"unexpected keyword argument 'colour'"),
    ],
)
def test_a_wrong_declaration_fails(handler: Callable[..., Any], more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        declared(handler, **more)


def test_the_complaint_says_which_operation_it_is_about() -> None:
    with pytest.raises(TypeError, match=r"^POST /things \(no_docstring\): "):
        declared(no_docstring, method="POST")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "get", "FETCH"])
def test_a_method_that_nobody_declares_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match=f"{method} is none of"):
        declared(fine, method=method)


@pytest.mark.parametrize("path", ["things", "/things/{id}.json", "/{id}/{id}"])
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="the path"):
        declared(fine, path)


def test_a_route_is_declared_once_on_a_page() -> None:
    operations = Operations("Things")
    operations.get("/things/{thing}")(thing_by_name)
    with pytest.raises(ValueError, match=r"GET /things/\{id\} \(thing_by_id\) is declared twice"):
        operations.get("/things/{id}")(thing_by_id)
    operations.put("/things/{id}")(thing_by_id)


def thing_by_name(ctx: Context, thing: str) -> None:
    """Find by name."""


def thing_by_id(ctx: Context, id: str) -> None:
    """Find by id."""


def test_an_id_is_taken_once_on_a_page() -> None:
    operations = Operations("Things")
    operations.get("/a")(fine)
    with pytest.raises(ValueError, match="the id 'fine' is taken"):
        operations.get("/b")(fine)


# What is wrong with a service is told at import too.


def page(path: str = "/things", handler: Callable[..., Any] = fine, **more: Any) -> Operations:
    operations = Operations("Things")
    operations.get(path, **more)(handler)
    return operations


def test_two_pages_may_not_claim_one_id() -> None:
    with pytest.raises(ValueError, match="post: two operations are called 'fine'"):
        service_of(page("/a"), page("/b"))


def test_two_pages_may_not_claim_one_route() -> None:
    with pytest.raises(ValueError, match=r"GET /a/\{id\} is declared twice"):
        service_of(page("/a/{thing}", thing_by_name), page("/a/{id}", thing_by_id))


def test_an_error_of_another_table_is_refused() -> None:
    foreign = ErrorTable("other").row("box_full", 409, "full")
    with pytest.raises(ValueError, match="fine: 'box_full' is no row of the table of post"):
        service_of(page(errors=[foreign]))


def test_a_common_error_of_another_table_is_refused() -> None:
    class Foreign(PostEnvelope):
        crashed = ErrorTable("other").row("melted", 500, "it melted")

    with pytest.raises(ValueError, match="'melted' is no row of the table of post"):
        service_of(page(), envelope=Foreign())


def test_a_shared_limit_means_the_same_everywhere() -> None:
    limit = Limit("a_minute", 10, 60)
    service_of(page("/a", limits=(limit,)), page("/b", taken_twice, limits=(replace(limit),)))
    with pytest.raises(ValueError, match="taken_twice: another limit of post is called 'a_minute'"):
        service_of(page("/a", limits=(limit,)), page("/b", taken_twice, limits=(replace(limit, amount=20),)))


def test_limits_that_are_counted_apart_may_differ() -> None:
    limit = Limit("a_minute", 10, 60, shared=False)
    service = service_of(page("/a", limits=(limit,)), page("/b", taken_twice, limits=(replace(limit, amount=20),)))
    assert [found.amount for found in service.limits_of(service.operations["taken_twice"])] == [20]


def test_an_operations_errors_are_its_own_its_limits_and_the_common_ones() -> None:
    daily = Limit("daily", 10, 86_400, error="box_full")
    service = service_of(page(errors=[api.LETTER_UNKNOWN], limits=(daily,)))
    found = service.errors_of(service.operations["fine"])
    assert found[:2] == (api.LETTER_UNKNOWN, api.BOX_FULL)
    assert set(PostEnvelope().common_errors()) < set(found)
    assert len(set(found)) == len(found)
