"""Programs with a vendor's host compiled in reach the sandbox, and nothing in them or around them changes for good."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.server.certificates import Authority
from sparkbox.server.interception import PASSED_ON, environment, intercept, obstacles, run
from sparkbox.server.proxy import ConnectProxy

HOSTS = ("api.sparkpost.com", "*.api.e.sparkpost.com", "api.sendpulse.com")
BODY = bytes(range(256)) * 4 * 1024 * 5  # 5 MB
NAMES = (
    "HTTPS_PROXY",
    "https_proxy",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_USE_ENV_PROXY",
    "NO_PROXY",
    "no_proxy",
    "SPARKBOX_URL",
    "SPARKBOX_SMTP",
    "SPARKBOX_SMTPS",
)


class Sandbox(NamedTuple):
    proxy_url: str
    tls_port: int
    bundle: Path
    ca: Path

    def settings(self) -> dict[str, Any]:
        return {
            "url": "http://127.0.0.1:8025",
            "proxy_url": self.proxy_url,
            "smtp": "127.0.0.1:2525",
            "smtps": "127.0.0.1:4650",
            "bundle": self.bundle,
            "ca": self.ca,
        }


async def response(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Respond with the request's first line, host and number of bytes, or with 5 MB."""
    try:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
            line, *fields = head.strip().split("\r\n")
            named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
            if "expect" in named:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            received = await reader.readexactly(int(named.get("content-length", 0)))
            told = json.dumps({"line": line, "host": named["host"], "bytes": len(received)}).encode()
            body = BODY if "/big" in line else told
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A small HTTPS server behind the proxy, in a thread of its own."""
    authority = Authority(tmp_path_factory.mktemp("home"), HOSTS)
    started: list[tuple[int, int]] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(response, "127.0.0.1", 0, ssl=authority.server_context())
        tls_port = server.sockets[0].getsockname()[1]
        proxy = ConnectProxy(HOSTS, ("127.0.0.1", tls_port))
        started.append((await proxy.start(), tls_port))
        ready.set()
        await stop.wait()
        await proxy.stop()
        server.close()
        await server.wait_closed()
        while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110 - the server's own connections see the end
            await asyncio.sleep(0.01)

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=runner.run, args=(serve(),))
        thread.start()
        assert ready.wait(30)
        proxy_port, tls_port = started[0]
        yield Sandbox(f"http://127.0.0.1:{proxy_port}", tls_port, authority.bundle_file(), authority.ca_file)
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    return {
        "url": "http://127.0.0.1:8025",
        "proxy_url": "http://127.0.0.1:8026",
        "smtp": "127.0.0.1:2525",
        "smtps": "127.0.0.1:4650",
        "bundle": tmp_path / "bundle.pem",
        "ca": tmp_path / "ca.pem",
    }


def test_environment_names_proxy_certificates_and_sandbox(files: dict[str, Any]) -> None:
    assert environment(**files, base={}) == {
        "HTTPS_PROXY": "http://127.0.0.1:8026",
        "https_proxy": "http://127.0.0.1:8026",
        "REQUESTS_CA_BUNDLE": str(files["bundle"]),
        "SSL_CERT_FILE": str(files["bundle"]),
        "CURL_CA_BUNDLE": str(files["bundle"]),
        "NODE_EXTRA_CA_CERTS": str(files["ca"]),
        "NODE_USE_ENV_PROXY": "1",
        "SPARKBOX_SMTP": "127.0.0.1:2525",
        "SPARKBOX_SMTPS": "127.0.0.1:4650",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "SPARKBOX_URL": "http://127.0.0.1:8025",
    }


def test_rest_of_the_environment_is_kept(files: dict[str, Any]) -> None:
    base = {"PATH": "/bin", "HTTP_PROXY": "http://company:3128", "HTTPS_PROXY": "http://company:3128"}
    made = environment(**files, base=base)
    assert (made["PATH"], made["HTTP_PROXY"]) == ("/bin", "http://company:3128")
    assert base["HTTPS_PROXY"] == "http://company:3128"


def test_environment_is_that_of_this_process_by_default(files: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING", "here")
    assert environment(**files)["SOMETHING"] == "here"


@pytest.mark.parametrize(
    ("base", "direct"),
    [
        ({"NO_PROXY": "intranet, .corp"}, "intranet,.corp,localhost,127.0.0.1,::1"),
        ({"no_proxy": "intranet"}, "intranet,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "a,b", "no_proxy": "b,c"}, "a,b,c,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "127.0.0.1,localhost"}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": " , "}, "localhost,127.0.0.1,::1"),
    ],
)
def test_hosts_without_proxy_stay_without_proxy(files: dict[str, Any], base: dict[str, str], direct: str) -> None:
    made = environment(**files, base=base)
    assert made["NO_PROXY"] == made["no_proxy"] == direct


def test_interception_restores_the_environment_exactly(files: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://company:3128")
    monkeypatch.setenv("no_proxy", "")
    before = dict(os.environ)
    with intercept(**files):
        assert {name: os.environ[name] for name in NAMES} == environment(**files, base={})
        os.environ["HTTPS_PROXY"] = "changed meanwhile"
        del os.environ["SSL_CERT_FILE"]
    assert dict(os.environ) == before


def test_interception_ends_with_an_exception_too(files: dict[str, Any]) -> None:
    before = dict(os.environ)
    with pytest.raises(KeyError), intercept(**files):
        raise KeyError
    assert dict(os.environ) == before


def test_interception_can_be_nested(files: dict[str, Any]) -> None:
    before = dict(os.environ)
    with intercept(**files):
        outer = dict(os.environ)
        with intercept(**{**files, "proxy_url": "http://127.0.0.1:9"}):
            assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:9"
        assert dict(os.environ) == outer
    assert dict(os.environ) == before


def test_interceptions_may_overlap(files: dict[str, Any]) -> None:
    before = dict(os.environ)
    first, second, third = [intercept(**{**files, "proxy_url": f"http://127.0.0.1:{port}"}) for port in (1, 2, 3)]
    for each in (first, second, third):
        each.__enter__()
    seen = []
    for each in (first, third, second):
        each.__exit__(None, None, None)
        seen.append(os.environ.get("HTTPS_PROXY"))
    assert seen == ["http://127.0.0.1:3", "http://127.0.0.1:2", before.get("HTTPS_PROXY")]
    assert dict(os.environ) == before


@given(st.permutations(range(4)))
def test_last_interception_to_end_restores_the_environment(order: list[int]) -> None:
    before = dict(os.environ)
    names = ("url", "proxy_url", "smtp", "smtps")
    files: dict[str, Any] = {**dict.fromkeys(names, "u"), "bundle": Path("b"), "ca": Path("c")}
    each = [intercept(**{**files, "url": str(number)}) for number in range(4)]
    for one in each:
        one.__enter__()
    for done, number in enumerate(order, 1):
        each[number].__exit__(None, None, None)
        under_way = set(range(4)) - set(order[:done])
        assert os.environ.get("SPARKBOX_URL") == (str(max(under_way)) if under_way else before.get("SPARKBOX_URL"))
    assert dict(os.environ) == before


def test_httpx_reaches_the_sandbox_under_the_vendors_name(sandbox: Sandbox) -> None:
    with intercept(**sandbox.settings()), httpx.Client() as client:
        told = client.get("https://api.sparkpost.com/api/v1/account").json()
    assert told == {"line": "GET /api/v1/account HTTP/1.1", "host": "api.sparkpost.com", "bytes": 0}


def test_requests_reaches_the_sandbox_under_the_vendors_name(sandbox: Sandbox) -> None:
    with intercept(**sandbox.settings()), requests.Session() as session:
        told = session.post("https://acme.api.e.sparkpost.com/api/v1/transmissions", data=b"{}").json()
    assert told == {"line": "POST /api/v1/transmissions HTTP/1.1", "host": "acme.api.e.sparkpost.com", "bytes": 2}


def test_urllib_reaches_the_sandbox_under_the_vendors_name(sandbox: Sandbox) -> None:
    with intercept(**sandbox.settings()):
        opener = urllib.request.build_opener()
        with opener.open("https://api.sendpulse.com/oauth/access_token", b"x=1") as response:
            assert json.load(response)["host"] == "api.sendpulse.com"


def test_five_megabytes_go_through_each_way(sandbox: Sandbox) -> None:
    with intercept(**sandbox.settings()), httpx.Client() as client:
        assert client.post("https://api.sparkpost.com/upload", content=BODY).json()["bytes"] == len(BODY)
        assert client.get("https://api.sparkpost.com/big").content == BODY


def test_other_hosts_are_not_reached_over_https(sandbox: Sandbox) -> None:
    with intercept(**sandbox.settings()), httpx.Client() as client, pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://example.com/")


def test_client_without_a_proxy_reaches_the_https_port_by_address(sandbox: Sandbox) -> None:
    context = ssl.create_default_context(cafile=str(sandbox.ca))
    for host in ("127.0.0.1", "localhost"):
        told = httpx.get(f"https://{host}:{sandbox.tls_port}/x", verify=context, trust_env=False).json()
        assert told["host"] == f"{host}:{sandbox.tls_port}"


def test_client_that_distrusts_the_authority_does_not_disturb_the_next(sandbox: Sandbox) -> None:
    context = ssl.create_default_context()
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get("https://api.sparkpost.com/", proxy=sandbox.proxy_url, verify=context, trust_env=False)
    test_httpx_reaches_the_sandbox_under_the_vendors_name(sandbox)


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(sandbox: Sandbox, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *arguments]
    return subprocess.run(command, env=environment(**sandbox.settings()), capture_output=True, text=True, check=False)


@needs_curl
def test_curl_reaches_the_sandbox_under_the_vendors_name(sandbox: Sandbox) -> None:
    done = curl(sandbox, "https://api.sparkpost.com/api/v1/account")
    assert json.loads(done.stdout) == {
        "line": "GET /api/v1/account HTTP/1.1",
        "host": "api.sparkpost.com",
        "bytes": 0,
    }, done.stderr


@needs_curl
def test_curl_is_refused_every_other_host(sandbox: Sandbox) -> None:
    done = curl(sandbox, "--write-out", "%{http_connect}", "https://example.com/")
    assert (done.returncode, done.stdout) == (56, "403")


@needs_curl
def test_curl_uploads_five_megabytes(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(BODY)
    done = curl(sandbox, "--data-binary", f"@{tmp_path / 'body'}", "https://api.sparkpost.com/upload")
    assert json.loads(done.stdout)["bytes"] == len(BODY), done.stderr


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def test_program_that_is_run_reaches_the_sandbox(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    program = "import requests; print(requests.get('https://api.sparkpost.com/x', timeout=30).json()['host'])"
    assert run(python(program), environment(**sandbox.settings())) == 0
    assert capfd.readouterr().out == "api.sparkpost.com\n"


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_programs_exit_status_is_passed_on(status: int) -> None:
    assert run(python(f"raise SystemExit({status})"), os.environ) == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_program_that_a_signal_ended_gives_128_and_its_number(number: signal.Signals) -> None:
    assert run(["sh", "-c", f"kill -{int(number)} $$"], os.environ) == 128 + number


def test_arguments_and_environment_reach_the_program_untouched(capfd: pytest.CaptureFixture[str]) -> None:
    program = "import os, sys; print(sys.argv[1:], os.environ['GREETING'])"
    assert run(python(program, "a b", "--", "$HOME", "é"), {**os.environ, "GREETING": "hello"}) == 0
    assert capfd.readouterr().out == "['a b', '--', '$HOME', 'é'] hello\n"


def test_missing_program_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["no-such-program", "--version"], os.environ) == 127
    assert capsys.readouterr().err == "sparkbox: no-such-program: there is no such program\n"


def test_missing_interpreter_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert run([str(script)], os.environ) == 127
    assert capsys.readouterr().err == f"sparkbox: {script}: the interpreter that its first line names is missing\n"


@pytest.mark.parametrize(
    ("mode", "content", "said"),
    [(0o644, "#!/bin/sh\n", "Permission denied"), (0o755, "no program\n", "Exec format error")],
)
def test_file_that_cannot_be_executed_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, content: str, said: str
) -> None:
    script = tmp_path / "script"
    script.write_text(content)
    script.chmod(mode)
    assert run([str(script)], os.environ) == 126
    assert capsys.readouterr().err == f"sparkbox: {script}: it cannot be executed: {said}\n"


def test_directory_is_no_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(tmp_path)], os.environ) == 126
    assert capsys.readouterr().err.endswith("it cannot be executed: Permission denied\n")


def test_program_is_looked_up_in_its_own_path(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "mine").chmod(0o755)
    assert run(["mine"], {"PATH": str(tmp_path)}) == 7


def test_there_must_be_a_command() -> None:
    with pytest.raises(ValueError, match="no command"):
        run([], os.environ)


def test_program_can_be_run_from_another_thread() -> None:
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(run(python("raise SystemExit(5)"), os.environ)))
    thread.start()
    thread.join()
    assert statuses == [5]


def test_signal_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in PASSED_ON]
    run(python(""), os.environ)
    run(["no-such-program"], os.environ)
    assert [signal.getsignal(number) for number in PASSED_ON] == before


RUNNER = "import os, sys; from sparkbox.server.interception import run; sys.exit(run(sys.argv[1:], os.environ))"
# Notes every signal that it gets, until a moment after the first, and ends with status 9.
COUNTER = """
import os, signal, sys, time
caught, noted = os.pipe()
os.set_blocking(noted, False)
signal.set_wakeup_fd(noted)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, lambda *_: None)
print("ready", flush=True)
first = os.read(caught, 1)
time.sleep(0.3)
os.close(noted)
print(*map(int, first + os.read(caught, 100)), flush=True)
os._exit(9)
"""


@pytest.mark.parametrize("number", PASSED_ON)
def test_signal_is_passed_on_to_the_program(number: signal.Signals) -> None:
    with subprocess.Popen(
        python(RUNNER, *python(COUNTER)), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
        runner.send_signal(number)
        assert runner.stdout.read() == f"{int(number)}\n"
        assert runner.wait() == 9


def test_signal_before_the_start_is_passed_on_afterwards() -> None:
    program = (
        "import os, signal, subprocess, sys\n"
        "from sparkbox.server import interception\n"
        "class Late(subprocess.Popen):\n"
        "    def __init__(self, *a, **k):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        super().__init__(*a, **k)\n"
        "subprocess.Popen = Late\n"
        "sys.exit(interception.run(sys.argv[1:], os.environ))\n"
    )
    done = subprocess.run(python(program, "sleep", "60"), check=False, timeout=30)
    assert done.returncode == 128 + signal.SIGTERM


def test_ignored_signal_stays_ignored_for_the_program() -> None:
    program = (
        "import os, signal, sys; from sparkbox.server.interception import run\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN); sys.exit(run(sys.argv[1:], os.environ))\n"
    )
    check = "import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    assert subprocess.run(python(program, *python(check)), check=False).returncode == 1


@contextmanager
def counter_at_a_terminal() -> Iterator[tuple[subprocess.Popen[str], IO[bytes]]]:
    """The counting program, run in the foreground of a terminal of its own, and that terminal's keyboard."""
    in_terminal = (
        "import fcntl, os, sys, termios\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "os.execv(sys.executable, [sys.executable, '-c', *sys.argv[1:]])\n"
    )
    ours, theirs = pty.openpty()
    with (
        open(ours, "wb", buffering=0) as keyboard,
        subprocess.Popen(
            python(in_terminal, RUNNER, *python(COUNTER)),
            stdin=theirs,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as runner,
    ):
        os.close(theirs)
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
        yield runner, keyboard


@pytest.mark.parametrize(("key", "number"), [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
def test_ctrl_c_at_the_terminal_reaches_the_program_once(key: bytes, number: signal.Signals) -> None:
    with counter_at_a_terminal() as (runner, keyboard):
        keyboard.write(key)
        assert runner.communicate()[0] == f"{int(number)}\n"
        assert runner.returncode == 9


def test_ctrl_c_is_not_passed_on_a_second_time() -> None:
    """The terminal sends SIGINT to everybody in its foreground: passed on, it would reach the program twice."""
    with counter_at_a_terminal() as (runner, _):
        runner.send_signal(signal.SIGINT)
        runner.send_signal(signal.SIGTERM)
        assert runner.communicate()[0] == f"{int(signal.SIGTERM)}\n"


# What would keep a program from the sandbox.


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("api.sparkpost.com", "api.sparkpost.com"),
        ("intranet,.SparkPost.com", "api.sparkpost.com"),
        ("sparkpost.com", "api.sparkpost.com"),
        ("*.sendpulse.com:443", "api.sendpulse.com"),
        (".e.sparkpost.com", "*.api.e.sparkpost.com"),
        ("com", "api.sparkpost.com"),
        ("*", "api.sparkpost.com"),
    ],
)
def test_no_proxy_for_a_vendors_host_is_reported(listed: str, host: str) -> None:
    [line] = obstacles(["anything"], {"NO_PROXY": listed}, HOSTS)
    entry = listed.split(",")[-1]
    assert line == f"NO_PROXY has {entry}, so {host} is reached directly instead of in the sandbox; remove it"


@pytest.mark.parametrize(
    "listed", ["", ",", "localhost,127.0.0.1,::1", "parkpost.com", "x.api.sparkpost.com", "example.com", "."]
)
def test_no_proxy_for_other_hosts_is_fine(listed: str) -> None:
    assert list(obstacles(["anything"], {"NO_PROXY": listed}, HOSTS)) == []


def test_local_entries_of_no_proxy_are_no_obstacle(files: dict[str, Any]) -> None:
    assert list(obstacles(["anything"], environment(**files, base={}), HOSTS)) == []


@pytest.fixture
def node(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """``node(version)`` returns an environment in which Node has this version."""

    def installed(version: str) -> dict[str, str]:
        (tmp_path / "node").write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "node").chmod(0o755)
        return {"PATH": f"{tmp_path}{os.pathsep}{os.defpath}"}

    return installed


@pytest.mark.parametrize("version", ["v18.19.1", "v20.20.2", "v22.20.0", "v23.11.0", "v24.4.1"])
@pytest.mark.parametrize("program", ["node", "npm", "npx", "/usr/local/bin/npm", "NPX.CMD"])
def test_node_that_does_not_read_the_proxy_is_reported(
    node: Callable[[str], dict[str, str]], version: str, program: str
) -> None:
    [line] = obstacles([program, "start"], node(version), HOSTS)
    short = version[1:].rpartition(".")[0]
    assert line == f"Node {short} does not read HTTPS_PROXY by itself; 22.21, 24.5 and later do"


@pytest.mark.parametrize("version", ["v22.21.0", "v22.99.0", "v24.5.0", "v25.0.0", "nonsense", ""])
def test_node_that_reads_the_proxy_is_no_obstacle(node: Callable[[str], dict[str, str]], version: str) -> None:
    assert list(obstacles(["node", "app.js"], node(version), HOSTS)) == []


def test_version_of_other_programs_is_not_checked(node: Callable[[str], dict[str, str]], tmp_path: Path) -> None:
    env = node("v18.0.0")
    (tmp_path / "node").write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    for program in ("python", "nodemon", "yarn", "node-gyp"):
        assert list(obstacles([program], env, HOSTS)) == []
    assert not (tmp_path / "asked").exists()


def test_missing_node_is_no_obstacle(tmp_path: Path) -> None:
    assert list(obstacles(["npm", "start"], {"PATH": str(tmp_path)}, HOSTS)) == []
