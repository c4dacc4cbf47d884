"""SparkPost's template language, without any I/O: `compile(source)` once, `render(data)` for every recipient.

Documented at https://developers.sparkpost.com/api/template-language/ . What the page leaves open follows Lua 5.1, which
shows through the vendor's language (its keywords, arrays that begin at 1, `#`, the default with `or`), and is marked
`assumed` beside the code. Not in here: the precedence of the sources of data, MIME and the encoding of headers.
"""

from __future__ import annotations

from .errors import TemplateError
from .links import Link, Plan, Spans, plan
from .render import allowance
from .template import AT_ONCE, Template, compile, compile_in_steps

__all__ = [
    "AT_ONCE", "Link", "Plan", "Spans", "Template", "TemplateError", "allowance", "compile", "compile_in_steps", "plan",
]  # fmt: skip
