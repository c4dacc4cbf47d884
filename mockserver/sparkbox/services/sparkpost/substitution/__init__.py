"""SparkPost's template language, without any I/O: `compile(source)` once, `render(data)` for every recipient.

It is documented at https://developers.sparkpost.com/api/template-language/. Where the page is silent, it follows Lua
5.1, which the vendor's language resembles (keywords, arrays from 1, `#`, defaults with `or`); such code is marked
`assumed`. Not in this package: the precedence of data sources, MIME and the encoding of headers.
"""

from __future__ import annotations

from .errors import TemplateError
from .links import Link, Plan, Spans, plan
from .recent import Recent
from .render import allowance
from .template import AT_ONCE, Template, compile, compile_in_steps

__all__ = [
    "AT_ONCE", "Link", "Plan", "Recent", "Spans", "Template", "TemplateError", "allowance", "compile",
    "compile_in_steps", "plan",
]  # fmt: skip
