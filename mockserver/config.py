"""The configuration of ``mockserver serve``: defaults, then a TOML file, then the environment, then the flags.

The file's keys and the environment's names are the fields below: ``port = 9000``, ``MOCKSERVER_PORT=9000``. The
sandbox's own settings may stand in the file as well: ``most_requests = 2000``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args

from .core.config import Profile, Settings
from .server import Ports

_PREFIX = "MOCKSERVER_"


class ConfigError(ValueError):
    """A setting that makes no sense; ``str()`` is one line that says which and why."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where to listen, and with which settings."""

    host: str = "127.0.0.1"
    port: int = 8025
    tls_port: int = 8443
    proxy_port: int = 8026
    settings: Settings = field(default_factory=Settings)
    given: frozenset[str] = frozenset()
    """The ports that somebody asked for: they are not replaced when they are taken."""

    @property
    def ports(self) -> Ports:
        names = {"port": "http", "tls_port": "tls", "proxy_port": "proxy"}
        fixed = frozenset(names[name] for name in self.given if name in names)
        return Ports(self.port, self.tls_port, self.proxy_port, fixed | {"http"})


def load(flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration from everything that was said; ``None`` among the flags counts as not said."""
    path = flags.get("config") or environ.get(f"{_PREFIX}CONFIG")
    said: dict[str, Any] = dict(_read(Path(path))) if path else {}
    for name in _types():
        text = environ.get(_PREFIX + name.upper())
        if text:
            said[name] = text
    said.update({name: value for name, value in flags.items() if value is not None and name in _types()})
    values = {name: _checked(name, value) for name, value in said.items()}
    own = {name: values.pop(name) for name in [*values] if name in _OWN}
    return Config(**own, settings=replace(Settings(), **values), given=frozenset(own))


_OWN = {"host": str, "port": int, "tls_port": int, "proxy_port": int}


def _types() -> dict[str, type]:
    kinds: dict[str, type] = dict(_OWN)
    for setting in fields(Settings):
        kinds[setting.name] = type(setting.default)
    return kinds


def _read(path: Path) -> dict[str, Any]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    unknown = sorted(set(said) - set(_types()))
    if unknown:
        raise ConfigError(f"{path}: unknown setting {unknown[0]!r}; there are {', '.join(sorted(_types()))}")
    return said


def _checked(name: str, value: Any) -> Any:
    kind = _types()[name]
    if name == "profile" and value not in get_args(Profile):
        raise ConfigError(f"profile is 'easy' or 'strict', not {value!r}")
    if kind is bool:
        if isinstance(value, str):
            value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(value.lower())
        if not isinstance(value, bool):
            raise ConfigError(f"{name} is true or false")
        return value
    if kind in (int, float) and not isinstance(value, bool):
        try:
            number = kind(value)
        except (TypeError, ValueError):
            raise ConfigError(f"{name} is a number, not {value!r}") from None
        if name.endswith("port") and not 0 <= number <= 65535:
            raise ConfigError(f"{name} is between 0 and 65535, not {value}")
        if number < 0:
            raise ConfigError(f"{name} is not negative")
        return number
    if not isinstance(value, kind):
        raise ConfigError(f"{name} is a {kind.__name__}, not {value!r}")
    return value
