"""The image's build stage, replayed without an engine: what the Dockerfile copies and runs, in a clean place."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INSTALLED = "/opt/sparkbox"


def build_stage() -> tuple[list[str], list[str]]:
    """The paths that the first stage copies, and the commands that it runs."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    first = re.split(r"^FROM ", text, flags=re.MULTILINE)[1]
    copied = [name for line in re.findall(r"^COPY (.+)$", first, re.MULTILINE) for name in line.split()[:-1]]
    return copied, re.findall(r"^RUN (.+)$", first, re.MULTILINE)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installation that the final stage would get."""
    source, target = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("opt") / "sparkbox"
    copied, commands = build_stage()
    assert copied
    assert commands
    for name in copied:
        origin = ROOT / name
        if origin.is_dir():
            shutil.copytree(origin, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, source / name)
    for command in commands:
        script = command.replace(INSTALLED, shlex.quote(str(target))).replace("python -m", f"{sys.executable} -m")
        subprocess.run(["sh", "-euc", script], cwd=source, check=True, capture_output=True, timeout=400)
    return target


def run(image: Path, *arguments: str) -> str:
    # -I: nothing of this checkout is found, only what was installed.
    code = (
        f"import sys; sys.argv[0] = 'sparkbox'; from sparkbox.cli.main import main; sys.exit(main({list(arguments)!r}))"
    )
    command = [str(image / "bin/python"), "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_the_image_has_the_command(image: Path) -> None:
    assert (image / "bin/sparkbox").exists()
    assert run(image, "operations", "--service", "sparkpost").count("\n") > 20


def test_the_image_has_no_build_tools(image: Path) -> None:
    installed = {path.name.split("-")[0].lower() for path in image.glob("lib/python*/site-packages/*.dist-info")}
    assert installed.isdisjoint({"pip", "setuptools", "wheel", "hatchling", "pytest", "hypothesis", "ruff", "mypy"})


def test_the_package_ships_its_samples_and_its_types(image: Path) -> None:
    [package] = image.glob("lib/python*/site-packages/sparkbox")
    samples = [path.relative_to(package / "fixtures") for path in (package / "fixtures").rglob("*.json")]
    assert {str(path) for path in samples} == {
        str(path.relative_to(ROOT / "fixtures")) for path in (ROOT / "fixtures").rglob("*.json")
    }
    assert (package / "py.typed").exists()


def test_the_final_stage_runs_as_nobody_special_and_checks_its_health() -> None:
    final = (ROOT / "Dockerfile").read_text("utf-8").split("FROM ")[-1]
    assert re.search(r"^USER sparkbox$", final, re.MULTILINE)
    assert "/_mock/health" in re.split(r"^HEALTHCHECK", final, flags=re.MULTILINE)[1]


def test_a_volume_is_mounted_where_the_image_has_a_directory_of_its_user() -> None:
    """Else it would belong to root, and no certificate could be kept in it."""
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    mounted = re.findall(r"^ +- \w+:(/\S+)$", compose, re.MULTILINE)
    final = (ROOT / "Dockerfile").read_text("utf-8").split("FROM ")[-1].replace("\\\n", " ")
    assert mounted == re.findall(r"install --directory --owner=sparkbox --mode=700 (\S+)", final)
    assert mounted == re.findall(r"SPARKBOX_HOME=(\S+)", final)
