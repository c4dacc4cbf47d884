"""The user's own certificate authority, and the server certificate that it signs for HTTPS and SMTP.

All files are in one directory of the user (:func:`home`)::

    ca/certificate.pem    what clients are told to trust
    ca/key.pem            its private key, readable by its owner alone
    server-<digest>.pem   the server's key and certificate, one file for each set of hosts
    bundle-<digest>.pem   the authority's certificate together with the public ones

Files are read and made when they are first needed. ``cryptography`` is imported only to make a certificate.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sparkbox import UserError
from sparkbox.core.state.clock import iso, machine_time, moment

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
DAY = 86_400.0
# With the day before it, below the 825 days that Apple's systems accept: https://support.apple.com/en-us/103769
VALID_DAYS = 397
RENEW_DAYS = 30

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_GOOD_UNTIL = re.compile(rb"Good until (\d{1,12}) ")

log = logging.getLogger(__name__)


class AuthorityError(UserError):
    """The authority's files cannot be read or made. The message says what to do."""


def home() -> Path:
    """Return the directory of the user's files: ``$SPARKBOX_HOME``, or the system's directory for user data.

    The path is absolute. The directory is made, for its owner alone, when the first file is written.
    """
    chosen = os.environ.get("SPARKBOX_HOME")
    if chosen:
        return Path(os.path.expanduser(chosen)).absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("sparkbox", appauthor=False))


class Authority:
    """Certificates for localhost and ``hosts``, which may have wildcards such as ``*.api.e.sparkpost.com``.

    Methods raise :class:`AuthorityError` if a file cannot be read or made.
    """

    def __init__(self, home: Path, hosts: Sequence[str]) -> None:
        self._home = home
        self._hosts = sorted({*LOCAL_HOSTS, *(host.lower().rstrip(".") for host in hosts)})
        self._lock = threading.Lock()
        self._certified: ssl.SSLContext | None = None
        self._renew_at = 0.0

    @property
    def ca_file(self) -> Path:
        """The authority's certificate, PEM. It is made on first use; processes that start together agree on one."""
        with self._explaining():
            _checked(self._authority() / "certificate.pem")
            return self._home / "ca" / "certificate.pem"

    def certificate(self) -> bytes:
        """Return the contents of :attr:`ca_file` without comments."""
        with self._explaining():
            return _checked(self._authority() / "certificate.pem").encode("ascii")

    def bundle_file(self) -> Path:
        """Return a PEM file of this authority's certificate and those that the machine trusts anyway.

        With it, the vendors' hosts and every other host verify.
        """
        with self._explaining():
            certificates = [_checked(self._authority() / "certificate.pem").rstrip("\n")]
            for source in _trusted_files():
                certificates += _certificates(source)
            text = "\n".join(dict.fromkeys(certificates)) + "\n"
            bundle = self._home / f"bundle-{_digest(text)}.pem"
            if not bundle.exists():
                _publish(bundle, text.encode("ascii"), 0o644)
            return bundle

    def server_context(self) -> ssl.SSLContext:
        """Return a server's context: TLS 1.2 or later, HTTP/1.1.

        The certificate is read, or made, for the first client that connects. It is renewed 30 days before it expires.
        """
        context = _LateContext(ssl.PROTOCOL_TLS_SERVER)
        context.find = self._present
        return _limited(context)

    def prepare(self) -> None:
        """Read or make the server's certificate now, so that the first client does not wait for it."""
        self._certified_context()

    def _present(self) -> ssl.SSLContext:
        try:
            return self._certified_context()
        except AuthorityError as error:
            log.error("HTTPS has no certificate: %s", error)
            # A server closes the connection for this error, and goes on.
            raise ssl.SSLError("there is no certificate") from error

    def _certified_context(self) -> ssl.SSLContext:
        with self._lock, self._explaining():
            if self._certified is None or machine_time() >= self._renew_at:
                self._certified, self._renew_at = self._load_or_issue()
            return self._certified

    def _load_or_issue(self) -> tuple[ssl.SSLContext, float]:
        """Return a context with this authority's certificate for the hosts, and when to renew it."""
        authority = self._authority()
        certificate = _checked(authority / "certificate.pem").encode("ascii")
        path = self._home / f"server-{_digest(certificate.hex(), *self._hosts)}.pem"
        if machine_time() < _renewal(path):
            with suppress(ssl.SSLError):  # damaged: make it again
                return _loaded(path)
        if not (authority / "key.pem").exists():
            raise ValueError("key.pem is missing")
        _check_pair(authority)
        _publish(path, _issue(certificate, (authority / "key.pem").read_bytes(), self._hosts), 0o600)
        return _loaded(path)

    def _authority(self) -> Path:
        """Return the directory of key and certificate. One rename makes it appear complete; the first process wins."""
        directory = self._home / "ca"
        if (directory / "certificate.pem").exists():
            return directory
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".ca-", dir=self._home))
        try:
            _make_authority(made)
            made.rename(directory)
        except OSError:
            if not directory.exists():
                raise
            if not (directory / "certificate.pem").exists():
                raise ValueError("certificate.pem is missing") from None
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return directory

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuthorityError(
                f"cannot keep certificates in {self._home} ({error}); "
                "set SPARKBOX_HOME to a directory that can be written"
            ) from error
        except ValueError as error:
            raise AuthorityError(
                f"the certificate authority in {self._home / 'ca'} is damaged: {error}; "
                "remove that directory and a new one is made"
            ) from error


class _LateContext(ssl.SSLContext):
    """A server's context that finds its certificate when a client connects.

    ``sni_callback`` is no alternative: for a host name that is not ASCII, the ``ssl`` module prints a traceback instead
    of calling it.
    """

    find: Callable[[], ssl.SSLContext]

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return self.find().wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        return self.find().wrap_socket(*args, **options)


def _limited(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _make_authority(directory: Path) -> None:
    import trustme

    authority = trustme.CA(organization_name="sparkbox")
    _publish(directory / "key.pem", authority.private_key_pem.bytes(), 0o600)
    _publish(directory / "certificate.pem", authority.cert_pem.bytes(), 0o644)


def _issue(certificate: bytes, key: bytes, hosts: Sequence[str]) -> bytes:
    import trustme

    now = machine_time()
    until = now + VALID_DAYS * DAY
    leaf = trustme.CA.from_pem(certificate, key).issue_cert(
        *hosts,
        organization_name="sparkbox",
        not_before=moment(now - DAY),
        not_after=moment(until),
    )
    # PEM allows text before the blocks. So the expiry is known without parsing the certificate.
    return f"Good until {int(until)} ({iso(until)})\n".encode() + leaf.private_key_and_cert_chain_pem.bytes()


def _loaded(path: Path) -> tuple[ssl.SSLContext, float]:
    context = _limited(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.load_cert_chain(path)
    return context, _renewal(path)


def _renewal(path: Path) -> float:
    """Return when to replace a server certificate, in Unix seconds: 0 if it is missing or does not say."""
    if not path.exists():
        return 0.0
    with path.open("rb") as file:
        until = _GOOD_UNTIL.match(file.readline(100))
    return int(until[1]) - RENEW_DAYS * DAY if until else 0.0


def _trusted_files() -> Iterator[Path]:
    """Return the certificate lists of this machine: certifi's, OpenSSL's, and those that the environment names."""
    try:
        import certifi

        yield Path(certifi.where())
    except ImportError:
        log.debug("certifi is not installed; using OpenSSL's own list")
    named = (ssl.get_default_verify_paths().cafile, *map(os.environ.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")))
    yield from (Path(name) for name in named if name)


def _certificates(path: Path) -> list[str]:
    """Return the PEM blocks of a file without comments; none if there is no such file."""
    return _CERTIFICATE.findall(path.read_text("ascii", errors="ignore")) if path.is_file() else []


def _checked(path: Path) -> str:
    """Return an authority's certificate, PEM. Raise ``ValueError`` if the file has no usable one.

    Clients are told to trust it. Without this check, a damaged file would look like a fault of the client.
    """
    text = "".join(f"{certificate}\n" for certificate in _certificates(path))
    if not text:
        raise ValueError(f"there is no complete certificate in {path.name}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=text)
    except ssl.SSLError as error:
        raise ValueError(f"{path.name} cannot be read ({error.reason or error})") from None
    if not context.get_ca_certs():
        raise ValueError(f"the certificate in {path.name} is no authority's")
    return text


def _check_pair(authority: Path) -> None:
    """Raise ``ValueError`` if the key does not belong to the certificate: no client could verify its signatures."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    except ssl.SSLError as error:
        raise ValueError(f"key.pem does not belong to certificate.pem ({error.reason or error})") from None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _publish(path: Path, data: bytes, mode: int) -> None:
    """Write a file that appears complete or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
