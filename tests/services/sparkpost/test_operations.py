"""The declarations of SparkPost's operations."""

from __future__ import annotations

import inspect
import sys

from sparkbox.services.sparkpost import SERVICE


def test_every_path_is_written_in_full_in_the_module_of_its_handler() -> None:
    for operation in SERVICE.operations.values():
        source = inspect.getsource(sys.modules[operation.handler.__module__])
        assert f'"{operation.path}"' in source, operation.path
