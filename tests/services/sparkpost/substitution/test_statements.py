"""Statements beyond the documented examples: white space, scopes of loops, nesting."""

from __future__ import annotations

import pytest

from sparkbox.services.sparkpost.substitution import compile


def text(source: str, **data: object) -> str:
    return compile(source).render(data)


def test_white_space_behind_a_statement_on_its_own_line_is_not_rendered() -> None:
    assert text("a\n{{if yes}} \t\nb\n{{end}}  \nc", yes=True) == "a\nb\nc"


def test_crlf_ends_a_line_as_lf_does() -> None:
    assert text("a\r\n{{if yes}}\r\nb\r\n{{end}}\r\nc", yes=True) == "a\r\nb\r\nc"
    assert text("{{if yes}}\r\nb\r\n{{end}}, c", yes=True) == "b, c"


def test_the_indentation_before_a_statement_is_rendered() -> None:
    assert text("<ul>\n  {{each names}}\n  <li>{{loop_var}}\n  {{end}}\n</ul>", names=["a"]) == (
        "<ul>\n    <li>a\n  </ul>"
    )


def test_indented_statements_on_lines_of_their_own_may_follow_each_other() -> None:
    assert text("{{if yes}}\n  {{if yes}}\n  {{if yes}}\nb\n  {{end}}\n  {{end}}\n{{end}}\nc", yes=1) == "    b\n    c"


def test_statements_that_share_a_line_with_text_keep_its_white_space_and_break() -> None:
    assert text("Dear {{if yes}} Ann {{end}} !\nBye", yes=True) == "Dear  Ann  !\nBye"
    assert text("Dear {{if yes}}\nAnn{{end}}\nBye", yes=True) == "Dear \nAnn\nBye"
    assert text("  {{if yes}} Ann\nBob{{end}}", yes=True) == "   Ann\nBob"
    assert text("{{yes}}{{if yes}}\nAnn\n{{end}}", yes=1) == "1\nAnn\n"


def test_a_line_of_several_statements_renders_no_blank_line() -> None:
    assert text("a\n{{if yes}} {{if yes}}\nb\n{{end}}{{end}}\nc", yes=True) == "a\nb\nc"


def test_a_variable_on_its_own_line_keeps_the_line() -> None:
    assert text("a\n{{missing}}\nb") == "a\n\nb"


def test_a_statement_at_the_very_end_leaves_nothing() -> None:
    assert text("a\n{{if yes}}\nb\n{{end}}   ", yes=True) == "a\nb\n"


def test_text_behind_the_end_of_a_loop_continues_its_last_line_only() -> None:
    assert text("{{each names}}\n{{loop_var}}\n{{end}}, the end", names=["a", "b"]) == "a\nb, the end"


def test_text_behind_end_joins_whichever_branch_was_rendered() -> None:
    source = "x\n{{if a}}\nA\n{{elseif b}}\nB\n{{end}}, y"
    assert text(source, a=True) == "x\nA, y"
    assert text(source, b=True) == "x\nB, y"


def test_text_behind_end_leaves_the_line_before_an_unrendered_block_alone() -> None:
    assert text("x\n{{if a}}\nA\n{{end}}, y") == "x\n, y"


def test_an_indented_end_with_text_behind_it_joins_the_line_too() -> None:
    assert text("{{if a}}\nA\n  {{end}}, y", a=True) == "A, y"


def test_loop_var_belongs_to_the_innermost_loop_and_returns_after_it() -> None:
    source = "{{each rows}}{{each loop_var.cells}}{{loop_var}}{{end}}{{loop_var.name}}{{loop_index}} {{end}}"
    rows = [{"name": "r", "cells": [1, 2]}, {"name": "s", "cells": []}]
    assert text(source, rows=rows) == "12r1 s2 "


def test_loops_over_arrays_of_one_name_shadow_each_other() -> None:
    source = "{{each a.list}}{{each b.list}}{{loop_vars.list}}{{end}}{{loop_vars.list}} {{end}}"
    assert text(source, a={"list": [1, 2]}, b={"list": [8, 9]}) == "891 892 "


@pytest.mark.parametrize("array", ["data['list']", "(data.list)", "data.list"])
def test_a_loop_is_named_after_the_last_name_of_its_path(array: str) -> None:
    assert text("{{each " + array + "}}{{loop_vars.list}}{{end}}", data={"list": [1, 2]}) == "12"


def test_the_variables_of_a_loop_end_with_it() -> None:
    source = "{{each names}}{{end}}[{{loop_var}}{{loop_index}}]"
    assert text(source, names=["a"]) == "[]"
    assert text(source, names=["a"], loop_var="mine") == "[mine]"


def test_null_items_are_iterated_too() -> None:
    assert text("{{each names}}{{loop_index}}{{loop_var or '-'}} {{end}}", names=["a", None]) == "1a 2- "


def test_an_array_may_come_from_a_default() -> None:
    assert text("{{each mine or yours}}{{loop_var}}{{end}}", yours=[1, 2]) == "12"


def test_an_object_is_not_iterated() -> None:
    assert text("[{{each thing}}{{loop_var}}{{end}}]", thing={"a": 1}) == "[]"


def test_a_name_that_begins_with_a_keyword_is_a_variable() -> None:
    assert text("{{end_date}} {{iffy}} {{each_one}}", end_date="May", iffy="x", each_one="y") == "May x y"


@pytest.mark.parametrize("value", [0, "", [], {}, "false"])
def test_only_null_and_false_do_not_hold(value: object) -> None:
    assert text("{{if it}}yes{{else}}no{{end}}", it=value) == "yes"


def test_statements_may_span_lines() -> None:
    assert text("{{if\n  a\n  and b\n}}yes{{end}}", a=1, b=1) == "yes"


def test_blocks_nest_fifty_deep() -> None:
    assert text("{{if a}}" * 50 + "x" + "{{end}}" * 50, a=True) == "x"
