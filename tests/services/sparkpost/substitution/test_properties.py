"""Properties of the template language for any input."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost.substitution import TemplateError, compile

NAMES = st.sampled_from(["a", "b", "c", "name", "loop_var"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
DATA = st.dictionaries(NAMES, JSON, max_size=5)
FRAGMENTS = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{{{",
            "}}}",
            "{",
            "}",
            "{{ if a }}",
            "{{if",
            "{{elseif b}}",
            "{{else}}",
            "{{end}}",
            "{{each a}}",
        ),
        *("{{a}}", "{{{ b.c }}}", "{{a[1]}}", "{{loop_var.a}}", "{{loop_vars.a}}", "{{#a}}", "{{a or 'b'}}", "{{a+1}}"),
        *("{{render_dynamic_content(dynamic_html.a)}}", "{{render_snippet('a')}}", "{{empty(a)}}", "{{-a*b/c}}"),
        *("{{opening_double_curly()}}", "if ", "each ", "then", "end", "not ", "and ", "or ", "a", "b.", "1", "'", '"'),
        *("(", ")", "[", "]", "==", "<", ">", "+", "-", "#", ",", ".", " ", "\n", "\r\n", "\t", "é", "text"),
        *("http://x/", "?q=", '<a href="', '">', "[[data-msys-clicktrack='0']]", '<template type="amp-mustache">'),
        *("</template>", "sparkpost"),
    ]
)
SOURCES = st.lists(FRAGMENTS, max_size=25).map("".join)
PATHS = st.lists(NAMES | st.integers(-1, 4), min_size=1, max_size=4)


@given(st.text().filter(lambda text: "{{" not in text), DATA, st.booleans())
@settings(max_examples=100)
def test_text_without_double_braces_is_unchanged(text: str, data: dict[str, Any], as_html: bool) -> None:
    assert compile(text).render(data, html=as_html) == text


@given(st.text().filter(lambda text: "{" not in text and "}" not in text), st.text())
@settings(max_examples=100)
def test_text_around_a_variable_is_unchanged(text: str, value: str) -> None:
    assert compile(f"{text}\n{{{{{{a}}}}}}\n{text}").render({"a": value}, html=True) == f"{text}\n{value}\n{text}"


@given(st.text(alphabet=st.sampled_from("<>&\"'/;#ax é\n")) | st.text())
@settings(max_examples=200)
def test_double_braces_escape_html_and_triple_braces_do_not(value: str) -> None:
    escaped = compile("{{a}}").render({"a": value}, html=True)
    assert not set("<>\"'/") & set(re.sub(r"&(amp|lt|gt|quot|#39|#x2F);", "", escaped))
    assert "&" not in re.sub(r"&(amp|lt|gt|quot|#39|#x2F);", "", escaped)
    assert html.unescape(escaped) == html.unescape(html.escape(value))
    assert compile("{{{a}}}").render({"a": value}, html=True) == value
    assert compile("{{a}}").render({"a": value}) == value


@given(st.text())
@settings(max_examples=100)
def test_a_value_in_a_link_is_encoded_so_that_it_can_be_decoded(value: str) -> None:
    rendered = compile("http://a.test/?q={{a}}").render({"a": value}, html=True)
    encoded = rendered.removeprefix("http://a.test/?q=")
    assert re.fullmatch(r"(?:[A-Za-z0-9_.~-]|%[0-9A-F]{2})*", encoded)
    assert unquote(encoded) == value


def outcome(source: str, data: dict[str, Any], *, as_html: bool, tracked: bool) -> str | TemplateError:
    track = (lambda link: link.url) if tracked else None
    try:
        data = {"dynamic_html": {"a": "<{{b}}>"}, **data}
        return compile(source).render(data, html=as_html, snippets={"a": "{{b}}"}.get, track=track)
    except TemplateError as error:
        return error


@given(SOURCES, DATA, st.booleans(), st.booleans())
@settings(max_examples=600)
def test_any_source_renders_or_is_refused_with_a_line(
    source: str, data: dict[str, Any], as_html: bool, tracked: bool
) -> None:
    result = outcome(source, data, as_html=as_html, tracked=tracked)
    if isinstance(result, TemplateError):
        assert result.code in ("3000", "3001")
        assert 1 <= result.line <= source.count("\n") + 1
        assert result.message


@given(SOURCES, DATA, st.booleans())
@settings(max_examples=200)
def test_rendering_again_gives_the_same(source: str, data: dict[str, Any], as_html: bool) -> None:
    first = outcome(source, data, as_html=as_html, tracked=False)
    second = outcome(source, data, as_html=as_html, tracked=False)
    assert str(first) == str(second)
    assert type(first) is type(second)


@given(SOURCES)
@settings(max_examples=200)
def test_tracking_that_changes_no_link_changes_nothing_but_attributes(source: str) -> None:
    source = source.replace("data-msys-", "")
    data = {"a": [1, {"c": 2}], "b": {"c": "x"}, "c": 3}
    plain = outcome(source, data, as_html=True, tracked=False)
    assert str(outcome(source, data, as_html=True, tracked=True)) == str(plain)


@given(DATA, PATHS)
@settings(max_examples=300)
def test_paths_find_what_a_plain_walk_through_the_data_finds(data: dict[str, Any], path: list[str | int]) -> None:
    path = ["a", *path]
    source = "{{" + "a" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:]) + "}}"
    found: Any = data
    for at, step in enumerate(path):
        if found is None:
            with pytest.raises(TemplateError, match="did not exist or was null"):
                compile(source).render(data)
            assert at > 0
            return
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 < step <= len(found):
            found = found[step - 1]
        else:
            found = None
    assert compile(source).render(data) == compile("{{it}}").render({"it": found})


@given(st.lists(JSON, max_size=6))
@settings(max_examples=100)
def test_a_loop_renders_each_item_as_it_would_render_alone(items: list[Any]) -> None:
    rendered = compile("{{each items}}{{loop_index}}={{loop_var}};{{end}}").render({"items": items}, html=True)
    alone = [compile("{{it}}").render({"it": item}, html=True) for item in items]
    assert rendered == "".join(f"{index}={text};" for index, text in enumerate(alone, 1))


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
@settings(max_examples=100)
def test_whole_numbers_are_calculated_and_compared_as_usual(a: int, b: int) -> None:
    source = "{{a + b}} {{a - b}} {{a * b}} {{a < b}} {{a <= b}} {{a == b}} {{a != b}} {{a >= b}} {{a > b}}"
    results = [a + b, a - b, a * b, *(str(held).lower() for held in (a < b, a <= b, a == b, a != b, a >= b, a > b))]
    assert compile(source).render({"a": a, "b": b}) == " ".join(map(str, results))
