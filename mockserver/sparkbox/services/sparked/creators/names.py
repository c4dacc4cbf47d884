"""Faker, which makes the names and brands of demo data.

Importing it takes a quarter of a second, and most sandboxes never need a creator. So it is imported with the first
request that may show one, beside the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Aside, StepsAndWaits

if TYPE_CHECKING:
    from faker import Faker

_WITHOUT_CREATORS = ("tokens", "webhooks", "kit_pages", "media")
"""Sections whose operations make no creators."""


@lru_cache(maxsize=1)
def faker() -> Faker:
    """Return the one Faker of this process."""
    from faker import Faker

    return Faker("en_US")


def prepare(ctx: Context, values: Mapping[str, str], body: Any, query: Any) -> StepsAndWaits[None]:
    """Import Faker before an operation or a simulation that may make creators."""
    if not faker.cache_info().currsize and (ctx.operation is None or ctx.operation.section not in _WITHOUT_CREATORS):
        yield _IMPORTING


_IMPORTING = Aside(faker)
