"""The package as users install it: as the image's build stage does, and beside another project's ``mockserver``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.imports import imports
from benchmarks.requests import HEALTH
from benchmarks.starting import start

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


def test_the_final_stage_has_the_bytecode_of_what_a_start_imports(image: Path, tmp_path: Path) -> None:
    """Its user can write none, so whatever is missing would be compiled at every start."""
    final = (ROOT / "Dockerfile").read_text("utf-8").split("FROM ")[-1].replace("\\\n", " ")
    [command] = re.findall(r"^RUN (sparkbox .+)$(?=[\s\S]*^USER )", final, re.MULTILINE)
    rest = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SPARKBOX_"))}
    environ = {
        **rest,
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
        "PYTHONPROFILEIMPORTTIME": "1",
        "SPARKBOX_HOME": str(tmp_path),
    }
    done = subprocess.run(["sh", "-euc", command], env=environ, check=True, timeout=100, capture_output=True, text=True)
    started = start(HEALTH, environ, python=str(image / "bin/python"))
    compiled, needed = ({each.module for each in imports(report)} for report in (done.stderr, started.report))
    assert {"asyncio", "ssl", "email.message", "urllib.request"} <= compiled
    missing = {name for name in needed - compiled if name.partition(".")[0] in sys.stdlib_module_names}
    assert missing == {"resource", "runpy"}  # an extension, and what ``python -m`` imports


def test_a_volume_is_mounted_where_the_image_has_a_directory_of_its_user() -> None:
    """Else it would belong to root, and no certificate could be kept in it."""
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    mounted = re.findall(r"^ +- \w+:(/\S+)$", compose, re.MULTILINE)
    final = (ROOT / "Dockerfile").read_text("utf-8").split("FROM ")[-1].replace("\\\n", " ")
    assert mounted == re.findall(r"install --directory --owner=sparkbox --mode=700 (\S+)", final)
    assert mounted == re.findall(r"SPARKBOX_HOME=(\S+)", final)


# Beside mockserver-client, the client of another project, whose package, plugin and fixture are called mockserver.

BOTH = """
from importlib.metadata import entry_points

from mockserver import HttpRequest, HttpResponse, MockServerClient

def test_client_of_mockserver_and_sandbox_work_in_one_process(sparkbox):
    stub = sparkbox.stubs.add("sendpulse", method="PUT", path="/mockserver/expectation", status=201, json=[])
    host, _, port = sparkbox.sendpulse.url.removeprefix("http://").partition("/")[0].partition(":")
    token = sparkbox.sendpulse.headers["Authorization"].removeprefix("Bearer ")
    with MockServerClient(host, int(port), context_path="sendpulse", control_plane_bearer_token=token) as client:
        client.when(HttpRequest(path="/hello")).respond(HttpResponse(body="world"))
    assert stub.hits == 1
    assert b'"/hello"' in sparkbox.requests[0].body

def test_fixtures_of_both_plugins_are_there(request, sparkbox):
    plugins = {plugin.name: plugin.value for plugin in entry_points(group="pytest11")}
    assert plugins["mockserver"] == "mockserver.pytest_plugin"
    assert plugins["sparkbox"] == "sparkbox.testing.pytest_plugin"
    for name in ("mockserver", "sparkbox"):
        [fixture] = request._fixturemanager.getfixturedefs(name, request.node)
        assert fixture.func.__module__ == plugins[name]
"""


@pytest.fixture(scope="module")
def shared(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with both packages."""
    target = tmp_path_factory.mktemp("shared") / "environment"
    shutil.copytree(image, target, symlinks=True)
    wanted = ["mockserver-client>=9,<10", "pytest>=8.3"]
    pip = [sys.executable, "-m", "pip", "--python", str(target / "bin/python"), "install", *wanted]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=400, check=False)
    # The index may lack it, or not be reachable. `.ci/run` has one, and skips nothing.
    missing = done.returncode != 0 and "mockserver-client" in done.stderr and not os.environ.get("TESTS_NEED_INDEX")
    if missing:
        pytest.skip(f"the package index does not have mockserver-client: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return target


def test_mockserver_client_works_beside_this_package(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "test_both.py").write_text(BOTH)
    command = [str(shared / "bin/python"), "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "2 passed" in done.stdout, done.stdout


def test_mockserver_client_shares_no_file_with_this_package(shared: Path) -> None:
    def files(distribution: str) -> set[str]:
        [record] = shared.glob(f"lib/python*/site-packages/{distribution}-*.dist-info/RECORD")
        return {line.partition(",")[0] for line in record.read_text("utf-8").splitlines()}

    assert "mockserver/__init__.py" in files("mockserver_client")
    assert "sparkbox/__init__.py" in files("sparkbox")
    assert files("mockserver_client").isdisjoint(files("sparkbox"))
