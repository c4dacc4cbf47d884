"""Templates: compiled once for each source, rendered for each recipient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from weakref import WeakValueDictionary

from sparkbox.core.state.steps import Steps, complete

from .build import Builder
from .errors import TemplateError, syntax_error
from .links import Edge, Link, Spans, spans_of, track_links
from .nodes import Output
from .parser import Document, parse, parse_in_steps
from .recent import Recent
from .render import WORK_A_STEP, Body, Scope, Snippets, allowance, run, run_flat

MAX_TAGS = 20_000
"""assumed: the vendor names no limit."""
_CACHED = 256
_CACHED_BYTES = 16 * 1024 * 1024
AT_ONCE = 2000
"""Characters in tags that are compiled in one step."""
_TAGS_AT_ONCE = 200
_LONGEST_CACHED = 64 * 1024
_NO_MACROS: frozenset[str] = frozenset()
_ready: WeakValueDictionary[str, Template | TemplateError] = WeakValueDictionary()


class Template:
    """A compiled source, to be rendered any number of times. Without tags, it is parsed only to track its links."""

    __slots__ = ("__weakref__", "_bodies", "_document", "_source")

    def __init__(self, source: str, document: Document | None) -> None:
        self._source = source
        self._document = document
        self._bodies: dict[tuple[bool, bool], Body] | None = None

    @property
    def macros(self) -> frozenset[str]:
        """Return the macros that the source calls. A snippet may not call the `render_` ones."""
        return self._document.macros if self._document is not None else _NO_MACROS

    def render(
        self,
        data: Mapping[str, object],
        *,
        html: bool = False,
        snippets: Snippets | None = None,
        track: Callable[[Link], str] | None = None,
    ) -> str:
        """Render the text with `data`, in which null is the same as absent.

        `html` escapes the values in double braces. `snippets` returns the content of a snippet, None for an unknown id.
        `track` returns the address that replaces a link of the source; attributes such as `data-msys-clicktrack="0"`
        and `[[data-msys-sublink="…"]]` are then removed, and otherwise stay.

        Raises TemplateError with code 3001 and the line if it cannot be rendered.
        """
        return complete(self.rendered(data, html=html, snippets=snippets, track=track))

    def rendered(
        self,
        data: Mapping[str, object],
        *,
        html: bool = False,
        snippets: Snippets | None = None,
        track: Callable[[Link], str] | None = None,
    ) -> Steps[str]:
        """:meth:`render` in steps."""
        if self._document is None and track is None:
            return self._source
        scope = yield from self._run(data, html, track is not None, snippets)
        if track is None:
            return "".join(scope.pieces)
        return track_links(scope.pieces, scope.edges, html, track)

    def spell(self, data: Mapping[str, object], *, html: bool = False) -> Steps[tuple[str, Spans]]:
        """Render the text in steps; return it with the links of the source."""
        scope = yield from self._run(data, html, True, None)
        return "".join(scope.pieces), spans_of(scope.pieces, scope.edges)

    def _run(self, data: Mapping[str, object], html: bool, tracked: bool, snippets: Snippets | None) -> Steps[Scope]:
        granted = allowance.left()
        scope = Scope(data, html, tracked, snippets, compile, data.get, granted, granted - WORK_A_STEP)
        body = self.body(html, tracked)
        try:
            if body.flat:
                run_flat(body, scope)
            else:
                yield from run(body, scope)
        finally:
            allowance.done += granted - scope.steps
        return scope

    def body(self, html: bool, tracked: bool) -> Body:
        """Return the body for one way of rendering, built on first use."""
        bodies = self._bodies
        if bodies is None:
            bodies = self._bodies = {}
        body = bodies.get((html, tracked))
        if body is None:
            body = bodies[html, tracked] = complete(Builder(html, tracked).body(self._parsed().block))
        return body

    def prepare(self, html: bool, tracked: bool) -> Steps[None]:
        """Build the body for one way of rendering in steps."""
        body = yield from Builder(html, tracked).body(self._parsed().block)
        self._bodies = (self._bodies or {}) | {(html, tracked): body}

    @property
    def variables(self) -> tuple[str, ...] | None:
        """Return the variables that are written; ``None`` if the source does more than that."""
        names = []
        for node in self._parsed().block.nodes:
            if isinstance(node, Output) and len(node.expression.keys) == 1:
                names.append(node.expression.keys[0])
            elif not isinstance(node, str | Edge):
                return None
        return tuple(names)

    @property
    def depth(self) -> int:
        """Return the nesting depth of the source."""
        return self._parsed().depth

    @property
    def weight(self) -> int:
        """Return the work of one rendering, without loops."""
        return self._parsed().block.weight

    def _parsed(self) -> Document:
        if self._document is None:
            self._document = parse(self._source)
        return self._document


def compile(source: str) -> Template:
    """Return the template of a source; it is cached up to 64 kB and 8,000 tags.

    Raises TemplateError with code 3000 and the line if the source does not follow the language.
    """
    if "{{" not in source:
        return Template(source, None)
    if source.count("{{") > MAX_TAGS:
        raise syntax_error(1, f"more than {MAX_TAGS} tags")
    known = _ready.get(source) if len(source) > AT_ONCE and _ready else None
    if isinstance(known, TemplateError):
        raise known
    if known is not None:
        return known
    found = _recent.get(source)
    if found is None:
        found = Template(source, parse(source))
        if len(source) <= _LONGEST_CACHED:
            _recent.keep(source, found, source.count("{{"))
    return found


def compile_in_steps(source: str, *, html: bool, tracked: bool) -> Steps[object]:
    """Compile a source with large tags for one way of rendering; leave other sources alone.

    While the returned object exists, :func:`compile` has the template, or the error, at once.
    """
    if len(source) <= AT_ONCE or not _is_heavy(source):
        return None
    known: Template | TemplateError
    try:
        known = Template(source, (yield from parse_in_steps(source)))
    except TemplateError as error:
        known = error
    else:
        yield from known.prepare(html, tracked)
    _ready[source] = known
    return known


def _is_heavy(source: str) -> bool:
    tags = source.count("{{")
    if tags > MAX_TAGS:
        return False
    return tags > _TAGS_AT_ONCE or sum(part.find("}}") for part in source.split("{{")[1:]) > AT_ONCE


_recent: Recent[str, Template] = Recent(_CACHED, _CACHED_BYTES, _CACHED_BYTES // 2)
