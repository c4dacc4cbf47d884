"""The certificate authority: made once, kept from other users' eyes, and good for every way to connect."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import certifi
import pytest
import trustme
from cryptography import x509

from sparkbox.core.state.clock import machine_time
from sparkbox.server import certificates as module
from sparkbox.server.certificates import DAY, Authority, AuthorityError, home

HOSTS = ("api.sparkpost.com", "*.api.e.sparkpost.com", "smtp.sparkpostmail.com")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "user" / "data"


@pytest.fixture
def authority(directory: Path) -> Authority:
    return Authority(directory, HOSTS)


def trusting(file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(file))


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, host: str | None, **options: object) -> ssl.SSLObject:
    """Shake hands between a client and a server in memory, and return the client's end."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=host, **options),  # type: ignore[arg-type]
        server.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(10):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    ends[1].write(b"ready")
    assert ends[0].read(5) == b"ready"  # with TLS 1.3 this takes in the session ticket too
    return ends[0]


def presented(authority: Authority) -> x509.Certificate:
    end = handshake(authority.server_context(), trusting(authority.ca_file), "localhost")
    return x509.load_der_x509_certificate(end.getpeercert(binary_form=True) or b"")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_authority_is_made_and_cryptography_imported_on_first_use(directory: Path) -> None:
    program = (
        "import sys, pathlib; from sparkbox.server.certificates import Authority\n"
        "Authority(pathlib.Path(sys.argv[1]), ['api.sparkpost.com']).server_context()\n"
        "assert not {'cryptography', 'trustme'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(directory)], check=True)
    assert not directory.exists()


def test_second_start_needs_no_cryptography(authority: Authority, directory: Path) -> None:
    presented(authority)
    program = (
        "import sys, pathlib; from sparkbox.server.certificates import Authority\n"
        "kept = Authority(pathlib.Path(sys.argv[1]), sys.argv[2:])\n"
        "kept.ca_file, kept.bundle_file(), kept.prepare()\n"
        "assert not {'cryptography', 'trustme'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(directory), *HOSTS], check=True)


def test_home_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPARKBOX_HOME", str(tmp_path / "mine"))
    assert home() == tmp_path / "mine"
    assert not home().exists()


def test_home_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARKBOX_HOME", "mine")
    assert home() == tmp_path / "mine"


@pytest.mark.parametrize("unset", [None, ""])
def test_home_is_the_users_data_directory_otherwise(monkeypatch: pytest.MonkeyPatch, unset: str | None) -> None:
    monkeypatch.delenv("SPARKBOX_HOME", raising=False)
    if unset is not None:
        monkeypatch.setenv("SPARKBOX_HOME", unset)
    assert home().is_absolute()
    assert home().name == "sparkbox"


def test_directory_and_keys_are_their_owners_alone(authority: Authority, directory: Path) -> None:
    presented(authority)
    (server,) = directory.glob("server-*.pem")
    assert (mode(directory), mode(directory / "ca")) == (0o700, 0o700)
    assert (mode(directory / "ca" / "key.pem"), mode(server)) == (0o600, 0o600)


def test_no_temporary_file_is_left(authority: Authority, directory: Path) -> None:
    presented(authority)
    authority.bundle_file()
    assert not [path for path in directory.rglob("*") if path.name.startswith(".")]


def test_authority_is_made_once(authority: Authority, directory: Path) -> None:
    made = authority.ca_file.read_bytes()
    assert Authority(directory, ["api.sendpulse.com"]).ca_file.read_bytes() == made


def test_private_key_is_not_in_the_file_that_clients_get(authority: Authority) -> None:
    for file in (authority.ca_file, authority.bundle_file()):
        assert "PRIVATE" not in file.read_text()


def test_processes_started_together_share_one_authority(directory: Path) -> None:
    program = (
        "import sys, pathlib, hashlib, trustme; from sparkbox.server.certificates import Authority\n"
        "one = Authority(pathlib.Path(sys.argv[1]), ['api.sparkpost.com'])\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(hashlib.sha256(one.ca_file.read_bytes()).hexdigest())\n"
    )
    command = [sys.executable, "-c", program, str(directory)]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    seen = {racer.communicate()[0].strip() for racer in racers}
    authority = Authority(directory, ["api.sparkpost.com"])
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert seen == {hashlib.sha256(authority.ca_file.read_bytes()).hexdigest()}
    assert presented(authority)  # its key belongs to it


def test_threads_started_together_share_one_authority(directory: Path) -> None:
    together = threading.Barrier(8)

    def make(_: int) -> bytes:
        together.wait()
        return Authority(directory, HOSTS).ca_file.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    assert [path.name for path in directory.iterdir()] == ["ca"]  # nothing is left of those that came second


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "::1", "api.sparkpost.com", "acme.api.e.sparkpost.com", "smtp.sparkpostmail.com"],
)
def test_clients_verify_every_host(authority: Authority, host: str, version: ssl.TLSVersion) -> None:
    client = trusting(authority.ca_file)
    client.minimum_version = client.maximum_version = version
    assert handshake(authority.server_context(), client, host).version() == version.name.replace("_", ".")


@pytest.mark.parametrize("host", ["example.com", "a.b.api.e.sparkpost.com", "api.e.sparkpost.com", "127.0.0.2"])
def test_clients_reject_the_certificate_for_other_hosts(authority: Authority, host: str) -> None:
    context, client = authority.server_context(), trusting(authority.ca_file)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(context, client, host)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_that_names_no_host_gets_the_certificate(authority: Authority, version: ssl.TLSVersion) -> None:
    client = trusting(authority.ca_file)
    client.check_hostname = False
    client.maximum_version = version
    assert handshake(authority.server_context(), client, None).getpeercert()


def test_strict_client_accepts_the_chain(authority: Authority) -> None:
    client = trusting(authority.ca_file)
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    assert handshake(authority.server_context(), client, "api.sparkpost.com").getpeercert()


def test_client_without_the_authority_rejects_the_certificate(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"unable to get local issuer|self-signed"):
        handshake(authority.server_context(), trusting(Path(certifi.where())), "localhost")


def test_alpn_selects_http_1_1(authority: Authority) -> None:
    client = trusting(authority.ca_file)
    client.set_alpn_protocols(["h2", "http/1.1"])
    assert handshake(authority.server_context(), client, "localhost").selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_is_resumed(authority: Authority, version: ssl.TLSVersion) -> None:
    server, client = authority.server_context(), trusting(authority.ca_file)
    client.maximum_version = version
    first = handshake(server, client, "localhost")
    assert handshake(server, client, "localhost", session=first.session).session_reused


def test_tls_1_1_is_rejected(authority: Authority) -> None:
    assert authority.server_context().minimum_version is ssl.TLSVersion.TLSv1_2


def test_certificate_is_kept_for_the_next_start(authority: Authority, directory: Path) -> None:
    assert presented(authority) == presented(Authority(directory, HOSTS))


def test_spelling_and_order_of_the_hosts_do_not_matter(authority: Authority, directory: Path) -> None:
    shuffled = ["SMTP.sparkpostmail.com.", *HOSTS[:2], "localhost"]
    assert presented(authority) == presented(Authority(directory, shuffled))


def test_other_hosts_get_another_certificate_from_the_same_authority(authority: Authority, directory: Path) -> None:
    presented(authority)
    wider = Authority(directory, [*HOSTS, "api.sendpulse.com"])
    assert handshake(wider.server_context(), trusting(authority.ca_file), "api.sendpulse.com").getpeercert()


def test_certificate_is_valid_no_longer_than_clients_allow(authority: Authority) -> None:
    certificate = presented(authority)
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 398


@pytest.mark.parametrize(("days", "renewed"), [(366, False), (368, True), (1000, True)])
def test_new_certificate_is_issued_within_30_days_of_the_end(
    authority: Authority, directory: Path, monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    first = presented(authority)
    later = machine_time() + days * DAY
    monkeypatch.setattr(module, "machine_time", lambda: later)
    Authority(directory, HOSTS)._certified_context()
    text = next(directory.glob("server-*.pem")).read_bytes()
    issued = x509.load_pem_x509_certificate(text[text.index(b"-----BEGIN CERTIFICATE") :])
    assert (issued.not_valid_after_utc > first.not_valid_after_utc) is renewed


def test_server_that_runs_for_a_year_renews_its_certificate(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = authority._certified_context()
    assert authority._certified_context() is first
    later = machine_time() + 368 * DAY
    monkeypatch.setattr(module, "machine_time", lambda: later)
    assert authority._certified_context() is not first


def test_noted_expiry_is_that_of_the_certificate(authority: Authority, directory: Path) -> None:
    end = presented(authority).not_valid_after_utc
    (server,) = directory.glob("server-*.pem")
    assert server.read_text().startswith(f"Good until {int(end.timestamp())} ({end:%Y-%m-%d}")


@pytest.mark.parametrize("damage", ["", "Good until 99999999999 (9999)\nnot a certificate\n"])
def test_damaged_server_certificate_is_replaced(authority: Authority, directory: Path, damage: str) -> None:
    presented(authority)
    (server,) = directory.glob("server-*.pem")
    server.write_text(damage)
    assert presented(Authority(directory, HOSTS))


def test_new_authority_signs_a_new_server_certificate(authority: Authority, directory: Path) -> None:
    before = presented(authority)
    shutil.rmtree(directory / "ca")
    assert presented(Authority(directory, HOSTS)).issuer != before.issuer


@pytest.mark.parametrize(
    ("file", "content"), [("certificate.pem", None), ("certificate.pem", b"?"), ("key.pem", None), ("key.pem", b"?")]
)
def test_damaged_authority_is_reported_and_not_replaced(
    authority: Authority, directory: Path, file: str, content: bytes | None
) -> None:
    damaged = authority.ca_file.parent / file
    damaged.unlink() if content is None else damaged.write_bytes(content)
    with pytest.raises(AuthorityError, match=rf"{directory / 'ca'} is damaged: .*; remove that directory"):
        authority._certified_context()
    assert (damaged.read_bytes() if damaged.exists() else None) == content


def truncated(pem: bytes) -> bytes:
    return pem[: len(pem) // 2]


def without_its_middle(pem: bytes) -> bytes:
    lines = pem.splitlines(keepends=True)
    return b"".join(lines[:3] + lines[5:])


def not_base64(pem: bytes) -> bytes:
    return pem.replace(b"\nM", b"\n?", 1)


def a_servers(pem: bytes) -> bytes:
    issued = trustme.CA().issue_cert("localhost")
    return issued.cert_chain_pems[0].bytes()


DAMAGES = [truncated, without_its_middle, not_base64, a_servers, lambda pem: b"", lambda pem: b"\xff\0\xfe" * 500]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_certificate_is_never_returned(authority: Authority, damage: Callable[[bytes], bytes]) -> None:
    file = authority.ca_file
    file.write_bytes(damage(file.read_bytes()))
    for use in (lambda: authority.ca_file, authority.certificate, authority.bundle_file, authority._certified_context):
        with pytest.raises(AuthorityError, match=r"is damaged: .*certificate.*; remove that directory"):
            use()


def test_comments_beside_the_certificate_are_not_returned(authority: Authority) -> None:
    pem = authority.ca_file.read_bytes()
    authority.ca_file.write_bytes(b"made by hand\n" + pem + b"\xff")
    assert authority.certificate() == pem


def test_key_of_another_authority_is_rejected(authority: Authority) -> None:
    (authority.ca_file.parent / "key.pem").write_bytes(trustme.CA().private_key_pem.bytes())
    with pytest.raises(AuthorityError, match=r"is damaged: key\.pem does not belong to certificate\.pem"):
        authority._certified_context()


def test_bundle_of_a_damaged_authority_is_rejected(authority: Authority) -> None:
    authority.ca_file.write_bytes(b"")
    with pytest.raises(AuthorityError, match="damaged"):
        authority.bundle_file()


def test_unwritable_home_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AuthorityError, match="set SPARKBOX_HOME to a directory that can be written") as refused:
        _ = Authority(tmp_path / "file" / "home", HOSTS).ca_file
    assert "\n" not in str(refused.value)


def test_connection_without_certificate_is_a_tls_error_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    context = Authority(tmp_path / "file" / "home", HOSTS).server_context()
    with caplog.at_level(logging.ERROR), pytest.raises(ssl.SSLError, match="there is no certificate"):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
    assert "HTTPS has no certificate: cannot keep certificates" in caplog.messages[0]


def test_host_name_that_is_not_ascii_is_harmless(authority: Authority) -> None:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(authority.ca_file).wrap_bio(down, up, server_hostname="api.sparkpost.com")
    server = authority.server_context().wrap_bio(up, down, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    up.write(up.read().replace(b"api.sparkpost.com", b"api.sp\xffrkpost.com"))
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()
    assert down.pending > 0  # it answers the hello


@pytest.fixture
def no_lists_named(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def fingerprints(file: Path) -> set[bytes]:
    return {hashlib.sha256(one).digest() for one in trusting(file).get_ca_certs(binary_form=True)}


def test_bundle_has_our_authority_and_the_public_ones(authority: Authority, no_lists_named: pytest.MonkeyPatch) -> None:
    assert fingerprints(authority.bundle_file()) > fingerprints(Path(certifi.where()))
    assert fingerprints(authority.bundle_file()) > fingerprints(authority.ca_file)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_bundle_has_what_the_environment_trusts(
    authority: Authority, tmp_path: Path, no_lists_named: pytest.MonkeyPatch, variable: str
) -> None:
    company = Authority(tmp_path / "company", ["intranet"]).ca_file
    no_lists_named.setenv(variable, str(company))
    assert fingerprints(authority.bundle_file()) > fingerprints(company)


@pytest.mark.parametrize("named", ["nowhere.pem", "."])
def test_certificate_list_that_is_no_file_is_skipped(
    authority: Authority, no_lists_named: pytest.MonkeyPatch, named: str
) -> None:
    plain = authority.bundle_file()
    no_lists_named.setenv("REQUESTS_CA_BUNDLE", named)
    assert authority.bundle_file() == plain


def test_bundle_is_stable_where_ours_is_trusted_already(
    authority: Authority, no_lists_named: pytest.MonkeyPatch
) -> None:
    bundle = authority.bundle_file()
    no_lists_named.setenv("SSL_CERT_FILE", str(bundle))
    no_lists_named.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    made = os.stat(bundle).st_mtime_ns
    assert authority.bundle_file().read_bytes() == bundle.read_bytes()
    assert os.stat(bundle).st_mtime_ns == made
