"""The certificate authority over HTTP."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from sparkbox import Client, Sparkbox
from sparkbox.server.certificates import Authority, AuthorityError
from tests.control.harness import Harness


def test_the_authority_is_the_one_of_the_tls_ports(sparkbox_session: Sparkbox) -> None:
    certificate = Client(sparkbox_session.url).ca()
    assert certificate == sparkbox_session.ca_file.read_bytes()
    assert ssl.PEM_cert_to_DER_cert(certificate.decode())


def test_it_says_that_it_is_a_certificate(sparkbox_session: Sparkbox) -> None:
    response = httpx.get(f"{sparkbox_session.url}/_mock/ca", trust_env=False, verify=False)
    assert response.headers["content-type"] == "application/x-pem-file"


def test_an_application_without_tls_ports_has_none(harness: Harness) -> None:
    message = "This sandbox has no certificate authority: it has no TLS ports."
    assert harness.refused("GET", "ca") == (404, "not_found", message)


def test_files_that_cannot_be_made_are_told(harness: Harness) -> None:
    def fail() -> bytes:
        raise AuthorityError("cannot keep certificates")

    harness.sandbox.find_authority = fail
    message = "This sandbox has no certificate authority: cannot keep certificates."
    assert harness.refused("GET", "ca") == (404, "not_found", message)


def test_a_damaged_authority_is_told_with_what_to_do(harness: Harness, tmp_path: Path) -> None:
    authority = Authority(tmp_path, ["localhost"])
    authority.ca_file.write_bytes(authority.certificate()[:300])
    harness.sandbox.find_authority = authority.certificate
    status, code, message = harness.refused("GET", "ca")
    assert (status, code) == (404, "not_found")
    assert message == (
        f"This sandbox has no certificate authority: the certificate authority in {tmp_path / 'ca'} is damaged: there "
        "is no complete certificate in certificate.pem; remove that directory and a new one is made."
    )
