"""The path of every operation stands whole in its service's source, so that a search for it finds the handler."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sparkbox
from sparkbox import services

FOLDER = Path(sparkbox.__file__).parent / "services"


def literals(service: str) -> set[str]:
    """The texts that stand in a service's source, f-strings and what is put together apart."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (FOLDER / service).rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("service", [info.name for info in services.SERVICES])
def test_path_of_every_operation_stands_whole_in_the_source(service: str) -> None:
    operations = services.load(service).operations.values()
    written = literals(service)
    assert operations
    assert [f"{each.method} {each.path}" for each in operations if each.path not in written] == []
