"""The table of errors: rows with names, filled in when they are raised."""

from __future__ import annotations

import pytest

from sparkbox.core.declare.errors import ApiError, ErrorTable


@pytest.fixture
def table() -> ErrorTable:
    return ErrorTable("post", docs="https://post.example/errors")


def test_a_row_is_found_by_its_name(table: ErrorTable) -> None:
    row = table.row("gone", 410, "it is gone", code=17)
    assert table.get("gone") is row
    assert table.get("lost") is None
    assert list(table) == [row]
    assert len(table) == 1


def test_a_name_is_declared_once(table: ErrorTable) -> None:
    table.row("gone", 410, "it is gone")
    with pytest.raises(ValueError, match="post: the error 'gone' is declared twice"):
        table.row("gone", 404, "it is not here")


def test_rows_inherit_the_docs_of_their_table(table: ErrorTable) -> None:
    assert table.row("gone", 410, "it is gone").docs == "https://post.example/errors"
    assert table.row("lost", 404, "lost", docs="https://post.example/lost").docs == "https://post.example/lost"


@pytest.mark.parametrize("status", [0, 101, 199, 600, 4040])
def test_a_status_that_http_does_not_know_is_refused(table: ErrorTable, status: int) -> None:
    with pytest.raises(ValueError, match=f"'gone' has the status {status}"):
        table.row("gone", status, "it is gone")


def test_an_unknown_evidence_is_refused(table: ErrorTable) -> None:
    with pytest.raises(ValueError, match="'gone' has the evidence 'rumoured'"):
        table.row("gone", 410, "it is gone", evidence="rumoured")


def test_raising_a_row_fills_in_its_names(table: ErrorTable) -> None:
    row = table.row("gone", 410, "{what} is gone", description="since {when}")
    with pytest.raises(ApiError) as raised:
        raise row(what="the letter", when=1999)
    assert raised.value.error is row
    assert raised.value.message == "the letter is gone"
    assert raised.value.description == "since 1999"
    assert raised.value.values == {"what": "the letter", "when": 1999}


def test_a_description_that_is_given_replaces_the_rows(table: ErrorTable) -> None:
    row = table.row("gone", 410, "gone", description="since {when}")
    assert row(description="by itself").description == "by itself"
    assert row().description == "since {when}"
    assert table.row("lost", 404, "lost")().description is None


def test_a_name_without_a_value_stays(table: ErrorTable) -> None:
    row = table.row("gone", 410, "{what} is gone, says {who}")
    assert row(what="it").message == "it is gone, says {who}"
    assert row(description="no value at all").message == "{what} is gone, says {who}"


def test_the_vendors_own_braces_stay(table: ErrorTable) -> None:
    row = table.row("syntax", 422, 'unexpected {{ in {"a": {part}}, {0} or {}')
    assert row(part="text").message == 'unexpected {{ in {"a": text}, {0} or {}'


def test_a_value_is_never_read_as_a_template(table: ErrorTable) -> None:
    row = table.row("gone", 410, "{what} {who}")
    assert row(what="{who}", who="{what.__class__}").message == "{who} {what.__class__}"


def test_a_row_knows_the_names_that_it_needs(table: ErrorTable) -> None:
    assert table.row("gone", 410, "{what}", description="{when}, {what}").names == {"what", "when"}
    assert table.row("lost", 404, "{} {{}} {0}").names == frozenset()
