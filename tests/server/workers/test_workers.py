"""Several workers behave as one sandbox: each account in one of them, and the control API over all."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sparkbox.client import Client
from sparkbox.core.state.place import worker_of

WORKERS = 2


def credential(worker: int, name: str) -> str:
    """Return a credential of this name that leads to a worker."""
    tries = (f"mock-{name}-{number}" for number in range(100))
    return next(text for text in tries if worker_of(text, WORKERS) == worker)


@dataclass
class Served:
    """A sandbox with several workers."""

    process: subprocess.Popen[str]
    url: str
    smtp: int

    @property
    def control(self) -> Client:
        return Client(self.url)

    def connections(self) -> Iterator[httpx.Client]:
        """Yield some clients, each with a connection of its own: both workers accept some of them."""
        for _ in range(6):
            with httpx.Client(base_url=self.url, trust_env=False, verify=False) as client:
                yield client

    def ports_of(self, pid: int) -> set[int]:
        """Return the clients' ports of a worker's connections by HTTP."""
        inodes = {os.readlink(path)[8:-1] for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return {int(row[2].partition(":")[2], 16) for row in rows if row[9] in inodes}

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = begin(str(tmp_path_factory.mktemp("home")))
    yield served
    served.process.send_signal(signal.SIGTERM)
    assert served.process.communicate(timeout=10) == ("", "")
    assert served.process.returncode == 0


@pytest.fixture(autouse=True)
def _clean(request: pytest.FixtureRequest) -> None:
    if "served" in request.fixturenames:
        request.getfixturevalue("served").control.reset()


def begin(home: str) -> Served:
    ports = [word for name in ("", "tls-", "proxy-", "smtp-", "smtps-") for word in (f"--{name}port", "0")]
    process = subprocess.Popen(
        [sys.executable, "-m", "sparkbox", "serve", *ports, "--workers", str(WORKERS), "--no-rate-limits"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"SPARKBOX_HOME": home},
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Stop with Ctrl+C" in line:
            break
    card = "".join(lines)
    http, smtp = re.search(r"at (http://\S+)", card), re.search(r"smtp +[\d.]+:(\d+)", card)
    assert http is not None, process.communicate()
    assert smtp is not None
    assert f"rate limits off, {WORKERS} workers)" in card
    return Served(process, http[1], int(smtp[1]))


def send(client: httpx.Client, key: str, subject: str) -> str:
    """Send a mail with a tracked link; return the id of the transmission."""
    content = {"from": "a@mail.acme.example", "subject": subject, "html": "<a href='https://acme.example/x'>x</a>"}
    body = {"recipients": [{"address": "wilma@flintstone.example"}], "content": content}
    response = client.post("/sparkpost/api/v1/transmissions", json=body, headers={"authorization": key})
    assert response.status_code == 200, response.text
    id: str = response.json()["results"]["id"]
    return id


def test_account_is_the_same_on_every_connection(served: Served) -> None:
    keys = [credential(worker, "same") for worker in range(WORKERS)]
    sent = {key: {send(client, key, f"mail {key}") for client in served.connections()} for key in keys}
    for key in keys:
        messages = served.control.messages(key)["messages"]
        assert {message["subject"] for message in messages} == {f"mail {key}"}
        assert len(messages) == len(sent[key]) == 6


def test_kept_connection_serves_many_accounts_one_after_the_other(served: Served) -> None:
    keys = [credential(worker, f"kept{number}") for number in range(3) for worker in range(WORKERS)]
    for client in served.connections():
        for key in keys * 3:
            assert send(client, key, key)
    for key in keys:
        assert {message["subject"] for message in served.control.messages(key)["messages"]} == {key}
        assert served.control.messages(key)["total"] == 18


def test_kept_connection_moves_to_the_worker_of_its_account(served: Served) -> None:
    ends = []
    for client in served.connections():
        for _ in range(3):
            assert send(client, credential(1, "moves"), "moved")
        stream = client.send(client.build_request("GET", "/_mock/health"), stream=True)
        ends.append(stream.extensions["network_stream"].get_extra_info("client_addr")[1])
        stream.read()
        assert ends[-1] in served.ports_of(served.children()[1])


def test_lists_of_all_accounts_are_merged_newest_first(served: Served) -> None:
    keys = [credential(worker, "list") for worker in range(WORKERS)]
    with httpx.Client(base_url=served.url, trust_env=False, verify=False) as client:
        for number in range(8):
            send(client, keys[number * 5 % 3 % 2], str(number))
    control = served.control
    listed = control.messages()
    assert listed["total"] == 8
    assert [message["subject"] for message in listed["messages"]] == list("76543210")
    page = control.messages(limit=3, offset=2)
    assert (page["total"], [message["subject"] for message in page["messages"]]) == (8, list("543"))
    newer = control.messages(since=page["messages"][0]["id"])["messages"]
    assert [message["subject"] for message in newer] == list("76")
    for message in listed["messages"]:
        assert control.message(message["id"])["subject"] == message["subject"]
    assert {account["credential"] for account in control.accounts()["accounts"]} == set(keys)
    assert control.health()["logs"]["requests"]["kept"] == 8
    for limit, found in (("3.0", 3), ("+3", 3), ("1_0", 8), ("1001", None), ("9" * 5000, None)):
        response = httpx.get(f"{served.url}/_mock/messages", params={"limit": limit}, trust_env=False, verify=False)
        assert response.status_code == (422 if found is None else 200), limit
        assert found is None or (len(response.json()["messages"]), response.json()["total"]) == (found, 8)


def test_tokens_and_pages_lead_to_their_account(served: Served) -> None:
    for worker in range(WORKERS):
        key = credential(worker, "token")
        made = served.control.simulate("sparkpost", "keys", key, grants=["transmissions/modify"])["key"]
        granted = served.control.simulate("sparked", "grant", f"{key}.sparked")["access_token"]
        kit = _kit_page(served, granted)
        issued = _sendpulse_token(served, f"{key}.sendpulse")
        with httpx.Client(base_url=served.url, trust_env=False, verify=False) as client:
            send(client, key, "tracked")
        (message,) = served.control.messages(key, subject="tracked")["messages"]
        link = re.search(r"href=['\"](http[^'\"]+)", served.control.html(message["id"]))
        assert link is not None
        for client in served.connections():
            assert send(client, made, "by a made key")
            bearer = {"authorization": f"Bearer {granted}"}
            assert client.get("/sparked/api/v1/creators/cr_mock", headers=bearer).status_code == 200
            assert client.get(kit).status_code == 200
            assert client.get("/sendpulse/balance", headers={"authorization": f"Bearer {issued}"}).status_code == 200
            assert client.get(link[1]).headers["location"] == "https://acme.example/x"
        types = [event["type"] for event in served.control.events(key)["events"]]
        assert types.count("click") == 6


def _kit_page(served: Served, token: str) -> str:
    path = "/sparked/api/v1/mediakit/cr_mock"
    response = httpx.get(
        f"{served.url}{path}", headers={"authorization": f"Bearer {token}"}, trust_env=False, verify=False
    )
    assert response.status_code == 200, response.text
    found = re.search(r"/sparked/kit/[a-z0-9_-]+", response.text)
    assert found is not None, response.text
    return found[0]


def _sendpulse_token(served: Served, client_id: str) -> str:
    fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "mock-any-secret"}
    response = httpx.post(f"{served.url}/sendpulse/oauth/access_token", data=fields, trust_env=False, verify=False)
    assert response.status_code == 200, response.text
    token: str = response.json()["access_token"]
    return token


def test_mail_by_smtp_reaches_the_worker_of_its_login(served: Served) -> None:
    for worker in range(WORKERS):
        key = credential(worker, "mail")
        made = served.control.simulate("sparkpost", "keys", key, grants=["smtp/inject"])["key"]
        for password in (key, made) * 3:
            with smtplib.SMTP("127.0.0.1", served.smtp) as client:
                client.login("SMTP_Injection", password)
                assert client.docmd("MAIL FROM:<no address>")[0] == 501
                client.sendmail("a@mail.acme.example", ["wilma@flintstone.example"], "Subject: Hello\r\n\r\nHi")
        assert served.control.messages(key)["total"] == 6
        statuses = [entry["status"] for entry in served.control.requests(key)["requests"]]
        assert sorted(statuses) == [250] * 6 + [501] * 6
    with smtplib.SMTP("127.0.0.1", served.smtp) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("SMTP_Injection", "no-key")
    assert served.control.requests(account="")["requests"][0]["path"] == "AUTH"


def test_rule_for_all_accounts_holds_in_all_workers(served: Served) -> None:
    control, keys = served.control, [credential(worker, "rule") for worker in range(WORKERS)]
    fault = control.add_fault(service="sparkpost", status=503)
    own = control.add_fault(keys[1], service="sparkpost", latency=0.001)
    with httpx.Client(base_url=served.url, trust_env=False, verify=False) as client:
        statuses = [
            client.get("/sparkpost/api/v1/templates", headers={"authorization": key}).status_code for key in keys * 2
        ]
        assert statuses == [503] * 4 or statuses == [503, 200] * 2
    listed = control.faults()
    assert listed["total"] == 2
    assert {row["id"] for row in listed["faults"]} == {fault["id"], own["id"]}
    assert sum(row["hits"] for row in listed["faults"]) == 4
    stub = control.add_stub(service="sparkpost", path="/api/v1/templates", text="canned")
    assert control.stubs()["total"] == 1
    assert control.delete_stub(stub["id"]) == {"deleted": 1}
    assert control.delete_faults() == {"deleted": 2}
    assert control.faults()["total"] == 0


def test_copy_of_an_account_is_found_where_its_source_is(served: Served) -> None:
    source = credential(0, "source")
    copies = [credential(worker, "copy") for worker in range(WORKERS)]
    template = {"id": "welcome", "content": {"from": "a@acme.example", "subject": "Hi", "text": "Hi"}}
    with httpx.Client(base_url=served.url, trust_env=False, verify=False) as client:
        client.post("/sparkpost/api/v1/templates", json=template, headers={"authorization": source}).raise_for_status()
    for copy in copies:
        assert served.control.create_account(copy, source)["credential"] == copy
        for client in served.connections():
            found = client.get("/sparkpost/api/v1/templates/welcome", headers={"authorization": copy})
            assert found.status_code == 200
    assert served.control.accounts()["total"] == 3
    again = httpx.post(
        f"{served.url}/_mock/accounts", json={"credential": copies[1], "from": source}, trust_env=False, verify=False
    )
    assert again.status_code == 409


def test_clock_of_all_accounts_is_turned_in_all_workers(served: Served) -> None:
    control, keys = served.control, [credential(worker, "clock") for worker in range(WORKERS)]
    with httpx.Client(base_url=served.url, trust_env=False, verify=False) as client:
        for key in keys:
            send(client, key, "to be delivered")
    assert control.clock()["jobs"] == 2
    turned = control.turn_clock(advance="1h")
    assert (turned["ran"], turned["jobs"]) == (2, 0)
    assert {message["status"] for message in control.messages()["messages"]} == {"delivered"}


def test_large_request_is_refused_by_the_accounts_worker(served: Served) -> None:
    for worker in range(WORKERS):
        key = credential(worker, "large")
        for client in served.connections():
            bearer = {"authorization": f"Bearer {key}"}
            assert (
                client.post("/sparked/api/v1/webhooks", content=b"x" * 1024 * 1025, headers=bearer).status_code == 413
            )
        assert [entry["status"] for entry in served.control.requests(key)["requests"]] == [413] * 6


def test_fault_cuts_the_connection_to_the_client(served: Served) -> None:
    for worker in range(WORKERS):
        key = credential(worker, "cut")
        served.control.add_fault(key, drop=True)
        for client in served.connections():
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/sparkpost/api/v1/templates", headers={"authorization": key})


def test_end_of_one_worker_ends_all(tmp_path: Path) -> None:
    served = begin(str(tmp_path))
    children = served.children()
    assert len(children) == WORKERS
    os.kill(children[0], signal.SIGKILL)
    _, errors = served.process.communicate(timeout=10)
    assert served.process.returncode == 1
    assert errors == "sparkbox: a worker has ended by itself, by signal 9; the others were stopped\n"
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
