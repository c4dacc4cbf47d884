"""The README and its first guide, run word for word; only the ports are free ones instead of the usual."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import httpx
import pytest

from docs.coverage import with_table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs/five-minutes.md").read_text("utf-8")
SERVE, RECEIVER, *COMMANDS = re.findall(r"^```bash\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

NOT_RUN = ("make serve", "docker compose")
"""The tests start the sandbox themselves; containers are for `.github/workflows/image.yml`."""
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here: apt-get install curl")


def console() -> list[tuple[str, str]]:
    """The README's commands, each with the output that is shown; a line that is indented belongs to the command."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    steps = re.findall(r"^\$ (.*(?:\\\n .*|\n  .*)*\n)((?:[^$\n].*\n)*)", "".join(blocks), re.MULTILINE)
    return [(command, output) for command, output in steps if not command.startswith(NOT_RUN)]


def pattern(shown: str) -> str:
    """A regular expression for an output: `…` stands for anything, a time for any time."""
    return re.sub(TIME, lambda _: TIME, re.escape(shown).replace("…", ".*").replace(r"\-", "-").replace(r"\.", "."))


class Shell:
    """Runs commands in bash and returns what they print."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self.folder = folder
        self._ports = ports
        self._environ = {**os.environ, "SPARKBOX_URL": f"http://127.0.0.1:{ports['8025']}"}

    def here(self, text: str) -> str:
        """A text with this run's ports."""
        for port, other in self._ports.items():
            text = text.replace(port, str(other))
        return text

    @contextmanager
    def begin(self, commands: str) -> Iterator[SimpleQueue[str]]:
        """Run a program that does not end by itself, and yield the lines that it prints."""
        lines: SimpleQueue[str] = SimpleQueue()
        script = "set -e\n" + re.sub(r"^(?=python3 \w+\.py$)", "exec ", self.here(commands), flags=re.MULTILINE)
        with subprocess.Popen(
            ["bash", "-c", script], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            reader = Thread(target=_copy, args=[process.stdout, lines])
            reader.start()
            try:
                yield lines
            finally:
                process.kill()
                reader.join()

    def run(self, blocks: list[str]) -> list[str]:
        """What each block's commands print, in one shell."""
        mark = "\nprintf '\\n---\\n'\n"
        script = "set -eo pipefail\n" + mark.join(map(self.here, blocks))
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environ,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.split("\n---\n")


def _copy(stream: IO[str], lines: SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)


def values(text: str) -> Iterator[Any]:
    """JSON values that follow each other."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell beside a sandbox, in a folder with an environment, as `make serve` leaves it."""
    ports = {"8025": free_port(), "9000": free_port()}
    others = ["--tls-port", "0", "--proxy-port", "0", "--smtp-port", "0", "--smtps-port", "0"]
    command = [sys.executable, "-m", "sparkbox", "serve", "--port", str(ports["8025"]), *others]
    scripts = tmp_path / ".venv/bin"
    scripts.mkdir(parents=True)
    (scripts / "activate").write_text(f'PATH="{scripts}:$PATH"\n')
    (scripts / "sparkbox").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sparkbox "$@"\n')
    (scripts / "sparkbox").chmod(0o755)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert f"127.0.0.1:{ports['8025']}" in process.stdout.readline()
            yield Shell(tmp_path, ports)
        finally:
            process.kill()


def test_make_serve_starts_the_sandbox_on_its_usual_port() -> None:
    assert SERVE == "make serve\n"
    # As from a shell: within `make test`, make would print the folders that it enters and leaves.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "-n", "serve"]
    made = subprocess.run(command, cwd=ROOT, env=outside, check=True, capture_output=True, text=True).stdout
    assert made.splitlines()[-1].endswith("sparkbox serve --port 8025")


def test_make_without_a_fitting_python_says_so_in_one_line(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "PYTHON=", f"VENV={tmp_path / 'none'}", "serve"]
    made = subprocess.run(command, cwd=ROOT, env=outside, check=False, capture_output=True, text=True)
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.startswith("No Python 3.11 or later with the module venv was found. Install one ")


def test_commands_of_the_readme_print_what_it_shows(shell: Shell) -> None:
    commands, shown = zip(*console(), strict=True)
    assert len(commands) == 8
    printed = shell.run([command.rstrip("\n") for command in commands])
    for command, expected, output in zip(commands, shown, printed, strict=True):
        assert re.fullmatch(pattern(expected.strip()), output.strip()), command


def test_test_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    [suite] = PYTHON
    pytester.makepyfile(suite)
    ignored = ("-W", "ignore::DeprecationWarning:sparkpost", "-W", "ignore::SyntaxWarning")
    result = pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function", *ignored)
    result.assert_outcomes(passed=1)


def test_coverage_in_the_readme_is_current() -> None:
    assert with_table(README) == README, "run `make docs`"
    assert README.count("% |") == 6


def test_five_minutes_lead_to_an_authorised_call_and_a_received_webhook(shell: Shell) -> None:
    with shell.begin(RECEIVER) as received:
        assert received.get(timeout=30) == "listening\n"
        [page] = re.findall(r"<(http://127\.0\.0\.1:8025/sparked/oauth/\S+)>", GUIDE)
        consent = httpx.get(shell.here(page), trust_env=False)
        assert (consent.status_code, "See your profile" in consent.text) == (200, True)
        printed = [list(values(text)) for text in shell.run(COMMANDS)]
        [[webhook], _, [profile, refused], [deliveries]] = printed
        events = [json.loads(received.get(timeout=30).removeprefix("webhook ")) for _ in range(2)]
    assert webhook["url"].endswith("/hook")
    assert profile["id"] == "cr_mock"
    assert "read:insights" in refused["error"]["message"]
    assert [event["type"] for event in events] == ["creator.connected", "mediakit.viewed"]
    assert events[1]["data"]["brand"] == "Cinder Coffee"
    assert profile["name"] in (shell.folder / "media-kit.html").read_text("utf-8")
    assert sorted(row["event"] for row in deliveries["webhooks"]) == ["creator.connected", "mediakit.viewed"]
