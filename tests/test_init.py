"""The package's names: all there, each imported when it is first used, and one base for what a user can mend."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sparkbox
from sparkbox.cli.settings import ConfigError
from sparkbox.client import ControlError
from sparkbox.server.certificates import AuthorityError
from sparkbox.server.ports import PortError


@pytest.mark.parametrize("name", sparkbox.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(sparkbox, name).__name__ == name
    assert name in dir(sparkbox)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'sparkbox' has no attribute 'SparkBox'"):
        _ = sparkbox.SparkBox
    with pytest.raises(ImportError):
        from sparkbox import SparkBox  # noqa: F401


def test_importing_the_package_imports_no_other() -> None:
    code = "import sys; there = {*sys.modules}; import sparkbox; print(*{*sys.modules} - there)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    outer = {name.partition(".")[0] for name in told.split()}
    assert outer - sys.stdlib_module_names == {"sparkbox"}
    assert [name for name in told.split() if name.startswith("sparkbox.")] == []


@pytest.mark.parametrize("error", [AuthorityError, ConfigError, ControlError, PortError])
def test_errors_for_users_have_one_base(error: type[Exception]) -> None:
    assert issubclass(error, sparkbox.UserError)
