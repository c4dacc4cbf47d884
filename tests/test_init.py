"""The package's names: all there, each imported when it is first used, and one base for what a user can mend."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mockserver
from mockserver.authority import AuthorityError
from mockserver.client import ControlError
from mockserver.config import ConfigError
from mockserver.ports import PortError


@pytest.mark.parametrize("name", mockserver.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(mockserver, name).__name__ == name
    assert name in dir(mockserver)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="module 'mockserver' has no attribute 'Mockserver'"):
        _ = mockserver.Mockserver  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        from mockserver import Mockserver  # noqa: F401


def test_the_package_alone_imports_nothing_of_others() -> None:
    code = "import sys; there = {*sys.modules}; import mockserver; print(*{*sys.modules} - there)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    outer = {name.partition(".")[0] for name in told.split()}
    assert outer - sys.stdlib_module_names == {"mockserver"}
    assert [name for name in told.split() if name.startswith("mockserver.")] == []


@pytest.mark.parametrize("error", [AuthorityError, ConfigError, ControlError, PortError])
def test_what_a_user_can_mend_has_one_base(error: type[Exception]) -> None:
    assert issubclass(error, mockserver.UserError)
