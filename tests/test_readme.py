"""What the README shows is run, word for word; only the ports are others, so that nothing in use is in the way."""

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

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
WALK = README.partition("## Five minutes")[2].partition("\n## ")[0]
SERVE, RECEIVER, *COMMANDS = re.findall(r"^```bash\n(.*?)^```$", WALK, re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here: apt-get install curl")


class Shell:
    """Runs commands in bash, one block after the other, and shows what they print."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self.folder = folder
        self._ports = ports

    def here(self, text: str) -> str:
        """A text of the README with this run's ports."""
        for port, other in self._ports.items():
            text = text.replace(port, str(other))
        return text

    @contextmanager
    def begin(self, commands: str) -> Iterator[SimpleQueue[str]]:
        """Runs what does not end by itself; gives the lines that it prints."""
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

    def run(self, blocks: list[str]) -> list[Any]:
        """What each block's commands print, as JSON values."""
        mark = "\nprintf '\\n---\\n'\n"
        script = "set -eo pipefail\n" + mark.join(map(self.here, blocks))
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, check=True, capture_output=True, text=True, timeout=60
        )
        return [list(values(part)) for part in done.stdout.split("\n---\n")]


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
    """A shell beside a sandbox that ``sparkbox serve`` has started."""
    ports = {"8025": free_port(), "9000": free_port()}
    others = ["--tls-port", "0", "--proxy-port", "0", "--smtp-port", "0", "--smtps-port", "0"]
    command = [sys.executable, "-m", "sparkbox", "serve", "--port", str(ports["8025"]), *others]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert f"127.0.0.1:{ports['8025']}" in process.stdout.readline()
            yield Shell(tmp_path, ports)
        finally:
            process.kill()


def test_the_sandbox_is_served_as_the_readme_says() -> None:
    assert SERVE == "make serve\n"
    # As from a shell: within `make test`, another make tells which folder it enters and leaves.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "-n", "serve"]
    made = subprocess.run(command, cwd=ROOT, env=outside, check=True, capture_output=True, text=True).stdout
    assert made.splitlines()[-1].endswith("sparkbox serve --port 8025")


def test_five_minutes_lead_to_an_authorised_call_and_a_received_webhook(shell: Shell) -> None:
    with shell.begin(RECEIVER) as received:
        assert received.get(timeout=30) == "listening\n"
        [page] = re.findall(r"<(http://127\.0\.0\.1:8025/sparked/oauth/\S+)>", WALK)
        consent = httpx.get(shell.here(page), trust_env=False)
        assert (consent.status_code, "See your profile" in consent.text) == (200, True)
        [[webhook], _, [profile, refused], [deliveries]] = shell.run(COMMANDS)
        events = [json.loads(received.get(timeout=30).removeprefix("webhook ")) for _ in range(2)]
    assert webhook["url"].endswith("/hook")
    assert profile["id"] == "cr_mock"
    assert "read:insights" in refused["error"]["message"]
    assert [event["type"] for event in events] == ["creator.connected", "mediakit.viewed"]
    assert events[1]["data"]["brand"] == "Cinder Coffee"
    assert profile["name"] in (shell.folder / "media-kit.html").read_text("utf-8")
    assert sorted(row["event"] for row in deliveries["webhooks"]) == ["creator.connected", "mediakit.viewed"]
