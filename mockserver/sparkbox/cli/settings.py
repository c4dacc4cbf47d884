"""The configuration of a sandbox: defaults, then a TOML file, then the environment, then the flags.

The file's keys and the environment's names are ``host``, the ports and the fields of
:class:`~sparkbox.core.state.config.Settings`: ``port = 9000``, ``SPARKBOX_PORT=9000``, ``most_requests = 2000``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args

from sparkbox import UserError
from sparkbox.core.state.config import Profile, Settings
from sparkbox.server.ports import SETTINGS, Ports

PREFIX = "SPARKBOX_"
MOST = 2**63 - 1
MOST_WORKERS = 64

_PORT_NAMES = {setting: name for name, setting in SETTINGS.items()}
_TYPES: dict[str, type] = {
    "host": str,
    **dict.fromkeys(_PORT_NAMES, int),
    **{setting.name: type(setting.default) for setting in fields(Settings)},
    "seed": int,
    "workers": int,
}
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class ConfigError(UserError):
    """A setting that makes no sense; ``str()`` is one line that says where it was set and what is wrong."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where to listen, and with which settings. A port that was given is fixed."""

    host: str = "127.0.0.1"
    ports: Ports = field(default_factory=Ports)
    settings: Settings = field(default_factory=Settings)
    workers: int = 1
    """Processes that share the work."""


def load(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration from flags, environment and file; a flag that is ``None`` was not given."""
    path = flags.get("config") or environ.get(f"{PREFIX}CONFIG")
    values = _from_file(Path(path)) if path else {}
    values |= _from_environment(environ)
    values |= {
        name: _checked(value, name, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if name in _TYPES and value is not None
    }
    host = values.pop("host", Config().host)
    workers = values.pop("workers", Config().workers)
    ports = {_PORT_NAMES[name]: values.pop(name) for name in [*values] if name in _PORT_NAMES}
    return Config(
        host,
        ports=replace(Ports(), **ports, fixed=Ports().fixed | set(ports)),
        workers=workers,
        settings=replace(Settings(), **values),
    )


def _from_file(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    unknown = next((name for name in said if name not in _TYPES), None)
    if unknown is not None:
        raise ConfigError(f"{path}: there is no setting {unknown[:100]!r}; there are {', '.join(_TYPES)}")
    return {name: _checked(value, name, f"{path}: {name}") for name, value in said.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {name: environ.get(PREFIX + name.upper(), "") for name in _TYPES}
    return {
        name: _checked(text, name, PREFIX + name.upper())
        for name, text in found.items()
        # Kubernetes sets SPARKBOX_PORT=tcp://… itself, wherever a Service is called sparkbox:
        # https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
        if text and not (name == "port" and text.startswith(("tcp://", "udp://")))
    }


def _checked(value: Any, name: str, where: str) -> Any:
    """Return a value in the type of its setting; text is read as from the environment."""
    kind = _TYPES[name]
    if kind is bool:
        return _one_of(_SWITCH, value.lower() if isinstance(value, str) else value, f"{where} is true or false")
    if name == "profile":
        return _one_of({known: known for known in get_args(Profile)}, value, f"{where} is easy or strict")
    if kind is str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise ConfigError(f"{where} is a name or an address, not {_shown(value)}")
        return value.strip()
    least, most = _bounds(name)
    number = _number(value, kind)
    if number is None or not least <= number <= most:
        what = "whole number" if kind is int else "number"
        bounds = f"between {least} and {most}" if most < MOST else f"of at least {least}"
        raise ConfigError(f"{where} is a {what} {bounds}, not {_shown(value)}")
    return number


def _bounds(name: str) -> tuple[int, int]:
    if name in _PORT_NAMES:
        return 0, 65535
    if name == "workers":
        return 1, MOST_WORKERS
    return (1 if name.startswith("most_") else 0), MOST


def _one_of(known: Mapping[Any, Any], value: Any, rule: str) -> Any:
    if isinstance(value, bool) and value in known.values():
        return value
    if not isinstance(value, str) or value not in known:
        raise ConfigError(f"{rule}, not {_shown(value)}")
    return known[value]


def _number(value: Any, kind: type) -> Any:
    """Return an ``int`` or a ``float``; ``None`` for anything else, and for a fraction where an ``int`` is needed."""
    if isinstance(value, bool) or not isinstance(value, (str, int, kind)):
        return None
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        return None
    return number if number == number else None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
