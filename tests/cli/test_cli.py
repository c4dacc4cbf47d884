"""The command line, as a user has it: in a process of its own, with its output and its exit status."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from sparkbox import __version__, services
from sparkbox.cli.main import main

COMMANDS = ("serve", "run", "operations", "openapi", "ca", "reset", "messages", "requests", "clock", "seed")


class Done(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A user's environment, with a home for certificates of its own."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SPARKBOX_")}
    return {**rest, "SPARKBOX_HOME": str(tmp_path_factory.mktemp("home"))}


class Shell:
    """Runs ``sparkbox`` as a user does."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ

    def __call__(self, *arguments: str, **environ: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "sparkbox", *arguments],
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def begin(
        self, *arguments: str, preexec_fn: Callable[[], None] | None = None, **environ: str
    ) -> Iterator[subprocess.Popen[str]]:
        """The same without waiting for its end."""
        with subprocess.Popen(
            [sys.executable, "-m", "sparkbox", *arguments],
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec_fn,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def shell(environ: dict[str, str]) -> Shell:
    return Shell(environ)


class Card(NamedTuple):
    """What a sandbox prints when it has started."""

    text: str
    url: str
    tls_port: int
    proxy_port: int
    smtp_port: int
    smtps_port: int


def read_card(process: subprocess.Popen[str]) -> Card:
    assert process.stdout is not None
    text = ""
    while "Stop with Ctrl+C." not in text:
        line = process.stdout.readline()
        assert line, f"it ended after {text!r}"
        text += line
    url = re.search(r"at (http://127\.0\.0\.1:\d+)", text)
    tls, proxy = (
        re.search(r"https +https://127\.0\.0\.1:(\d+)", text),
        re.search(r"proxy +http://127\.0\.0\.1:(\d+)", text),
    )
    assert url, text
    assert tls, text
    assert proxy, text
    smtp = re.search(r"smtp +127\.0\.0\.1:(\d+)   \(over TLS: port (\d+)\)", text)
    assert smtp, text
    return Card(text, url[1], int(tls[1]), int(proxy[1]), int(smtp[1]), int(smtp[2]))


FREE = ("--port", "0", "--tls-port", "0", "--proxy-port", "0", "--smtp-port", "0", "--smtps-port", "0")


@pytest.fixture(scope="module")
def card(shell: Shell) -> Iterator[Card]:
    """A sandbox that runs; it ends with SIGTERM, as a container's does, and has nothing more to say."""
    with shell.begin("serve", *FREE) as process:
        yield read_card(process)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 0


@pytest.fixture
def sandbox(card: Card) -> Card:
    """The same, as if it had just started."""
    httpx.post(f"{card.url}/_mock/reset", trust_env=False, verify=False).raise_for_status()
    return card


def send(card: Card, *names: str, account: str = "mock-sendpulse-id") -> None:
    """Has mails sent: SendPulse mails a code to each new sender."""
    headers = {"Authorization": f"Bearer {account}"}
    with httpx.Client(base_url=f"{card.url}/sendpulse", headers=headers, trust_env=False, verify=False) as client:
        for name in names:
            client.post("/senders", json={"email": f"{name}@acme.example", "name": name}).raise_for_status()


# Starting and ending.


def test_serve_prints_every_address(card: Card) -> None:
    rows = [re.split(r"   *", line.strip(), maxsplit=2) for line in card.text.splitlines()]
    for api in services.SERVICES:
        assert [
            api.title,
            f"{card.url}/{api.name}",
            "  ".join(f"{name} {value}" for name, value in api.credentials.items()),
        ] in rows
    assert f"{card.url}/_mock/messages" in card.text
    assert "profile easy, rate limits on" in card.text
    assert "Note:" not in card.text


def test_serve_has_its_certificate_before_the_first_client(card: Card, environ: dict[str, str]) -> None:
    assert len([*Path(environ["SPARKBOX_HOME"]).glob("server-*.pem")]) == 1


def test_what_serve_prints_is_true(card: Card) -> None:
    assert httpx.get(f"{card.url}/_mock/health", trust_env=False).json()["version"] == __version__
    response = httpx.get(
        f"{card.url}/sparkpost/api/v1/templates", headers={"Authorization": "mock-sparkpost-key"}, trust_env=False
    )
    assert response.status_code == 200
    for port in (card.tls_port, card.proxy_port, card.smtp_port, card.smtps_port):
        socket.create_connection(("127.0.0.1", port)).close()
    authority = re.search(r"authority +(\S+)", card.text)
    assert authority, card.text
    served = httpx.get(f"{card.url}/_mock/ca", trust_env=False).text
    assert Path(authority[1]).read_text() == served


def test_serve_reports_why_there_is_no_authority(shell: Shell) -> None:
    with shell.begin("serve", *FREE, SPARKBOX_HOME="/dev/null/home") as process:
        card = read_card(process)
        assert "authority       none: cannot keep certificates in /dev/null/home (" in card.text
        assert httpx.get(f"{card.url}/_mock/health", trust_env=False).status_code == 200


def few_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))


def test_serve_raises_the_limit_of_open_files(shell: Shell) -> None:
    with shell.begin("serve", *FREE, preexec_fn=few_files) as process, ExitStack() as idle:
        card = read_card(process)
        for _ in range(100):
            connection = socket.create_connection(("127.0.0.1", card.smtp_port), timeout=30)
            idle.enter_context(connection)
            assert connection.recv(4) == b"220 "
        assert httpx.get(f"{card.url}/_mock/health", trust_env=False).status_code == 200


def test_ctrl_c_ends_serve_with_a_client_connected(shell: Shell) -> None:
    with shell.begin("serve", *FREE, "--profile", "strict", "--no-rate-limits") as process:
        card = read_card(process)
        assert "profile strict, rate limits off" in card.text
        with socket.create_connection(("127.0.0.1", int(card.url.rpartition(":")[2]))) as waiting:
            waiting.sendall(b"GET /_mock/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert waiting.recv(12) == b"HTTP/1.1 200"
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_taken_port_is_one_line(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = shell("serve", "--port", str(port))
    line = f"sparkbox: port {port} on 127.0.0.1 is taken; choose another with --port, or --port 0 for a free one\n"
    assert done == (1, "", line)


def test_taken_default_ports_give_way_and_serve_says_so(shell: Shell) -> None:
    with ExitStack() as others:
        for port in (8443, 8026, 2525, 4650):
            with suppress(OSError):  # then it is taken already, which will do as well
                others.enter_context(socket.create_server(("127.0.0.1", port)))
        with shell.begin("serve", "--port", "0") as process:
            card = read_card(process)
            assert process.stdout is not None
            notes = [process.stdout.readline().strip() for _ in range(4)]
    assert notes == [
        f"Note: port 8443 is taken, so tls listens on {card.tls_port} (choose with --tls-port).",
        f"Note: port 8026 is taken, so proxy listens on {card.proxy_port} (choose with --proxy-port).",
        f"Note: port 2525 is taken, so smtp listens on {card.smtp_port} (choose with --smtp-port).",
        f"Note: port 4650 is taken, so smtps listens on {card.smtps_port} (choose with --smtps-port).",
    ]


def test_invalid_setting_is_one_line(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text("prot = 8025\n")
    for command in (("serve",), ("run", "--config", str(file), "--", "true")):
        done = shell(*command, SPARKBOX_CONFIG=str(file))
        assert (done.status, done.out) == (1, "")
        assert done.err.startswith(f"sparkbox: {file}: there is no setting 'prot'; there are host, port, ")
        assert done.err.count("\n") == 1


def test_python_m_sparkbox_is_the_command(shell: Shell) -> None:
    [command] = entry_points(group="console_scripts", name="sparkbox")
    assert command.value == "sparkbox.cli.main:main"
    assert shell("--version") == (0, f"sparkbox {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err) == (0, "")
    assert printed.out.startswith(f"usage: sparkbox {command} ")
    assert "None" not in printed.out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert set(re.findall(r"^    (\w+)", capsys.readouterr().out, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "sparkbox: error: the following arguments are required: COMMAND"),
        (["sreve"], "invalid choice: 'sreve'"),
        (["serve", "--prot", "1"], "sparkbox: error: unrecognized arguments: --prot 1"),
        (["serve", "--por", "1"], "sparkbox: error: unrecognized arguments: --por 1"),
        (["serve", "--port", "web"], "sparkbox serve: error: argument --port: invalid int value: 'web'"),
        (["serve", "--profile", "lax"], "argument --profile: invalid choice: 'lax'"),
        (["run"], "sparkbox run: error: there is no command; try: sparkbox run -- python app.py"),
        (["run", "--"], "sparkbox run: error: there is no command; try: sparkbox run -- python app.py"),
        (["run", "--prot", "1", "--", "true"], "unrecognized arguments: --prot"),
        (["operations", "--service", "mailchimp"], "argument --service: invalid choice: 'mailchimp'"),
        (["openapi"], "sparkbox openapi: error: the following arguments are required: service"),
        (["openapi", "mailchimp"], "argument service: invalid choice: 'mailchimp'"),
        (["messages", "--raw"], "sparkbox messages: error: --raw needs the id of a mail"),
        (["messages", "--part", "1"], "sparkbox messages: error: --part needs the id of a mail"),
        (["messages", "--limit", "x"], "argument --limit: invalid int value: 'x'"),
        (["clock", "stop"], "argument action: invalid choice: 'stop'"),
        (["clock", "set"], "sparkbox clock: error: clock set needs a value, such as 2026-03-01T12:00:00Z or 8h30m"),
        (["clock", "advance"], "sparkbox clock: error: clock advance needs a value"),
        (["clock", "resume", "now"], "sparkbox clock: error: clock resume takes no value"),
    ],
)
def test_wrong_arguments_are_status_2_and_say_what_is_wrong(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert printed.err.startswith("usage: sparkbox")
    assert line in printed.err.splitlines()[-1]


# Commands that need no sandbox.


def test_operations_are_a_table(shell: Shell) -> None:
    done = shell("operations")
    assert (done.status, done.err) == (0, "")
    rows = [re.split(r"  +", line, maxsplit=3) for line in done.out.splitlines()]
    assert {row[0] for row in rows} == {api.name for api in services.SERVICES}
    assert ["sparkpost", "GET", "/api/v1/templates"] in [row[:3] for row in rows]
    assert all(len(row) == 4 and row[3] for row in rows)


def test_operations_as_json_have_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operations", "--service", "sparkpost", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    fields = {"service", "section", "method", "path", "operation_id", "summary", "evidence", "errors", "limit", "docs"}
    assert all(fields | {"module"} <= set(row) for row in rows)
    [row] = [row for row in rows if row["operation_id"] == "list_templates"]
    assert (row["section"], row["module"]) == ("templates", "sparkbox.services.sparkpost.templates.templates")
    assert {row["service"] for row in rows} == {"sparkpost"}
    assert {row["operation_id"]: row["path"] for row in rows}["list_templates"] == "/api/v1/templates"


@pytest.mark.parametrize("service", [api.name for api in services.SERVICES])
def test_openapi_is_the_services_document(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", service]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": f"http://127.0.0.1:8025/{service}"}]


def test_ca_prints_the_path_of_a_lasting_file(shell: Shell) -> None:
    done = shell("ca")
    path = Path(done.out.strip())
    assert path.is_relative_to(shell.environ["SPARKBOX_HOME"])
    made = path.read_text()
    assert made.startswith("-----BEGIN CERTIFICATE-----")
    assert shell("ca") == done == (0, f"{path}\n", "")
    assert path.read_text() == made


def test_unwritable_home_is_one_line(shell: Shell) -> None:
    for command in (("ca",), ("run", "--", "true")):
        done = shell(*command, SPARKBOX_HOME="/dev/null/home")
        assert (done.status, done.out) == (1, "")
        assert done.err.startswith("sparkbox: cannot keep certificates in /dev/null/home (")
        assert done.err.endswith("set SPARKBOX_HOME to a directory that can be written\n")
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["operations"], ["openapi", "sparkpost"], ["--help"]])
def test_broken_pipe_is_no_error(shell: Shell, arguments: list[str]) -> None:
    with shell.begin(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["operations", "ca"])
def test_output_that_cannot_be_written_is_one_line(environ: dict[str, str], command: str) -> None:
    with open("/dev/full", "w") as full:
        arguments = [sys.executable, "-m", "sparkbox", command]
        done = subprocess.run(arguments, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "sparkbox: [Errno 28] No space left on device\n")


# Commands that call a running sandbox.


def test_messages_are_a_table_newest_first(sandbox: Card, shell: Shell) -> None:
    send(sandbox, "wilma", "fred")
    done = shell("messages", SPARKBOX_URL=sandbox.url)
    assert (done.status, done.err) == (0, "")
    *rows, count = done.out.splitlines()
    assert [row.split()[4] for row in rows] == ["fred@acme.example", "wilma@acme.example"]
    assert count == "2 messages"


def test_message_without_a_subject_is_shown_by_how_its_text_begins(sandbox: Card, shell: Shell) -> None:
    sms = {"orgId": 1, "from": "ACME", "message": "Your code is\n834 201.", "to": "639171234567"}
    headers = {"Authorization": "Token mock-texts"}
    httpx.post(
        f"{sandbox.url}/engagespark/v1/sms/phonenumber", json=sms, headers=headers, trust_env=False
    ).raise_for_status()
    done = shell("messages", "--account", "mock-texts", SPARKBOX_URL=sandbox.url)
    assert "  639171234567  Your code is 834 201.  " in done.out.splitlines()[0]


def call(card: Card, *arguments: str) -> Any:
    """Run a command that calls a sandbox."""
    return main([*arguments[:1], "--url", card.url, *arguments[1:]])


def test_messages_can_be_filtered(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    send(sandbox, "wilma", "fred")
    send(sandbox, "barney", account="mock-other")
    for options, chosen in (
        (["--to", "WILMA@acme.example"], ["wilma"]),
        (["--account", "mock-other"], ["barney"]),
        (["--service", "sparkpost"], []),
        (["--limit", "2"], ["barney", "fred"]),
    ):
        assert call(sandbox, "messages", "--json", *options) == 0
        found = json.loads(capsys.readouterr().out)
        assert [row["to"].partition("@")[0] for row in found["messages"]] == chosen
    assert call(sandbox, "messages", "--limit", "1") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 messages, 1 shown"


def test_one_message_is_shown_as_json_or_raw(sandbox: Card, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    send(sandbox, "wilma")
    assert call(sandbox, "messages", "--json") == 0
    [row] = json.loads(capfdbinary.readouterr().out)["messages"]
    assert call(sandbox, "messages", row["id"]) == 0
    message = json.loads(capfdbinary.readouterr().out)
    assert (message["to"], message["id"]) == ("wilma@acme.example", row["id"])
    assert call(sandbox, "messages", row["id"], "--raw") == 0
    raw = capfdbinary.readouterr().out
    assert b"wilma@acme.example" in raw
    assert raw == httpx.get(f"{sandbox.url}/_mock/messages/{row['id']}/raw", trust_env=False, verify=False).content
    assert call(sandbox, "messages", row["id"], "--part", "1") == 0
    assert capfdbinary.readouterr().out == raw.partition(b"\r\n\r\n")[2]


def test_requests_are_a_table_and_each_is_shown_as_json(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    send(sandbox, "wilma")
    assert call(sandbox, "requests") == 0
    newest, count = capsys.readouterr().out.splitlines()
    assert newest.split()[2:] == ["200", "sendpulse", "POST", "/senders"]
    assert count == "1 request"
    assert call(sandbox, "requests", newest.split()[0]) == 0
    assert json.loads(capsys.readouterr().out)["response"]["body"]
    assert call(sandbox, "requests", "--account", "mock-nobody") == 0
    assert capsys.readouterr().out == "0 requests\n"


def test_control_characters_are_not_printed(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    path = "/sendpulse/%1b[2J" + "x" * 100
    httpx.get(sandbox.url + path, headers={"Authorization": "Bearer mock-sendpulse-id"}, trust_env=False, verify=False)
    assert call(sandbox, "requests") == 0
    line, count = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert line.endswith("x…")
    assert count == "1 request"


def test_ascii_terminal_is_no_error(sandbox: Card, shell: Shell) -> None:
    httpx.get(
        f"{sandbox.url}/sendpulse/grüße", headers={"Authorization": "Bearer mock-a"}, trust_env=False, verify=False
    )
    done = shell("requests", SPARKBOX_URL=sandbox.url, PYTHONIOENCODING="ascii")
    assert (done.status, done.err) == (0, "")
    assert "1 request\n" in done.out


def test_clock_is_shown_and_turned(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    def printed(*arguments: str) -> str:
        assert call(sandbox, "clock", *arguments) == 0
        return capsys.readouterr().out

    assert printed("freeze", "2026-03-01T12:00:00Z") == "2026-03-01T12:00:00.000Z (frozen)\n"
    assert printed("advance", "8h30m") == "2026-03-01T20:30:00.000Z (frozen)\n"
    assert printed("advance", "90") == "2026-03-01T20:31:30.000Z (frozen)\n"
    assert printed("set", "2026-03-01T00:00:00Z") == "2026-03-01T00:00:00.000Z (frozen)\n"
    assert printed() == "2026-03-01T00:00:00.000Z (frozen)\n"
    assert json.loads(printed("--json"))["frozen"] is True
    assert printed("resume").startswith("2026-03-01T00:0")
    assert printed("freeze", "--account", "mock-a").endswith(" (frozen)\n")
    assert "frozen" not in printed("--account", "mock-b")


def test_reset_resets_one_account_or_all(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    send(sandbox, "wilma")
    send(sandbox, "fred", account="mock-other")
    assert call(sandbox, "reset", "--account", "mock-other") == 0
    assert capsys.readouterr().out == "1 account put back to how a sandbox starts\n"
    assert call(sandbox, "messages", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"] == 1
    assert call(sandbox, "reset", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"accounts": 2}


def test_demo_data_has_the_same_people_in_all_services(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(sandbox, "seed", "--demo", "--json") == 0
    people = json.loads(capsys.readouterr().out)["people"]
    assert len(people) > 2
    emails, phones = {person["email"] for person in people}, {person["phone"].lstrip("+") for person in people}
    figures = {person["email"]: (person["company"], person["followers"]) for person in people}

    def get(path: str, **headers: str) -> Any:
        return httpx.get(sandbox.url + path, headers=headers, trust_env=False).raise_for_status().json()

    stored = get(
        "/sparkpost/api/v1/recipient-lists/demo-customers?show_recipients=true", Authorization="mock-sparkpost-key"
    )
    assert figures == {
        row["address"]["email"]: (row["substitution_data"]["company"], row["substitution_data"]["followers"])
        for row in stored["results"]["recipients"]
    }
    bearer = {"Authorization": "Bearer mock-sendpulse-id"}
    [book] = [book for book in get("/sendpulse/addressbooks", **bearer) if book["name"] == "Demo customers"]
    rows = get(f"/sendpulse/addressbooks/{book['id']}/emails", **bearer)
    assert figures == {row["email"]: (row["variables"]["company"], row["variables"]["followers"]) for row in rows}
    assert {str(row["phone"]) for row in rows} == phones
    contacts = get("/engagespark/v1/organizations/1/contacts/", Authorization="Token mock-engagespark-token")[
        "contacts"
    ]
    assert phones <= {contact["fullPhoneNumber"] for contact in contacts}
    keys = {"x-api-key": "mock-sendspark-key", "x-api-secret": "mock-sendspark-secret"}
    [campaign] = get("/sendspark/v1/workspaces/mock-workspace/dynamics?search=Demo", **keys)["response"]["data"]
    shown = get(f"/sendspark/v1/workspaces/mock-workspace/dynamics/{campaign['_id']}", **keys)["prospectList"]
    assert figures == {
        row["contactEmail"]: (row["company"], int(row["customField"].removesuffix(" followers"))) for row in shown
    }
    assert call(sandbox, "messages", "--limit", "100", "--json") == 0
    assert emails | phones <= {message["to"] for message in json.loads(capsys.readouterr().out)["messages"]}
    kit = get("/sparked/api/v1/mediakit/cr_mock", Authorization="Bearer mock-sparked-id")
    assert kit["totals"]["followers"] in {followers for _, followers in figures.values()}
    views = get("/sparked/api/v1/mediakit/cr_mock/views?limit=1", Authorization="Bearer mock-sparked-id")["data"]
    assert views[0]["brand"] == kit["collaborations"][0]
    assert views[0]["brand"] in {company for company, _ in figures.values()}


def test_demo_data_a_second_time_is_one_clear_line(sandbox: Card, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(sandbox, "seed", "--demo", "--account", "mock-demo") == 0
    assert call(sandbox, "seed", "--demo", "--account", "mock-demo") == 1
    line = capsys.readouterr().err
    assert "recipient-lists returned 400" in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["messages", "999999"], "There was no message 999999 yet"),
        (["messages", "x"], "'x' is no id of the sandbox's"),
        (["messages", "--limit", "-1"], "limit: "),
        (["messages", "--account", "a-real-key"], "No account can be called 'a-real-key'"),
        (["clock", "advance", "soon"], "give seconds, or a span like 8h30m"),
        (["clock", "set", "noon"], "give a time like 2026-03-01T12:00:00Z"),
        (["reset", "--account", "a-real-key"], "No account can be called 'a-real-key'"),
    ],
)
def test_api_error_of_the_sandbox_is_one_line(
    sandbox: Card, arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(sandbox, *arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("sparkbox: ")
    assert line in printed.err
    assert printed.err.count("\n") == 1


def test_no_sandbox_is_one_line(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    line = f"sparkbox: no sandbox runs at {url}; start one with: sparkbox serve\n"
    assert shell("messages", SPARKBOX_URL=url) == (1, "", line)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:99999"])
def test_invalid_url_is_one_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", "--url", url]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("sparkbox: ")
    assert printed.err.count("\n") == 1


def test_ctrl_c_while_waiting_for_a_sandbox_prints_nothing(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with shell.begin("messages", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}") as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == ("", "")
        connection.close()
    assert process.returncode == 130


# Running a program.


def python(program: str, *arguments: str) -> list[str]:
    return ["--", sys.executable, "-c", program, *arguments]


def test_run_passes_arguments_output_and_exit_status_on(shell: Shell) -> None:
    program = "import sys; print(sys.argv[1:]); print('oh', file=sys.stderr); sys.exit(7)"
    assert shell("run", *python(program, "--seed", "a b", "--")) == (7, "['--seed', 'a b', '--']\n", "oh\n")


def test_run_leaves_nothing_behind(shell: Shell) -> None:
    program = "import os; print(os.environ['SPARKBOX_URL'], os.environ['HTTPS_PROXY'])"
    done = shell("run", "--profile", "strict", *python(program))
    assert (done.status, done.err) == (0, "")
    for url in done.out.split():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


def test_run_passes_sigterm_on_and_ends(shell: Shell) -> None:
    program = "import os, signal; print(os.getpid(), os.environ['SPARKBOX_URL'], flush=True); signal.pause()"
    with shell.begin("run", *python(program)) as process:
        assert process.stdout is not None
        pid, url = process.stdout.readline().split()
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


def test_run_reports_a_missing_program(shell: Shell) -> None:
    line = "sparkbox: no-such-program: there is no such program\n"
    assert shell("run", "--", "no-such-program") == (127, "", line)


def test_run_works_with_sparkposts_client(shell: Shell) -> None:
    program = """
import sparkpost
client = sparkpost.SparkPost("mock-sparkpost-key")
made = client.templates.create(id="hello", name="Hello", subject="Hi", text="Hi", from_email="team@acme.example")
print(made["id"], [template["id"] for template in client.templates.list()])
"""
    done = shell("run", *python(program))
    assert (done.status, done.out) == (0, "hello ['hello']\n"), done.err


def test_run_works_with_sendpulses_client(shell: Shell, tmp_path: Path) -> None:
    program = """
import sys, pysendpulse.pysendpulse
client = pysendpulse.pysendpulse.PySendPulse("mock-sendpulse-id", "mock-sendpulse-secret", "FILE", sys.argv[1])
made = client.add_addressbook("Customers")
print([book["name"] for book in client.get_list_of_addressbooks() if book["id"] == made["id"]])
"""
    done = shell("run", *python(program, f"{tmp_path}/"))
    assert (done.status, done.out) == (0, "['Customers']\n"), done.err


@pytest.mark.skipif(not os.access("/usr/bin/curl", os.X_OK), reason="curl is not installed")
def test_run_works_with_curl_and_the_vendors_address(shell: Shell) -> None:
    url = "https://api.sparkpost.com/api/v1/templates"
    done = shell("run", "--", "curl", "--silent", "--show-error", url, "--header", "Authorization: mock-a")
    assert done == (0, '{"results":[]}', "")


def node() -> tuple[int, int]:
    """The version of the Node that is installed; 0.0 if none is."""
    program = shutil.which("node")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout if program else ""
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


FETCH = """
fetch(process.argv[1] + "/api/v1/templates", {headers: {Authorization: "mock-a"}})
  .then(async (response) => console.log(response.status, await response.text()))
"""


@pytest.mark.skipif(node() < (18, 0), reason="Node 18 or later, which has fetch, is not installed")
def test_run_tells_node_the_base_url(shell: Shell) -> None:
    program = FETCH.replace("process.argv[1]", 'process.env.SPARKBOX_URL + "/sparkpost"')
    assert shell("run", "--", "node", "--eval", program).out == '200 {"results":[]}\n'


@pytest.mark.skipif(
    not (22, 21) <= node() < (23, 0) and node() < (24, 5),
    reason="Node 22.21 or 24.5, which reads the proxy, is not there",
)
def test_run_works_with_node_fetch_and_the_vendors_address(shell: Shell) -> None:
    assert shell("run", "--", "node", "--eval", FETCH, "https://api.sparkpost.com").out == '200 {"results":[]}\n'


def test_run_reports_no_proxy_for_vendors_hosts(shell: Shell) -> None:
    done = shell("run", *python("print('ran')"), NO_PROXY="intranet, .sparkpost.com", no_proxy="")
    assert (done.status, done.out) == (0, "ran\n")
    assert done.err == (
        "sparkbox: NO_PROXY has .sparkpost.com, so api.sparkpost.com is reached directly instead of in the sandbox; "
        "remove it\n"
    )
