"""How values are written out, looked into, compared and calculated with. What the document leaves open follows Lua."""

from __future__ import annotations

from collections import ChainMap
from types import MappingProxyType

import pytest

from sparkbox.services.sparkpost.substitution import TemplateError, compile


def value(expression: str, **data: object) -> str:
    return compile("{{" + expression + "}}").render(data)


def failure(expression: str, **data: object) -> str:
    with pytest.raises(TemplateError) as caught:
        value(expression, **data)
    assert (caught.value.code, caught.value.line) == ("3001", 1)
    return caught.value.message


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("text", "text"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (5.0, "5"),
        (39.99, "39.99"),
        (-0.5, "-0.5"),
        (2**53, "9007199254740992"),
        (1e15, "1000000000000000"),
        (1e20, "1e+20"),
        (0.1 + 0.2, "0.3"),
        (10**400, "inf"),
        (["é", 1, None, 2**70], '["é",1,null,1180591620717411303424]'),
        ({"a": {"b": True}}, '{"a":{"b":true}}'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
    ],
)
def test_values_are_written_out(given: object, written: str) -> None:
    assert value("it", it=given) == written
    assert value("it.it", it={"it": given}) == written


def test_the_json_of_an_array_is_escaped_in_html() -> None:
    assert compile("{{it}}").render({"it": ["<"]}, html=True) == "[&quot;&lt;&quot;]"


@pytest.mark.parametrize("unwritable", [[object()], {"a": 10**5000}])
def test_what_json_cannot_say_is_refused_when_written_out(unwritable: object) -> None:
    assert failure("it", it=unwritable) == "a value cannot be rendered as text"


def test_a_value_nested_beyond_reason_is_refused_when_written_out() -> None:
    deep: object = 1
    for _ in range(100_000):  # how deep is too deep differs between versions of Python
        deep = [deep]
    assert failure("it", it=deep) == "a value cannot be rendered as text"


@pytest.mark.parametrize("path", ["it.b", "it['b']", "it[1]", "it[key]", "it.a.b", "it.list[0]", "it.list[3]"])
def test_what_is_not_there_renders_as_nothing(path: str) -> None:
    assert value(path, it={"a": "text", "list": ["x", "y"]}, key=None) == ""


@pytest.mark.parametrize("key", ["'1'", "true", "1.5", "-1", "it"])
def test_an_array_has_no_items_but_those_with_a_whole_number(key: str) -> None:
    assert value(f"it[{key}]", it=["a"]) == ""


def test_an_index_may_be_calculated() -> None:
    assert value("it[#it]", it=["a", "b"]) == "b"
    assert value("it[n + 1].x", it=[0, {"x": "y"}], n=1) == "y"


def test_any_mapping_will_do_for_data() -> None:
    data: ChainMap[str, object] = ChainMap({"a": "first"}, {"a": "second", "b": MappingProxyType({"c": "deep"})})
    assert compile("{{a}} {{b.c}}").render(data) == "first deep"


def test_a_member_of_a_missing_object_is_an_error() -> None:
    assert failure("home.street") == "substitution value 'home' did not exist or was null"
    assert failure("a.b.c", a={"b": None}) == "substitution value 'a.b' did not exist or was null"
    assert failure("a[1].c", a=[]).startswith("substitution value 'a[")


@pytest.mark.parametrize("expression", ["it - 1", "1 + it", "-it", "#it", "it < 1", "1 >= it"])
def test_null_is_no_operand(expression: str) -> None:
    assert failure(expression) == "substitution value 'it' did not exist or was null"


def test_null_that_has_no_name_is_no_operand_either() -> None:
    assert failure("nil + 1") == "attempt to perform arithmetic on a null value"
    assert failure("(a or b) < 1") == "attempt to compare null with number"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2 * -3", "-6"),
        ("12 / 4 / 3", "1"),
        ("1 / 3", "0.33333333333333"),
        ("1 / 0", "inf"),
        ("-1 / 0", "-inf"),
        ("0 / 0", "nan"),
        (".5 + 1e1 + 2.", "12.5"),
        ("'15' - 5", "10"),
        ("'5' + 1", "6"),
        ("' 1.5 ' * 2", "3"),
        ("#'four'", "4"),
        ("#it", "0"),
    ],
)
def test_arithmetic(expression: str, result: str) -> None:
    assert value(expression, it={"a": 1}) == result


@pytest.mark.parametrize(
    ("operand", "kind"),
    [
        ("abc", "string"),
        ("a1", "string"),
        ("1.2.3", "string"),
        ("", "string"),
        ("1_0", "string"),
        ("inf", "string"),
        (True, "boolean"),
        ([], "table"),
    ],
)
def test_what_spells_no_number_is_no_operand(operand: object, kind: str) -> None:
    assert failure("it * 2", it=operand) == f"attempt to perform arithmetic on a {kind} value"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 == 1.0", "true"),
        ("1 == '1'", "false"),
        ("one == yes", "false"),
        ("yes == true", "true"),
        ("list == list", "true"),
        ("list == same", "false"),
        ("missing == nil", "true"),
        ("missing != 'x'", "true"),
        ("'a' < 'b'", "true"),
        ("'B' < 'a'", "true"),
        ("1 < 2 == true", "true"),
        ("not 1 == 2", "false"),
        ("1 + 1 == 2 and 'both'", "both"),
        ("yes and 0 or 1", "0"),
        ("missing and 1 or 2", "2"),
        ("missing and 1", ""),
        ("missing or false", "false"),
    ],
)
def test_comparison_and_logic(expression: str, result: str) -> None:
    assert value(expression, one=1, yes=True, list=[1], same=[1]) == result


@pytest.mark.parametrize(
    ("left", "right", "kinds"),
    [(1, "1", "number with string"), ([], [], "table with table"), (True, 1, "boolean with number")],
)
def test_only_numbers_and_strings_have_an_order(left: object, right: object, kinds: str) -> None:
    assert failure("left < right", left=left, right=right) == f"attempt to compare {kinds}"


def test_or_and_and_look_no_further_than_they_must() -> None:
    assert value("a or missing.member", a=1) == "1"
    assert value("missing and missing.member") == ""


@pytest.mark.parametrize(
    ("literal", "result"),
    [("'it'", "it"), (r"'it\'s'", "it's"), (r'"a \"b\""', 'a "b"'), (r"'a\nb\t\\'", "a\nb\t\\"), ("''", "")],
)
def test_strings_take_both_quotes_and_escapes(literal: str, result: str) -> None:
    assert value("missing or " + literal) == result


def test_a_long_chain_of_operators_is_evaluated() -> None:
    assert value("+".join(["1"] * 500)) == "500"
    assert value(" or ".join(["missing"] * 499) + " or 'last'") == "last"


def test_expression_with_too_many_operators_is_refused() -> None:
    with pytest.raises(TemplateError, match="syntax error near"):
        value("+".join(["1"] * 501))
