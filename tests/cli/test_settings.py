"""The configuration: flags override the environment, which overrides the file; mistakes are one clear line."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox import UserError
from sparkbox.cli.settings import Config, ConfigError, load
from sparkbox.core.state.config import Settings
from sparkbox.server.ports import Ports


def rejection(flags: dict[str, Any] | None = None, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(flags or {}, environ)
    assert isinstance(caught.value, UserError)
    return str(caught.value)


def complaint(flags: dict[str, Any], environ: dict[str, str]) -> str:
    """Return the error message; empty if there is none."""
    try:
        load(flags, environ)
    except ConfigError as error:
        return str(error)
    return ""


def config_file(directory: Path, text: str) -> str:
    path = directory / "mock.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_defaults() -> None:
    assert load({}, {}) == Config("127.0.0.1", Ports(8025, 8443, 8026, 2525, 4650, frozenset({"http"})), Settings())


def test_flags_override_the_environment_which_overrides_the_file(tmp_path: Path) -> None:
    file = config_file(tmp_path, 'seed = 1\nprofile = "strict"\nport = 1001\nmost_requests = 5\n')
    environ = {"SPARKBOX_SEED": "2", "SPARKBOX_PORT": "1002"}
    config = load({"config": file, "seed": 3}, environ)
    assert config.settings == Settings(seed=3, profile="strict", most_requests=5)
    assert config.ports.http == 1002


def test_flag_none_is_not_given(tmp_path: Path) -> None:
    file = config_file(tmp_path, "seed = 1\nrate_limits = false\n")
    settings = load({"config": file, "seed": None, "rate_limits": None}, {}).settings
    assert (settings.seed, settings.rate_limits) == (1, False)


def test_flags_that_are_no_settings_are_ignored() -> None:
    assert load({"command": ["x"], "run": print, "json": True}, {}) == load({}, {})


def test_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = config_file(tmp_path, 'host = "0.0.0.0"\n')
    assert load({}, {"SPARKBOX_CONFIG": file}).host == "0.0.0.0"


def test_file_of_a_flag_overrides_that_of_the_environment(tmp_path: Path) -> None:
    file = config_file(tmp_path, "seed = 9\n")
    assert load({"config": file}, {"SPARKBOX_CONFIG": "/no/such/file"}).settings.seed == 9


def test_every_setting_can_be_given_in_each_way(tmp_path: Path) -> None:
    for setting in fields(Settings):
        given = {"profile": "strict", "allowed_hosts": "mock.acme.com, mock.acme.net"}
        value: object = given.get(setting.name, 7 if setting.default != 0 else 3)
        if isinstance(setting.default, bool):
            value = not setting.default
        text = f'"{value}"' if isinstance(value, str) else str(value).lower()
        file = config_file(tmp_path, f"{setting.name} = {text}\n")
        ways = [
            load({"config": file}, {}),
            load({}, {f"SPARKBOX_{setting.name.upper()}": str(value)}),
            load({setting.name: value}, {}),
        ]
        assert [getattr(way.settings, setting.name) for way in ways] == [value] * 3, setting.name


@pytest.mark.parametrize(
    ("flags", "fixed"),
    [
        ({}, {"http"}),
        ({"tls_port": 8443}, {"http", "tls"}),
        ({"proxy_port": 0, "tls_port": 1}, {"http", "tls", "proxy"}),
    ],
)
def test_requested_port_is_fixed(flags: dict[str, int], fixed: set[str]) -> None:
    assert load(flags, {}).ports.fixed == fixed


def test_port_from_file_or_environment_is_fixed(tmp_path: Path) -> None:
    file = config_file(tmp_path, "tls_port = 9443\n")
    ports = load({"config": file}, {"SPARKBOX_PROXY_PORT": "9026"}).ports
    assert ports == Ports(8025, 9443, 9026, 2525, 4650, frozenset({"http", "tls", "proxy"}))


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "yes", "on"])
def test_environment_has_several_words_for_true(text: str) -> None:
    assert load({}, {"SPARKBOX_ACCEPT_ANY_KEY": text}).settings.accept_any_key is True


@pytest.mark.parametrize("text", ["0", "false", "No", "off"])
def test_environment_has_several_words_for_false(text: str) -> None:
    assert load({}, {"SPARKBOX_RATE_LIMITS": text}).settings.rate_limits is False


def test_empty_variable_counts_as_unset() -> None:
    assert load({}, {"SPARKBOX_SEED": "", "SPARKBOX_HOST": "", "SPARKBOX_CONFIG": ""}) == load({}, {})


def test_port_variable_of_kubernetes_is_ignored() -> None:
    assert load({}, {"SPARKBOX_PORT": "tcp://10.0.0.11:8025"}) == load({}, {})


@pytest.mark.parametrize(
    ("flags", "environ", "line"),
    [
        ({"port": 70000}, {}, "--port is a whole number between 0 and 65535, not 70000"),
        ({"tls_port": -1}, {}, "--tls-port is a whole number between 0 and 65535, not -1"),
        ({}, {"SPARKBOX_PORT": "web"}, "SPARKBOX_PORT is a whole number between 0 and 65535, not 'web'"),
        ({}, {"SPARKBOX_PORT": "80.0"}, "SPARKBOX_PORT is a whole number between 0 and 65535, not '80.0'"),
        ({"workers": 0}, {}, "--workers is a whole number between 1 and 64, not 0"),
        ({"seed": -1}, {}, "--seed is a whole number of at least 0, not -1"),
        ({}, {"SPARKBOX_MOST_ACCOUNTS": "0"}, "SPARKBOX_MOST_ACCOUNTS is a whole number of at least 1, not '0'"),
        ({}, {"SPARKBOX_IDLE_ACCOUNT_SECONDS": "nan"}, "is a number of at least 0, not 'nan'"),
        ({}, {"SPARKBOX_IDLE_ACCOUNT_SECONDS": "inf"}, "is a number of at least 0, not 'inf'"),
        ({}, {"SPARKBOX_PROFILE": "lax"}, "SPARKBOX_PROFILE is easy or strict, not 'lax'"),
        ({}, {"SPARKBOX_RATE_LIMITS": "maybe"}, "SPARKBOX_RATE_LIMITS is true or false, not 'maybe'"),
        ({}, {"SPARKBOX_HOST": " "}, "SPARKBOX_HOST is a name or an address, not ' '"),
        ({}, {"SPARKBOX_HOST": "a\nb"}, r"SPARKBOX_HOST is a name or an address, not 'a\nb'"),
        ({"config": "/no/such/file"}, {}, "cannot read /no/such/file: No such file or directory"),
        ({"config": "/"}, {}, "cannot read /: Is a directory"),
    ],
)
def test_invalid_value_is_one_line_that_says_where(flags: dict[str, Any], environ: dict[str, str], line: str) -> None:
    message = rejection(flags, **environ)
    assert message.endswith(line)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("port = 8.5", "mock.toml: port is a whole number between 0 and 65535, not 8.5"),
        ("port = true", "mock.toml: port is a whole number between 0 and 65535, not True"),
        ("port = []", "mock.toml: port is a whole number between 0 and 65535, not []"),
        ("seed = 99999999999999999999", "mock.toml: seed is a whole number of at least 0, not 99999999999999999999"),
        ("host = 1", "mock.toml: host is a name or an address, not 1"),
        ("rate_limits = 1", "mock.toml: rate_limits is true or false, not 1"),
        ("profile = true", "mock.toml: profile is easy or strict, not True"),
        ("profile = ['easy']", "mock.toml: profile is easy or strict, not ['easy']"),
        ("port = ", "mock.toml is not valid TOML: Invalid value (at line 1, column 8)"),
        ("[server]\nport = 1", "mock.toml: there is no setting 'server'; there are host, port, "),
        (f'host = "{"x" * 500}\\n"', "mock.toml: host is a name or an address, not 'xxx"),
    ],
)
def test_invalid_value_in_a_file_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    file = config_file(tmp_path, text + "\n")
    message = rejection({"config": file})
    assert line in message
    assert "\n" not in message
    assert len(message) < len(file) + 700


def test_binary_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mock.toml"
    path.write_bytes(b"\xff\xfe")
    assert "is not valid TOML" in rejection({"config": str(path)})


def test_deeply_nested_file_is_one_line(tmp_path: Path) -> None:
    assert "is not valid TOML" in rejection({"config": config_file(tmp_path, "seed = " + "[" * 50_000)})


@given(st.one_of(st.integers(), st.integers(-10, 70000)))
@settings(max_examples=200)
def test_integer_is_accepted_within_its_bounds(number: int) -> None:
    for name, least, most in (("port", 0, 65535), ("seed", 0, 2**63 - 1), ("most_events", 1, 2**63 - 1)):
        if least <= number <= most:
            config = load({}, {f"SPARKBOX_{name.upper()}": str(number)})
            assert number == (config.ports.http if name == "port" else getattr(config.settings, name))
        else:
            variable = f"SPARKBOX_{name.upper()}"
            assert f"{variable} is a whole number" in rejection(None, **{variable: str(number)})


@given(st.floats())
@settings(max_examples=200)
def test_seconds_are_accepted_within_their_bounds(number: float) -> None:
    environ = {"SPARKBOX_IDLE_ACCOUNT_SECONDS": repr(number)}
    if math.isfinite(number) and 0 <= number <= 2**63 - 1:
        assert load({}, environ).settings.idle_account_seconds == number
    else:
        assert "is a number of at least 0" in rejection(None, **environ)


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_any_environment_is_a_value_or_one_line(text: str) -> None:
    for name in ("PORT", "SEED", "HOST", "PROFILE", "RATE_LIMITS", "IDLE_ACCOUNT_SECONDS"):
        message = complaint({}, {f"SPARKBOX_{name}": text})
        assert message == "" or message.startswith(f"SPARKBOX_{name} is ")
        assert message.isprintable()
        assert len(message) < 200


@given(st.text(max_size=300))
@settings(max_examples=100)
def test_any_file_is_settings_or_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, "utf-8", errors="replace", newline="")
    assert "\n" not in complaint({"config": str(path)}, {})
