"""What a start imports: only what is used. The time that it takes is for ``make bench``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.imports import imports
from benchmarks.starting import TEMPLATES, start
from sparkbox import services
from sparkbox.server.certificates import Authority

LATER = {
    "httpx": "deliveries",
    "cryptography": "certificates and keys that are made",
    "trustme": "an authority that is made",
    "certifi": "deliveries over TLS",
    "joserfc": "tokens",
    "faker": "creators",
    "phonenumbers": "engageSPARK",
    "sparkbox.core.outgoing.worker": "deliveries",
    "sparkbox.core.outgoing.client": "deliveries",
    "difflib": "names that are wrong",
    "tomllib": "a file with settings",
    "sparkbox.control": "the control API",
    "sparkbox.core.docs": "OpenAPI documents",
    "sparkbox.server.smtp.session": "mail by SMTP",
    "sparkbox.services.sparkpost.smtp": "mail by SMTP",
    "sparkbox.services.sparkpost.simulations": "simulations",
    "sparkbox.testing": "tests",
    **dict.fromkeys(
        (
            f"sparkbox.services.sparkpost.{page}"
            for page in ("events.events", "metrics.metrics", "transmissions.transmissions", "webhooks.webhooks")
        ),
        "another section",
    ),
    **{f"sparkbox.services.{info.name}": info.title for info in services.SERVICES if info is not services.SPARKPOST},
}
"""What the first request to SparkPost does not import, and what it is for."""

PAGE = "sparkbox.services.sparkpost.templates.templates"


def in_packages(modules: set[str], packages: set[str]) -> set[str]:
    """Return the packages that some of the modules are in."""
    return {package for package in packages if any(f"{module}.".startswith(f"{package}.") for module in modules)}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_quick_options_import_the_command_alone(option: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "sparkbox", option]
    modules = {each.module for each in imports(subprocess.run(command, capture_output=True, text=True).stderr)}
    ours = {module for module in modules if module.startswith("sparkbox.")}
    assert {"sparkbox.cli.main", "argparse"} <= modules
    assert in_packages(ours, {"sparkbox.app", "sparkbox.control", "sparkbox.server", "sparkbox.testing"}) == set()
    assert {module for module in ours if module.count(".") > 2} <= {"sparkbox.core.declare.info"}
    slow = {"asyncio", "ssl", "socket", "email", "http", "logging", "subprocess", "urllib"}
    others = {"pydantic", "starlette", "uvicorn", "uvloop", "msgspec", "orjson", "typing_extensions", "platformdirs"}
    assert in_packages(modules, slow | others | set(LATER)) == set()


def test_first_response_imports_what_it_needs(tmp_path: Path) -> None:
    Authority(tmp_path, (*services.hosts(), *services.smtp_hosts())).prepare()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SPARKBOX_")}
    report = start(TEMPLATES, {**environ, "SPARKBOX_HOME": str(tmp_path)}, "-X", "importtime").report
    modules = {each.module for each in imports(report)}
    assert PAGE in modules
    assert in_packages(modules, set(LATER)) == set()
