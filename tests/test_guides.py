"""What the guides show is run, and what they name is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sparkbox.cli.main import _parser, main
from sparkbox.cli.settings import load
from sparkbox.server.interception import environment

pytest_plugins = ["pytester"]

COMMANDS = re.findall(r"^    (\w+)", _parser().format_help(), re.MULTILINE)
DOCS = Path(__file__).parent.parent / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def command_lines(page: str) -> list[str]:
    shown = "".join(blocks(page, "console"))
    return [
        line.partition(" > ")[0].removesuffix(" &") for line in re.findall(r"^\$ (sparkbox .*)$", shown, re.MULTILINE)
    ]


@pytest.mark.parametrize(
    ("page", "count"), [("pytest.md", 10), ("smtp.md", 3), ("stubs.md", 5), ("sparked-consents.md", 2)]
)
def test_tests_in_a_guide_pass(pytester: pytest.Pytester, page: str, count: int) -> None:
    suites = [block for block in blocks(page, "python") if "def test_" in block]
    pytester.makepyfile(**{f"test_{number}": suite for number, suite in enumerate(suites)})
    ignored = ("-W", "ignore::DeprecationWarning:sparkpost", "-W", "ignore::SyntaxWarning")
    result = pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function", *ignored)
    result.assert_outcomes(passed=count)


def test_conftest_in_the_guide_to_pytest_works(pytester: pytest.Pytester) -> None:
    [conftest] = [block for block in blocks("pytest.md", "python") if block.startswith("# conftest.py\n")]
    pytester.makeconftest(conftest)
    pytester.makepyfile("def test_it(sparkbox): assert sparkbox.profile == 'strict'")
    pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "program",
    [block for block in blocks("pytest.md", "python") if "def test_" not in block and "conftest" not in block],
)
def test_programs_in_the_guide_to_pytest_run(program: str) -> None:
    exec(compile(program, "docs/pytest.md", "exec"), {})


def test_guide_to_stubs_has_every_field() -> None:
    from sparkbox.control.rules.stubs import NewStub

    rows = re.findall(r"^\| (`.*?`) \|", (DOCS / "stubs.md").read_text("utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    has = {field.alias or name for name, field in NewStub.model_fields.items()}
    assert named == has - {"times", "scenario", "state", "next_state"}


def test_guide_to_pytest_has_every_attribute_of_a_world() -> None:
    from sparkbox.testing.world import World

    table = re.findall(r"^\| (`\..*?) \|", (DOCS / "pytest.md").read_text("utf-8"), re.MULTILINE)
    named = {name for row in table for name in re.findall(r"`\.(\w+)", row)}
    has = {name for name in vars(World) if not name.startswith("_")} | {"clock", "faults", "stubs", "limits"}
    assert named <= has
    assert has - named <= {"drop", "url"} | {"engagespark", "sendspark", "sparked"}


@pytest.mark.parametrize("page", ["cli.md", "clients.md"])
def test_commands_in_a_guide_are_valid(page: str) -> None:
    lines = command_lines(page)
    assert len(lines) > 3
    for line in lines:
        _, *arguments = shlex.split(line)
        assert callable(_parser().parse_args(arguments).run), line


def test_guide_to_the_command_line_has_every_command() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    named = re.findall(r"^\| `sparkbox (\w+)", page, re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


def test_guide_to_the_command_line_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            main([command, "--help"])
    options = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
    named = set(options.findall((DOCS / "cli.md").read_text("utf-8")))
    assert named == set(options.findall(capsys.readouterr().out))


def test_settings_file_in_the_guide_is_valid(tmp_path: Path) -> None:
    [file] = blocks("cli.md", "toml")
    (tmp_path / "mock.toml").write_text(file)
    config = load({"config": str(tmp_path / "mock.toml")}, {})
    assert (config.ports.http, config.settings.profile, config.settings.most_messages) == (9000, "strict", 50000)


def test_guide_to_clients_has_every_variable() -> None:
    page = (DOCS / "clients.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[A-Za-z_`, ]+) \|", page, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(environment(url="", proxy_url="", smtp="", smtps="", bundle=Path("b"), ca=Path("c"), base={}))
