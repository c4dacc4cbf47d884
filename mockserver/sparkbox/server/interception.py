"""The environment variables that lead a program from the vendors' hosts to the sandbox.

HTTP clients read these variables by themselves, so the program stays unchanged.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

LOCAL = ("localhost", "127.0.0.1", "::1")
NOT_FOUND = 127
NOT_EXECUTABLE = 126

PASSED_ON = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)  # Windows has the first two
)
FROM_THE_KEYBOARD = tuple(number for number in PASSED_ON if number.name in ("SIGINT", "SIGQUIT"))
"""Ctrl-C and Ctrl-\\: a terminal also sends them to the program itself."""


def environment(
    *, url: str, proxy_url: str, smtp: str, smtps: str, bundle: Path, ca: Path, base: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return a copy of ``base`` in which the vendors' hosts lead to the sandbox.

    ``url`` is the sandbox's own address, ``proxy_url`` the CONNECT proxy's, ``smtp`` and ``smtps`` are host and port of
    the mail relay, ``bundle`` and ``ca`` the PEM files of :class:`sparkbox.server.certificates.Authority`.
    ``HTTP_PROXY`` stays as it is: every vendor is reached over https.
    """
    return {**base, **_settings(url, proxy_url, smtp, smtps, bundle, ca, base)}


@contextmanager
def intercept(
    *, url: str, proxy_url: str, smtp: str, smtps: str, bundle: Path, ca: Path, base: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """Set the same variables in this process, and restore exactly what was there.

    Interceptions may be nested, and may overlap those of other threads or tasks. The newest one counts.
    """
    with _lock:
        settings = _settings(url, proxy_url, smtp, smtps, bundle, ca, base)
        ours = _Overlay({name: os.environ.get(name) for name in settings})
        _overlays.append(ours)
        os.environ.update(settings)
    try:
        yield
    finally:
        with _lock:
            _lift(ours)


@dataclass(eq=False, slots=True)
class _Overlay:
    """The variables' values before one interception."""

    before: dict[str, str | None]


_overlays: list[_Overlay] = []
"""The active interceptions, the newest last."""
_lock = threading.Lock()


def _lift(overlay: _Overlay) -> None:
    position = _overlays.index(overlay)
    del _overlays[position]
    if position < len(_overlays):  # a newer one is active: it must not restore our values when it ends
        _overlays[position].before = overlay.before
        return
    for name, value in overlay.before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a program in the foreground, with this terminal, and return its exit status.

    128 + n means that signal n ended it, 127 that there is no such program, 126 that it cannot be executed. The latter
    two print one line on stderr. Signals in :data:`PASSED_ON` are passed on to the program, except for those that the
    terminal sends it anyway. Outside the main thread none are, because Python handles no signals there.
    """
    if not command:
        raise ValueError("there is no command to run")
    with _forwarding() as forwarder:
        try:
            child = subprocess.Popen(list(command), env=dict(env))
        except OSError as error:
            return _cannot_run(command[0], env, error)
        forwarder.attach(child)
        status = child.wait()
    return status if status >= 0 else 128 - status


def obstacles(command: Sequence[str], env: Mapping[str, str], hosts: Sequence[str]) -> Iterator[str]:
    """Return what keeps a program in ``env`` from reaching ``hosts`` in the sandbox, one line for each."""
    for entry in dict.fromkeys(re.split(r"[,\s]+", env.get("NO_PROXY", ""))):
        direct = [host for host in hosts if _covers(entry, host)]
        if direct:
            yield f"NO_PROXY has {entry}, so {direct[0]} is reached directly instead of in the sandbox; remove it"
    version = _node_version(command, env)
    if version is not None and not (22, 21) <= version < (23, 0) and version < (24, 5):
        yield f"Node {version[0]}.{version[1]} does not read HTTPS_PROXY by itself; 22.21, 24.5 and later do"


def _covers(entry: str, host: str) -> bool:
    """Return whether any client applies an entry of ``NO_PROXY`` to this host; each reads it in its own way."""
    name = entry.lower().partition(":")[0].removeprefix("*").removeprefix(".")
    return entry == "*" or (name != "" and f".{host}".endswith(f".{name}"))


def _node_version(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the major and minor version of a command's Node; ``None`` for any other program."""
    name = os.path.basename(command[0]).lower().removesuffix(".exe").removesuffix(".cmd")
    if name not in ("node", "npm", "npx"):
        return None
    node = command[0] if name == "node" else "node"
    try:
        output = subprocess.run(
            [node, "--version"], env=dict(env), capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):  # run() reports what is wrong
        return None
    found = re.match(r"v(\d+)\.(\d+)\.", output.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _settings(
    url: str, proxy_url: str, smtp: str, smtps: str, bundle: Path, ca: Path, base: Mapping[str, str]
) -> dict[str, str]:
    direct = _direct_hosts(base)
    return {
        "HTTPS_PROXY": proxy_url,
        "https_proxy": proxy_url,
        "REQUESTS_CA_BUNDLE": str(bundle),
        "SSL_CERT_FILE": str(bundle),
        "CURL_CA_BUNDLE": str(bundle),
        "NODE_EXTRA_CA_CERTS": str(ca),
        # Node reads HTTPS_PROXY only when asked to: https://nodejs.org/api/cli.html#node_use_env_proxy1
        "NODE_USE_ENV_PROXY": "1",
        "NO_PROXY": direct,
        "no_proxy": direct,
        "SPARKBOX_URL": url,
        "SPARKBOX_SMTP": smtp,
        "SPARKBOX_SMTPS": smtps,
    }


def _direct_hosts(base: Mapping[str, str]) -> str:
    """Return the hosts that had no proxy before, in either spelling of the variable, and this machine."""
    named = f"{base.get('NO_PROXY', '')},{base.get('no_proxy', '')}".split(",")
    return ",".join(dict.fromkeys([*filter(None, map(str.strip, named)), *LOCAL]))


class _Forwarder:
    """A signal handler that passes signals on to a program, including those that arrive before its start."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._child is None:
            self._early.append(number)
        elif number not in FROM_THE_KEYBOARD or not _terminal_reaches_both():
            self._child.send_signal(number)

    def attach(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        for number in self._early:
            child.send_signal(number)


@contextmanager
def _forwarding() -> Iterator[_Forwarder]:
    forwarder = _Forwarder()
    before = {number: signal.getsignal(number) for number in PASSED_ON}
    if threading.current_thread() is not threading.main_thread():
        before.clear()
    # An ignored signal (nohup, a background job) stays ignored: a handler would undo that for the program too.
    before = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in before:
            signal.signal(number, forwarder)
        yield forwarder
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_reaches_both() -> bool:
    """Return whether Ctrl-C reaches the program anyway: a terminal sends it to every process of its foreground group.

    If it arrived twice, many programs would end without cleaning up.
    """
    if sys.platform == "win32":
        return True
    try:
        with open(os.ctermid(), "rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:  # there is no terminal
        return False


def _cannot_run(program: str, env: Mapping[str, str], error: OSError) -> int:
    found = shutil.which(program, mode=os.F_OK, path=os.pathsep.join(os.get_exec_path(dict(env))))
    if isinstance(error, FileNotFoundError) and found:
        status, reason = NOT_FOUND, "the interpreter that its first line names is missing"
    elif isinstance(error, FileNotFoundError) or (not found and os.sep not in program):
        status, reason = NOT_FOUND, "there is no such program"
    else:
        status, reason = NOT_EXECUTABLE, f"it cannot be executed: {error.strerror}"
    sys.stderr.write(f"sparkbox: {program}: {reason}\n")
    return status
