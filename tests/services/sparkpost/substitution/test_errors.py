"""Errors in the vendor's words, and limits of rendering."""

from __future__ import annotations

import pytest

from sparkbox.core.state.steps import Steps, complete
from sparkbox.services.sparkpost.substitution import Template, TemplateError, allowance, compile

ALL = {"list": list(range(1000)), "yes": True}


def syntax_error(source: str) -> tuple[int, str]:
    with pytest.raises(TemplateError) as caught:
        compile(source)
    assert caught.value.code == "3000"
    return caught.value.line, caught.value.message


def render_error(source: str, **data: object) -> tuple[int, str]:
    with pytest.raises(TemplateError) as caught:
        compile(source).render(data)
    assert caught.value.code == "3001"
    return caught.value.line, caught.value.message


def test_an_error_reads_as_line_and_message() -> None:
    with pytest.raises(TemplateError, match=r"^line 4: syntax error near 'age'$"):
        compile("a\nb\n\n{{if name age}}{{end}}")


@pytest.mark.parametrize(
    ("source", "braces"), [("a {{", "}}"), ("{{name", "}}"), ("{{name}", "}}"), ("{{{name}}", "}}}"), ("{{{{", "}}}")]
)
def test_a_tag_that_is_not_closed(source: str, braces: str) -> None:
    assert syntax_error("first\n" + source) == (2, f"substitution statement missing ending '{braces}'")


@pytest.mark.parametrize(
    ("tag", "near"),
    [
        ("first last", "last"),
        ("", "}}"),
        ("   ", "}}"),
        ("name or", "}}"),
        ("or name", "or"),
        ("name.", "}}"),
        ("name.end", "end"),
        ("name.'a'", "'a'"),
        ("name[1", "}}"),
        ("name[]", "]"),
        ("(name", "}}"),
        ("name)", ")"),
        ("a ~= b", "~="),
        ("a % b", "%"),
        ("a = b", "="),
        ("5x", "x"),
        ("'open", "'open"),
        ("'a'.b", "."),
        ("5[1]", "["),
        ("#", "}}"),
        ("a &gt; b", "&gt;"),
        ("for i", "for"),
        ("local x", "local"),
        ("if", "}}"),
        ("if then", "then"),
        ("if a then then", "then"),
        ("each", "}}"),
        ("each list then", "then"),
        ("IF a", "a"),
        ("a; b", ";"),
        ("empty(a).b", "."),
        ("empty(a", "}}"),
        ("a.empty(b)", "("),
    ],
)
def test_what_is_no_expression_is_named_at_the_word_that_does_not_fit(tag: str, near: str) -> None:
    assert syntax_error("\n{{" + tag + "}}") == (2, f"syntax error near '{near}'")


def test_the_line_is_that_of_the_word_within_a_long_tag() -> None:
    assert syntax_error("a\n{{if a\n and\n\n b c}}")[0] == 5


@pytest.mark.parametrize("keyword", ["end", "else", "elseif a"])
def test_a_statement_without_its_block(keyword: str) -> None:
    assert syntax_error("a\n{{" + keyword + "}}") == (2, f"a lone '{keyword.split()[0]}' was detected")


@pytest.mark.parametrize("second", ["else", "elseif b"])
def test_nothing_but_end_follows_else(second: str) -> None:
    assert syntax_error("{{if a}}{{else}}{{" + second + "}}{{end}}") == (
        1,
        f"a lone '{second.split()[0]}' was detected",
    )


def test_else_does_not_belong_to_a_loop() -> None:
    assert syntax_error("{{each a}}\n{{else}}{{end}}") == (2, "a lone 'else' was detected")


def test_statements_take_no_further_words() -> None:
    assert syntax_error("{{if a}}{{else b}}{{end}}") == (1, "syntax error near 'b'")
    assert syntax_error("{{if a}}{{end if}}") == (1, "syntax error near 'if'")


@pytest.mark.parametrize("statement", ["if", "each"])
def test_a_block_without_end_is_named_where_it_begins(statement: str) -> None:
    source = "{{if a}}{{end}}\n{{" + statement + " a}}\n\n"
    assert syntax_error(source) == (2, f"'{statement}' statement missing 'end'")


def test_an_unknown_macro() -> None:
    assert syntax_error("\n{{shout(name)}}") == (2, "unknown macro 'shout'")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("empty()", "macro 'empty' takes 1 argument"),
        ("empty(a, b)", "macro 'empty' takes 1 argument"),
        ("render_snippet()", "macro 'render_snippet' takes 1 argument"),
        ("opening_single_curly(1)", "macro 'opening_single_curly' takes 0 arguments"),
    ],
)
def test_a_macro_with_a_wrong_number_of_arguments(call: str, message: str) -> None:
    assert syntax_error("{{" + call + "}}") == (1, message)


def test_a_render_error_has_the_line_of_its_tag() -> None:
    source = "a\n{{if yes}}\n\n{{each list}}\n{{loop_var.x.y}}\n{{end}}{{end}}"
    assert render_error(source, yes=1, list=[{}]) == (5, "substitution value 'loop_var.x' did not exist or was null")


@pytest.mark.parametrize("value", ["text", 5, True])
def test_only_arrays_can_be_looped_over(value: object) -> None:
    assert render_error("\n{{each it}}{{end}}", it=value) == (2, "'each' needs an array")


def test_booleans_and_numbers_have_no_length() -> None:
    assert render_error("{{#it}}", it=5) == (1, "attempt to get length of a number value")


@pytest.mark.parametrize(
    "source",
    [
        "{{if a}}" * 51 + "{{end}}" * 51,
        "{{" + "(" * 51 + "a" + ")" * 51 + "}}",
        "{{" + "not " * 51 + "a}}",
        "{{" + "-" * 51 + "a}}",
        "{{a" + ".a" * 51 + "}}",
        "{{" + "a[" * 51 + "a" + "]" * 51 + "}}",
        "{{" + "empty(" * 51 + "a" + ")" * 51 + "}}",
        "{{if a}}" * 30 + "{{" + "(" * 30 + "a" + ")" * 30 + "}}" + "{{end}}" * 30,
    ],
)
def test_nesting_beyond_fifty_levels_is_a_syntax_error(source: str) -> None:
    assert syntax_error(source) == (1, "nested too deeply")


def hundred_kilobytes(unit: str) -> str:
    return unit * (100_000 // len(unit))


@pytest.mark.parametrize("unit", ["{ ", "}}", "[[", "http://", "<template amp-mustache", "amp-mustache>"])
def test_a_hundred_kilobytes_of_text_that_looks_like_more_are_text(unit: str) -> None:
    source = hundred_kilobytes(unit)
    assert compile(source + "{{a}}").render({"a": "x"}, html=True, track=lambda link: link.url) == source + "x"


@pytest.mark.parametrize(
    "unit",
    [
        *("{{", "{", "{{{", "{{a", "{{a.", "{{'", "{{a[", "{{((", "{{not ", "{{a or", "{{a-", "http://{{a"),
        *("{{if a}}", "{{each a}}\n", "{{end}}", " {{end}}", "{{else}}", '{{"}}', "{{if", "<template amp-mustache>{{"),
    ],
)
@pytest.mark.parametrize(("before", "behind"), [("", ""), ("{{", "}}"), ("{{if a}}", "{{end}}")])
def test_a_hundred_kilobytes_of_one_fragment_are_refused(unit: str, before: str, behind: str) -> None:
    source = before + hundred_kilobytes(unit) + behind
    assert 1 <= syntax_error(source)[0] <= source.count("\n") + 1


@pytest.mark.parametrize("unit", ["(", "not ", "-", "#", "a[", "a.", "empty(", "1+(", "a or (a and (a == (a + (a * ("])
def test_a_hundred_kilobytes_of_one_operator_are_refused(unit: str) -> None:
    assert syntax_error("{{" + hundred_kilobytes(unit) + "a}}") == (1, "nested too deeply")


def test_fifty_levels_of_brackets_are_no_syntax_error() -> None:
    assert compile("{{" + "(" * 50 + "7" + ")" * 50 + "}}").render({}) == "7"
    assert compile("{{" + "1 or (1 and (1 == (1 + (1 * (" * 10 + "7" + ")))))" * 10 + "}}").render({}) == "1"


def test_output_is_bounded() -> None:
    source = "\n{{each list}}\n{{big}}\n{{end}}"
    assert render_error(source, list=ALL["list"], big="x" * 50_000) == (
        2,
        "the rendered content is larger than 20000000 characters",
    )


def test_output_of_twenty_million_characters_is_not_too_large() -> None:
    largest = "x" * 20_000_000
    assert compile("{{a}}{{b}}").render({"a": largest}) == largest
    with pytest.raises(TemplateError, match="larger than"):
        compile("{{a}}{{b}}").render({"a": largest, "b": "x"})
    with pytest.raises(TemplateError, match="larger than"):
        compile("{{a}}!").render({"a": largest})


def test_output_is_bounded_for_text_of_the_template_too() -> None:
    line, message = render_error("{{each list}}" + "x" * 60_000 + "{{end}}", **ALL)
    assert (line, message) == (1, "the rendered content is larger than 20000000 characters")


def test_escaped_output_is_bounded() -> None:
    source = "{{a}}" * 400
    assert len(compile(source).render({"a": "<" * 12_000})) == 400 * 12_000
    with pytest.raises(TemplateError, match="line 1: the rendered content is larger than"):
        compile(source).render({"a": "<" * 13_000}, html=True)


def test_loops_that_would_never_end_are_stopped() -> None:
    nested = "{{each list}}" * 5 + "{{end}}" * 5
    assert render_error(nested, **ALL) == (1, "too many iterations")


def test_messages_that_are_rendered_at_the_same_time_have_an_allowance_each() -> None:
    numbers: dict[str, object] = {"list": list(range(400))}
    nested = compile("{{each list}}{{each list}}{{end}}{{end}}")

    def message(parts: int) -> Steps[str]:
        for _ in range(parts):
            yield from nested.rendered(numbers)
        return "done"

    waiting, ended = [allowance.shared(message(1)) for _ in range(3)], []
    while waiting:
        steps = waiting.pop(0)
        try:
            next(steps)
            waiting.append(steps)
        except StopIteration as end:
            ended.append(end.value)
    assert ended == ["done"] * 3
    with pytest.raises(TemplateError, match="too many iterations"):
        complete(allowance.shared(message(3)))


def test_a_template_is_kept_for_the_next_time() -> None:
    assert compile("Dear {{name}}") is compile("Dear {{name}}")


def test_a_long_template_is_not_kept() -> None:
    source = "{{name}}" + "x" * 64 * 1024
    assert compile(source) is not compile(source)


def test_a_source_without_tags_is_its_own_rendering() -> None:
    source = "no tags } here"
    assert compile(source).render({}) is source


def test_one_template_renders_for_many_recipients() -> None:
    template = compile("Dear {{name}}")
    assert isinstance(template, Template)
    assert [template.render({"name": name}) for name in ("Ann", "Bob")] == ["Dear Ann", "Dear Bob"]
