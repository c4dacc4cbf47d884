"""The records of templates, and how to find them. https://developers.sparkpost.com/api/templates/"""

from __future__ import annotations

from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace


class Template(Record, frozen=True, gc=False):
    """A template; ``draft`` and ``published`` are packed content, or empty."""

    id: str
    name: str
    description: str
    draft: bytes
    published: bytes
    options: bytes
    shared: bool
    subaccount: int
    updated: float
    version: int = 1
    """The number of its content's changes, from 1."""
    used: float | None = None


SANDBOX_ID = "my-first-email"
SANDBOX_TEMPLATE = Template(
    SANDBOX_ID,
    "My First Email",
    "The one template that the sandbox domain sends",
    b"",
    dumps(
        {
            "from": {"email": "support@sparkpostbox.com", "name": "SparkPost Sandbox"},
            "subject": "My first email",
            "html": "<p>Congratulations, {{address.name or 'friend'}}: your first email has arrived.</p>",
            "text": "Congratulations, {{address.name or 'friend'}}: your first email has arrived.",
        }
    ),
    b"{}",
    True,
    0,
    1_400_000_000.0,
)
"""Every account can read and send this one. https://developers.sparkpost.com/api/transmissions/"""


def find(ctx: Context, id: str, owner: int) -> Template | None:
    """Return a template that a subaccount can use: its own, or one that the main account shares."""
    template = ctx.store[Template, owner].get(id)
    if template is None and owner:
        template = ctx.store[Template, 0].get(id)
        if template is not None and not template.shared:
            template = None
    return SANDBOX_TEMPLATE if template is None and id == SANDBOX_ID else template


def mark_used(ctx: Context, template: Template) -> None:
    """Note, to the second, that a template is used now."""
    if template is not SANDBOX_TEMPLATE and not (template.used is not None and 0 <= ctx.now - template.used < 1):
        ctx.store[Template, template.subaccount].put(replace(template, used=ctx.now))
