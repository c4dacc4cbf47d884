"""Included content: dynamic content, snippets, and AMP's own templates."""

from __future__ import annotations

import pytest

from sparkbox.services.sparkpost.substitution import TemplateError, compile

OFFERS = {
    "name": "Ann",
    "offers": ["first", "third"],
    "dynamic_html": {
        "first": '<a href="http://shop.test/1?n={{name}}">One</a>',
        "second": '<a href="http://shop.test/2?n={{name}}">Two</a>',
        "third": '<a href="http://shop.test/3?n={{name}}">Three</a>',
    },
}


def render(source: str, snippets: dict[str, str] | None = None, *, html: bool = False, **data: object) -> str:
    return compile(source).render(data, html=html, snippets=None if snippets is None else snippets.get)


def failure(source: str, snippets: dict[str, str] | None = None, **data: object) -> tuple[int, str]:
    with pytest.raises(TemplateError) as caught:
        compile(source).render(data, snippets=None if snippets is None else snippets.get)
    assert caught.value.code == "3001"
    return caught.value.line, caught.value.message


@pytest.mark.parametrize("source", ["{{ render_dynamic_content(%s) }}", "{{{ render_dynamic_content(%s) }}}"])
def test_dynamic_content_is_executed_and_not_escaped(source: str) -> None:
    shown = compile(source % "dynamic_html.chunk").render(
        {"dynamic_html": {"chunk": "<b>{{user}}</b>"}, "user": "<Ann>"}, html=True
    )
    assert shown == "<b>&lt;Ann&gt;</b>"


def test_dynamic_content_is_chosen_in_a_loop() -> None:
    source = "<ul>\n{{each offers}}\n  <li>{{render_dynamic_content(dynamic_html[loop_var])}}</li>\n{{end}}\n</ul>"
    assert compile(source).render(OFFERS, html=True) == (
        '<ul>\n  <li><a href="http://shop.test/1?n=Ann">One</a></li>\n'
        '  <li><a href="http://shop.test/3?n=Ann">Three</a></li>\n</ul>'
    )


@pytest.mark.parametrize("name", ["dynamic_html", "dynamic_amp_html", "dynamic_plain"])
def test_dynamic_content_has_three_homes(name: str) -> None:
    source = "{{render_dynamic_content(" + name + ".chunk)}}"
    assert compile(source).render({name: {"chunk": "Hi {{user}}"}, "user": "Ann"}) == "Hi Ann"


def test_dynamic_content_sees_the_loop_around_it() -> None:
    source = "{{each users}}{{render_dynamic_content(dynamic_plain.line)}}{{end}}"
    assert render(source, users=["a", "b"], dynamic_plain={"line": "{{loop_index}}{{loop_var}} "}) == "1a 2b "


def test_dynamic_content_may_be_an_array_to_loop_over() -> None:
    source = "{{each dynamic_plain.lines}}{{render_dynamic_content(loop_var)}}{{end}}"
    assert render(source, dynamic_plain={"lines": ["{{a}}", "-{{a}}"]}, a=1) == "1-1"


def test_missing_dynamic_content_renders_as_nothing() -> None:
    assert render("[{{render_dynamic_content(dynamic_html.none)}}]", dynamic_html={}) == "[]"


def test_without_dynamic_html_its_members_are_an_error() -> None:
    message = "substitution value 'dynamic_html' did not exist or was null"
    assert failure("\n{{render_dynamic_content(dynamic_html.x)}}") == (2, message)


def test_other_variables_are_no_dynamic_content() -> None:
    message = "'render_dynamic_content' needs a value of dynamic_html, dynamic_amp_html or dynamic_plain"
    assert failure("{{render_dynamic_content(chunk)}}", chunk="{{name}}") == (1, message)


def test_dynamic_content_is_a_string() -> None:
    message = "'render_dynamic_content' needs a string"
    assert failure("{{render_dynamic_content(dynamic_html.x)}}", dynamic_html={"x": {}}) == (1, message)


def test_an_error_in_dynamic_content_is_told_with_both_lines() -> None:
    source = "a\n{{render_dynamic_content(dynamic_html.x)}}"
    assert failure(source, dynamic_html={"x": "b\nc\n{{if}}"}) == (
        2,
        "dynamic content: line 3: syntax error near '}}'",
    )


def test_dynamic_content_that_contains_itself_is_stopped() -> None:
    source = "{{render_dynamic_content(dynamic_html.x)}}"
    assert failure(source, dynamic_html={"x": source}) == (1, "dynamic content: line 1: nested too deeply")


def test_nesting_is_bounded_across_all_that_is_included() -> None:
    chain = {f"l{at}": f"{{{{none or render_dynamic_content(dynamic_html.l{at + 1})}}}}" for at in range(60)}
    brackets = {"l47": "{{" + "(" * 50 + "a" + ")" * 50 + "}}"}
    source = "{{render_dynamic_content(dynamic_html.l0)}}"
    assert failure(source, dynamic_html=chain) == (1, "dynamic content: line 1: nested too deeply")
    assert failure(source, dynamic_html={**chain, **brackets}) == (1, "dynamic content: line 1: nested too deeply")
    assert render(source, dynamic_html={**chain, "l40": "deep"}) == "deep"


def test_dynamic_content_that_doubles_itself_is_stopped() -> None:
    twice = "{{render_dynamic_content(dynamic_html.l%d)}}" * 2
    levels = {f"l{level}": twice % (level + 1, level + 1) for level in range(40)}
    line, message = failure("{{render_dynamic_content(dynamic_html.l0)}}", dynamic_html={**levels, "l40": ""})
    assert (line, message) == (1, "dynamic content: line 1: too many iterations")


def test_dynamic_content_within_an_expression_is_not_escaped_either() -> None:
    source = "{{missing or render_dynamic_content(dynamic_html.x)}}!"
    assert render(source, html=True, dynamic_html={"x": "<b>{{a}}</b>"}, a="&") == "<b>&amp;</b>!"


def test_a_snippet_is_imported_by_its_id() -> None:
    source = '<html>\n<p>Body</p>\n{{ render_snippet( "footer" ) }}\n</html>'
    snippets = {"footer": "<footer><p>Bye {{name}}</p></footer>"}
    assert render(source, snippets, html=True, name="<Ann>") == (
        "<html>\n<p>Body</p>\n<footer><p>Bye &lt;Ann&gt;</p></footer>\n</html>"
    )


@pytest.mark.parametrize(("chosen", "shown"), [("a", "Banner A"), ("b", "Banner B")])
def test_the_id_of_a_snippet_may_come_from_the_data(chosen: str, shown: str) -> None:
    assert render("{{ render_snippet( banner ) }}", {"a": "Banner A", "b": "Banner B"}, banner=chosen) == shown


@pytest.mark.parametrize("snippets", [None, {}, {"other": "x"}])
def test_a_snippet_that_does_not_exist_is_an_error(snippets: dict[str, str] | None) -> None:
    assert failure("\n{{render_snippet('footer')}}", snippets) == (2, "snippet 'footer' does not exist")


def test_a_snippet_without_an_id_is_an_error() -> None:
    assert failure("{{render_snippet(missing)}}", {"None": "x"}) == (1, "snippet '' does not exist")


def test_a_template_may_use_five_snippets() -> None:
    assert render("{{render_snippet('a')}}" * 5, {"a": "x"}) == "xxxxx"
    message = "'render_snippet' may be used at most 5 times"
    assert failure("{{render_snippet('a')}}" * 5 + "\n{{render_snippet('a')}}", {"a": "x"}) == (2, message)


@pytest.mark.parametrize(
    ("snippet", "macro"),
    [
        ("{{render_snippet('b')}}", "render_snippet"),
        ("{{render_dynamic_content(dynamic_html.x)}}", "render_dynamic_content"),
    ],
)
def test_a_snippet_includes_nothing_else(snippet: str, macro: str) -> None:
    line, message = failure("{{render_snippet('a')}}", {"a": snippet, "b": "x"}, dynamic_html={"x": "y"})
    assert (line, message) == (1, f"snippet 'a': line 1: '{macro}' is not allowed in a snippet")


def test_dynamic_content_may_use_a_snippet() -> None:
    source = "{{render_dynamic_content(dynamic_plain.x)}}{{render_snippet('a')}}"
    assert render(source, {"a": "[{{n}}]"}, dynamic_plain={"x": "{{render_snippet('a')}}-"}, n=1) == "[1]-[1]"


def test_a_template_knows_the_macros_that_it_calls() -> None:
    source = "{{if not empty(a)}}{{render_snippet('x')}}{{end}}{{b}}"
    assert compile(source).macros == {"empty", "render_snippet"}
    assert compile("none").macros == frozenset()


def test_amp_mustache_expressions_are_left_to_the_mail_client() -> None:
    source = (
        '<p>{{name}}</p>\n<template type="amp-mustache">\nFor {{sparkpost_name}}:\n{{#items}}\n'
        "<b>{{name}} {{{price}}}</b>\n{{/items}}\n{{^items}}none{{/items}}\n</template>\n<p>{{name}}</p>"
    )
    assert render(source, html=True, name="Ann", sparkpost_name="Bob") == (
        '<p>Ann</p>\n<template type="amp-mustache">\nFor Bob:\n{{#items}}\n'
        "<b>{{name}} {{{price}}}</b>\n{{/items}}\n{{^items}}none{{/items}}\n</template>\n<p>Ann</p>"
    )


def test_within_amp_mustache_what_is_meant_for_the_service_still_is() -> None:
    source = (
        "<script type=text/plain template=amp-mustache>{{each sparkpost_items}}{{loop_var}}{{name}}{{end}}"
        "{{if sparkpost_x}}x{{else}}y{{end}}{{ opening_double_curly() }}</script>"
    )
    assert render(source, sparkpost_items=[1, 2], name="Ann") == (
        "<script type=text/plain template=amp-mustache>1{{name}}2{{name}}y{{</script>"
    )


def test_lines_are_counted_across_amp_mustache() -> None:
    source = "<template type='amp-mustache'>\n{{a}}\n{{b}}</template>\n{{c d}}"
    with pytest.raises(TemplateError, match="line 4: syntax error near 'd'"):
        compile(source)


def test_an_amp_mustache_template_that_is_not_closed_lasts_to_the_end() -> None:
    source = '{{name}}<template type="amp-mustache">{{name}}\n{{name}}'
    assert render(source, name="Ann") == 'Ann<template type="amp-mustache">{{name}}\n{{name}}'


@pytest.mark.parametrize("text", ["amp-mustache {{name}}", "<div amp-mustache>{{name}}</div>"])
def test_elsewhere_the_word_amp_mustache_means_nothing(text: str) -> None:
    assert render(text, name="Ann") == text.replace("{{name}}", "Ann")
