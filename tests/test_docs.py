"""What can be derived is derived, and current."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import HERE, pages


@pytest.mark.parametrize("name", sorted(pages()))
def test_derived_page_is_current(name: str) -> None:
    assert (HERE / name).read_text("utf-8") == pages()[name], "run `make docs`"


def test_every_link_between_pages_leads_somewhere() -> None:
    root = HERE.parent
    missing = []
    for page in [*HERE.rglob("*.md"), *root.glob("*.md")]:
        for part in page.read_text("utf-8").split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target and not (page.parent / Path(target)).exists():
                missing.append(f"{page.name}: {target}")
    assert not missing
