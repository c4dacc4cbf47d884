"""The documented examples of the template language with their documented results.

https://developers.sparkpost.com/api/template-language/
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sparkbox.services.sparkpost.substitution import compile

CART: Mapping[str, object] = {"basket": [{"title": "Coat", "cost": 39.99}, {"title": "Scarf", "cost": 5.00}]}
SIGN_UP = "{{if joined}}\nHello\n{{elseif declined}}\nNever mind\n{{else}}\nDo join\n{{end}}"


def text(source: str, data: Mapping[str, object]) -> str:
    return compile(source).render(data)


def html(source: str, data: Mapping[str, object]) -> str:
    return compile(source).render(data, html=True)


@pytest.mark.parametrize("tag", ["{{ greeting }}", "{{greeting}}", "{{  greeting   }}", "{{\n\tgreeting\n}}"])
def test_white_space_within_the_braces_is_ignored(tag: str) -> None:
    assert text(tag, {"greeting": "Hi 👋"}) == "Hi 👋"


def test_missing_and_null_variables_render_as_nothing() -> None:
    source = "* {{name}}\n* {{age}}\n* {{job}}\n* {{place}}"
    assert text(source, {"name": "Ann", "age": None, "job": "Baker"}) == "* Ann\n* \n* Baker\n* "


@pytest.mark.parametrize("data", [{}, {"name": None}, {"name": False}])
def test_or_gives_the_default_for_what_is_missing_null_or_false(data: dict[str, object]) -> None:
    assert text("Dear {{ name or 'Friend' }}", data) == "Dear Friend"


def test_or_keeps_a_value_that_is_there() -> None:
    assert text("Dear {{ name or 'Friend' }}", {"name": "Ann"}) == "Dear Ann"


@pytest.mark.parametrize("path", ["home.street", "home['street']", 'home["street"]', "home[part]"])
def test_a_nested_value_is_reached_by_dot_by_bracket_and_by_variable(path: str) -> None:
    data = {"home": {"street": "High Street"}, "part": "street"}
    assert text("{{" + path + "}}", data) == "High Street"


def test_html_is_escaped_in_double_braces_and_left_alone_in_triple_braces() -> None:
    data = {"chunk": "<i>Hi</i>"}
    assert html("{{chunk}} {{{chunk}}}", data) == "&lt;i&gt;Hi&lt;&#x2F;i&gt; <i>Hi</i>"


def test_text_is_not_escaped() -> None:
    assert text("{{chunk}} {{{chunk}}}", {"chunk": "<i>&</i>"}) == "<i>&</i> <i>&</i>"


def test_statements_on_their_own_line_leave_no_blank_line() -> None:
    source = 'Top\n{{ if state == "NY" }}\nNew York\n{{ end }}\nBottom'
    assert text(source, {"state": "NY"}) == "Top\nNew York\nBottom"
    assert text(source, {"state": "TX"}) == "Top\nBottom"


def test_text_on_the_line_of_end_continues_the_line_before() -> None:
    source = '{{ if city == "Albany" }}\nAlbany\n{{ end }}, New York'
    assert text(source, {"city": "Albany"}) == "Albany, New York"


def test_text_on_the_line_after_end_begins_a_line() -> None:
    source = '{{ if city == "Albany" }}\nAlbany\n{{ end }}\nNew York'
    assert text(source, {"city": "Albany"}) == "Albany\nNew York"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"joined": True}, "Hello\n"),
        ({"joined": False, "declined": True}, "Never mind\n"),
        ({"declined": None}, "Do join\n"),
        ({}, "Do join\n"),
    ],
)
def test_the_first_branch_that_holds_is_rendered(data: dict[str, object], shown: str) -> None:
    assert text(SIGN_UP, data) == shown


def test_then_is_optional() -> None:
    source = "{{if a then}}A{{elseif b then}}B{{else}}C{{end}}"
    assert [text(source, data) for data in ({"a": 1}, {"b": 1}, {})] == ["A", "B", "C"]


def test_not_turns_a_condition_around() -> None:
    assert text("{{if not joined}}Join!{{end}}", {"joined": False}) == "Join!"
    assert text("{{if not joined}}Join!{{end}}", {"joined": True}) == ""


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("age > 30", True),
        ("age > 31", False),
        ("age >= 31", True),
        ("age < 31", False),
        ("age <= 31", True),
        ("age == 31", True),
        ("age != 31", False),
        ('home.state == "NY"', True),
        ('home.state != "NY"', False),
        ('age > 30 and home.state == "NY"', True),
        ('age > 40 and home.state == "NY"', False),
        ('age > 40 or home.state == "NY"', True),
        ('not (age > 40) and home.state == "NY"', True),
    ],
)
def test_relational_and_logical_operators(condition: str, holds: bool) -> None:
    data = {"age": 31, "home": {"state": "NY"}}
    assert text("{{if " + condition + "}}yes{{else}}no{{end}}", data) == ("yes" if holds else "no")


def test_the_length_operator_counts_an_array() -> None:
    assert text("{{#states}} of them", {"states": ["NY", "TX"]}) == "2 of them"


@pytest.mark.parametrize(
    ("expression", "result"), [("price - 5", "10"), ("price + 5", "20"), ("price * 2", "30"), ("price / 2", "7.5")]
)
def test_arithmetic_operators(expression: str, result: str) -> None:
    assert text("Now ${{" + expression + "}}.", {"price": 15}) == f"Now ${result}."


def test_each_renders_its_body_for_every_item() -> None:
    source = "{{ each pets }}\nA pet named {{loop_var}}\n{{ end }}"
    assert text(source, {"pets": ["Rex", "Tom"]}) == "A pet named Rex\nA pet named Tom\n"


@pytest.mark.parametrize("data", [{}, {"pets": None}, {"pets": []}])
def test_each_renders_nothing_without_items(data: dict[str, object]) -> None:
    assert text("{{ each pets }}\nA pet named {{loop_var}}\n{{ end }}", data) == ""


def test_the_fields_of_an_item_are_reached_through_loop_var() -> None:
    source = "In it:\n{{each basket}}\n{{loop_var.title}} at {{loop_var.cost}}\n{{end}}"
    assert text(source, CART) == "In it:\nCoat at 39.99\nScarf at 5\n"


def test_loop_index_counts_from_one() -> None:
    assert text("{{each pets}}{{loop_index}}:{{loop_var}} {{end}}", {"pets": ["Rex", "Tom"]}) == "1:Rex 2:Tom "


def test_nested_loops_name_their_variables_after_their_arrays() -> None:
    source = (
        "---\n{{each basket}}\nItem: {{loop_vars.basket.title}}\nWith:\n{{each loop_vars.basket.extras}}\n"
        "  Extra: {{loop_vars.extras.key}} of {{loop_vars.basket.title}}\n{{end}}\n---\n{{end}}"
    )
    data = {"basket": [{"title": "Coat", "extras": [{"key": "b"}, {"key": "a"}]}, {"title": "Scarf"}]}
    assert text(source, data) == (
        "---\nItem: Coat\nWith:\n  Extra: b of Coat\n  Extra: a of Coat\n---\nItem: Scarf\nWith:\n---\n"
    )


def test_arrays_are_indexed_from_one() -> None:
    data = {"pets": ["Rex", "Tom"], **CART}
    assert text("{{ pets[1] }}, {{ pets[2] }}, {{ basket[1].title }}", data) == "Rex, Tom, Coat"


@pytest.mark.parametrize(
    ("basket", "shown"),
    [
        (CART["basket"], "<table>\n  <tr>Coat, $39.99</tr>\n  <tr>Scarf, $5</tr>\n</table>\n"),
        ([], "<b>Nothing yet</b>\n"),
    ],
)
def test_empty_tells_whether_an_array_has_items(basket: object, shown: str) -> None:
    source = (
        "{{ if not empty(basket) }}\n<table>\n{{ each basket }}\n"
        "  <tr>{{loop_var.title}}, ${{loop_var.cost}}</tr>\n{{ end }}\n</table>\n"
        "{{ else }}\n<b>Nothing yet</b>\n{{ end }}"
    )
    assert html(source, {"basket": basket}) == shown


@pytest.mark.parametrize(
    ("macro", "output"),
    [
        ("opening_single_curly()", "{"),
        ("closing_single_curly()", "}"),
        ("opening_double_curly()", "{{"),
        ("closing_double_curly()", "}}"),
        ("opening_triple_curly()", "{{{"),
        ("closing_triple_curly()", "}}}"),
    ],
)
def test_braces_come_from_macros(macro: str, output: str) -> None:
    assert text("A curly: {{ " + macro + " }}", {}) == f"A curly: {output}"
    assert html("{{{" + macro + "}}}", {}) == output


def test_expressions_in_variables_are_not_executed() -> None:
    data = {"chunk": "Hi {{name}}", "name": "Ann"}
    assert text("{{ chunk }}", data) == "Hi {{name}}"
    assert html("{{{ chunk }}}", data) == "Hi {{name}}"


def test_keys_and_keywords_are_case_sensitive() -> None:
    assert text("{{Name}}{{name}}{{If}}", {"name": "Ann", "If": "!"}) == "Ann!"


@pytest.mark.parametrize("name", ["address", "email", "email_id", "env_from", "return_path"])
def test_reserved_variables_can_be_read(name: str) -> None:
    assert text("{{" + name + "}}", {name: "ann@example.com"}) == "ann@example.com"


def test_single_and_parted_braces_are_text() -> None:
    assert text("a { {name} } } { b", {"name": "Ann"}) == "a { {name} } } { b"
