"""Links: values are percent-encoded in them, and click tracking sees them with their attributes."""

from __future__ import annotations

import pytest

from sparkbox.services.sparkpost.substitution import Link, compile


def html(source: str, **data: object) -> str:
    return compile(source).render(data, html=True)


def tracked(source: str, *, as_html: bool = True, **data: object) -> tuple[str, list[Link]]:
    links: list[Link] = []

    def track(link: Link) -> str:
        links.append(link)
        return f"https://track.test/f/{len(links)}?a&b"

    return compile(source).render(data, html=as_html, track=track), links


def test_values_in_a_link_are_percent_encoded() -> None:
    source = '<a href="https://shop.test/deals?user={{user}}&code={{code}}">Go!</a>'
    assert html(source, user="ann", code="Today's Deal!") == (
        '<a href="https://shop.test/deals?user=ann&code=Today%27s%20Deal%21">Go!</a>'
    )


def test_links_in_text_are_encoded_too() -> None:
    source = "See http://shop.test/{{path}}?q={{q}} {{q}}"
    assert compile(source).render({"path": "ABC/XYZ", "q": "é&"}) == "See http://shop.test/ABC%2FXYZ?q=%C3%A9%26 é&"


def test_triple_braces_leave_a_link_alone() -> None:
    source = '<a href="https://{{{host}}}">1</a><a href="http://shop.test/{{{rest}}}">2</a>'
    assert html(source, host="shop.test/groups", rest="groups/join?user=ann") == (
        '<a href="https://shop.test/groups">1</a><a href="http://shop.test/groups/join?user=ann">2</a>'
    )


def test_a_protocol_in_a_variable_begins_no_link() -> None:
    assert html('<a href="{{link}}?q={{q}}">', link="http://a", q="<") == '<a href="http:&#x2F;&#x2F;a?q=&lt;">'


@pytest.mark.parametrize("behind", [" ", "\n", '"', "'", "<b>", ">"])
def test_a_link_ends_at_white_space_quotes_and_angle_brackets(behind: str) -> None:
    assert html("http://a.test/" + behind + "{{q}}", q="<") == "http://a.test/" + behind + "&lt;"


def test_a_statement_ends_a_link() -> None:
    assert html("http://a.test/{{if yes}}{{q}}{{end}}", yes=1, q="<") == "http://a.test/&lt;"


def test_a_link_in_a_block_is_a_link() -> None:
    source = "{{if host}}\nhttps://{{{host}}}/{{q}}\n{{else}}\nhttps://www.shop.test/\n{{end}}"
    assert html(source, host="a.test", q="<") == "https://a.test/%3C\n"
    assert html(source) == "https://www.shop.test/\n"


def test_spaces_in_an_expression_end_a_query_string_and_no_path() -> None:
    assert html("http://a.test/{{ q }}", q="<") == "http://a.test/%3C"
    assert html("http://a.test/?{{ q }}{{q}}", q="<") == "http://a.test/?&lt;&lt;"


def test_numbers_and_nothing_in_a_link() -> None:
    assert html("http://a.test/{{n}}/{{none}}/{{list}}", n=1.5, list=[1]) == "http://a.test/1.5//%5B1%5D"


def test_braces_in_a_link_are_not_encoded() -> None:
    assert html("http://a.test/{{opening_double_curly()}}{{q}}", q="<") == "http://a.test/{{%3C"


def test_untracked_rendering_keeps_the_attributes() -> None:
    source = '<a href="http://a.test/" data-msys-clicktrack="0">x</a> http://a.test[[data-msys-clicktrack="0"]]'
    assert html(source) == source


def test_a_tracked_link_in_html_is_replaced_and_its_attributes_are_taken_out() -> None:
    source = (
        '<p><a data-msys-linkname="banner" class="c" href="http://a.test/?x=1&amp;q={{q}}" data-msys-unsubscribe="1"'
        " data-msys-sublink=\"custom/path\" data-msys-clicktrack='0'>x</a></p>"
    )
    rendered, links = tracked(source, q="a b")
    assert rendered == '<p><a class="c" href="https://track.test/f/1?a&amp;b">x</a></p>'
    url = "http://a.test/?x=1&q=a%20b"
    assert links == [Link(url, "banner", unsubscribe=True, clicktrack=False, sublink="custom/path")]


def test_attributes_may_hold_expressions() -> None:
    rendered, links = tracked('<a href="http://a.test" data-msys-linkname="{{name}}">x</a>', name='"Fish" & Co')
    assert rendered == '<a href="https://track.test/f/1?a&amp;b">x</a>'
    assert links == [Link("http://a.test", '"Fish" & Co')]


def test_a_link_without_a_name_is_a_raw_url() -> None:
    assert tracked("<a href=http://a.test/>x</a>")[1] == [Link("http://a.test/", "Raw URL")]


def test_a_link_name_is_cut_to_63_bytes() -> None:
    _, (link,) = tracked('<a href="http://a.test" data-msys-linkname="{{name}}">x</a>', name="é" * 40)
    assert link.name == "é" * 31


def test_a_link_that_track_leaves_alone_is_rendered_as_it_is_written() -> None:
    source = '<a href="http://a.test/?a=1&b=2&amp;c={{c}}">x</a> <area href="HTTPS://b.test">'
    assert compile(source).render({"c": 3}, html=True, track=lambda link: link.url) == source.replace("{{c}}", "3")


@pytest.mark.parametrize(
    "source",
    [
        '<img src="http://a.test/x.png">',
        "<p>http://a.test</p>",
        '<a href="{{link}}">x</a>',
        '<a title="http://a.test">x</a>',
        'http://a.test > "',
        '<a href="http://a.test"',
    ],
)
def test_in_html_nothing_but_the_href_of_an_anchor_is_tracked(source: str) -> None:
    assert tracked(source, link="http://a.test") == (html(source, link="http://a.test"), [])


def test_each_link_of_a_loop_and_of_included_content_is_tracked() -> None:
    source = "{{each ids}}<a href='http://a.test/{{loop_var}}'>x</a>{{end}}{{render_dynamic_content(dynamic_html.x)}}"
    rendered, links = tracked(source, ids=[1, 2], dynamic_html={"x": '<a href="http://b.test/{{q}}">'}, q="&")
    assert [link.url for link in links] == ["http://a.test/1", "http://a.test/2", "http://b.test/%26"]
    assert rendered.endswith('<a href="https://track.test/f/3?a&amp;b">')


def test_in_text_every_link_is_tracked() -> None:
    rendered, links = tracked("Go to http://a.test/{{id}}, or (https://b.test/).", as_html=False, id=7)
    assert rendered == "Go to https://track.test/f/1?a&b, or (https://track.test/f/2?a&b)."
    assert [link.url for link in links] == ["http://a.test/7", "https://b.test/"]


def test_a_source_without_tags_is_tracked_too() -> None:
    assert tracked("http://a.test", as_html=False) == ("https://track.test/f/1?a&b", [Link("http://a.test")])
    assert compile("plain").render({}, track=lambda link: "") == "plain"


@pytest.mark.parametrize(
    ("attributes", "link"),
    [
        ('[[data-msys-clicktrack="0"]]', Link("http://a.test", clicktrack=False)),
        ('[[data-msys-unsubscribe="1"]]', Link("http://a.test", unsubscribe=True)),
        ('[[data-msys-sublink="{{x}}"]]', Link("http://a.test", sublink="way")),
        ("[[data-msys-clicktrack='0' data-msys-sublink='s']]", Link("http://a.test", clicktrack=False, sublink="s")),
        ('[[data-msys-clicktrack="0"]][[data-msys-sublink="s"]]', Link("http://a.test", clicktrack=False, sublink="s")),
    ],
)
def test_in_text_attributes_stand_in_double_brackets(attributes: str, link: Link) -> None:
    rendered, links = tracked(f"http://a.test{attributes} now", as_html=False, x="way")
    assert (rendered, links) == ("https://track.test/f/1?a&b now", [link])


@pytest.mark.parametrize("brackets", ['[[data-msys-linkname="x"]]', "[[note]]", "[[", '[[data-msys-clicktrack="0"'])
def test_in_text_other_brackets_are_text(brackets: str) -> None:
    assert tracked(f"http://a.test{brackets}", as_html=False) == (
        f"https://track.test/f/1?a&b{brackets}",
        [Link("http://a.test")],
    )
