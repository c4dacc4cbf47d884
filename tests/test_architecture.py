"""The house's rules that no single module can keep: who imports whom, who asks for the time, who rolls the dice."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mockserver/sparkbox"
SOURCES = sorted(PACKAGE.rglob("*.py"))
SERVICES = sorted(path.name for path in (PACKAGE / "services").iterdir() if (path / "__init__.py").is_file())
ENTRANCES = ("sparkbox.cli.main", "sparkbox.testing.pytest_plugin", "sparkbox.__main__")


class Import(NamedTuple):
    """One import of a module of the project; ``lazy``: within a function, ``typing``: for annotations alone."""

    importer: str
    imported: str
    line: int
    lazy: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported} (line {self.line})"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "mockserver").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = frozenset(name_of(path) for path in SOURCES)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(_imports(path, tree_of(path), lazy=False, typing=False))


def _imports(path: Path, node: ast.AST, *, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            for target in _targets(path, child):
                yield Import(name_of(path), target, child.lineno, lazy, typing)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            yield from _imports(path, child, lazy=lazy, typing=True)
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(path, child, lazy=lazy or function, typing=typing)


def _targets(path: Path, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if within(alias.name, "sparkbox"))
        return
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    module = ".".join(filter(None, (base, node.module)))
    if within(module, "sparkbox"):
        for alias in node.names:
            yield f"{module}.{alias.name}" if f"{module}.{alias.name}" in MODULES else module


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def imports(*packages: str) -> list[Import]:
    return [found for path in SOURCES if within(name_of(path), *packages) for found in imports_of(path)]


def strays(importers: str, *allowed: str) -> list[str]:
    return [str(found) for found in imports(importers) if not within(found.imported, *allowed)]


# Who imports whom.

LAYERS = (
    ("sparkbox.cli", "sparkbox.testing"),
    ("sparkbox.server",),
    ("sparkbox.app",),
    ("sparkbox.services", "sparkbox.control", "sparkbox.dashboard"),
    ("sparkbox.mail",),
    ("sparkbox.core",),
)
"""From the top to the bottom; imports go down only."""
LEAVES = ("sparkbox", "sparkbox._version", "sparkbox.client")
"""Import nothing of the layers, and may be imported by all of them."""


def layer_of(module: str) -> int:
    return next(number for number, packages in enumerate(LAYERS) if within(module, *packages))


def test_the_rules_look_at_something() -> None:
    assert len(MODULES) > 300
    assert len(imports("sparkbox.core")) > 50
    assert any(found.lazy for found in imports("sparkbox"))
    assert any(found.typing for found in imports("sparkbox"))


def test_each_module_belongs_to_a_layer() -> None:
    stray = MODULES - set(LEAVES) - {"sparkbox.__main__"}
    assert {module for module in stray if not any(within(module, *packages) for packages in LAYERS)} == set()


def test_imports_go_down_only() -> None:
    layered = [found for found in imports("sparkbox") if found.importer not in (*LEAVES, "sparkbox.__main__")]
    found = [each for each in layered if each.imported not in LEAVES]
    assert len(found) > 1000
    assert [str(each) for each in found if layer_of(each.importer) > layer_of(each.imported)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_service_imports_only_itself_and_lower_layers(service: str) -> None:
    own = f"sparkbox.services.{service}"
    found = [stray for stray in imports(own) if not within(stray.imported, "sparkbox.core", "sparkbox.mail", own)]
    # The contents of the services describe each of them.
    assert [str(stray) for stray in found if stray.imported != "sparkbox.services"] == []


def test_control_imports_no_service() -> None:
    found = [stray for stray in imports("sparkbox.control") if stray.imported not in LEAVES]
    assert [
        str(each) for each in found if not within(each.imported, "sparkbox.core", "sparkbox.mail", "sparkbox.control")
    ] == []


def test_list_of_services_imports_no_service() -> None:
    path = PACKAGE / "services/__init__.py"
    assert [str(found) for found in imports_of(path) if not within(found.imported, "sparkbox.core")] == []


def test_nothing_imports_the_entrances() -> None:
    found = [str(found) for found in imports("sparkbox") if within(found.imported, *ENTRANCES)]
    assert [line for line in found if not line.startswith("sparkbox.__main__ ")] == []


def test_imports_run_in_no_circle() -> None:
    """Imports for annotations alone and within functions count, too."""
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in imports("sparkbox"):
        if found.imported != "sparkbox":
            graph[found.importer].add(found.imported)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert set(order) == MODULES


NEUTRAL = ("core", "control")


@pytest.mark.parametrize("package", NEUTRAL)
def test_no_vendor_is_named_in_what_serves_all_services(package: str) -> None:
    """Not in names, not in strings, and not in docstrings and comments."""
    word = re.compile("|".join(SERVICES), re.IGNORECASE)
    texts = {path: path.read_text() for path in (PACKAGE / package).rglob("*.py")}
    assert len(texts) > 20
    assert [f"{name_of(path)}: {found[0]}" for path, text in texts.items() for found in word.finditer(text)] == []


def test_the_services_are_the_words_to_look_for() -> None:
    assert set(SERVICES) == {"engagespark", "sendpulse", "sendspark", "sparked", "sparkpost"}


HEAVY = ("httpx", "cryptography", "trustme", "rich", "jinja2", "faker", "joserfc", "certifi")
PHONES = "phonenumbers"
"""Of engageSPARK alone."""


def heavy_imports(script: str) -> set[str]:
    names = (*HEAVY, PHONES)
    script = f"import sys\n{script}\nprint(*(name for name in {names!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["sparkbox", "sparkbox.app", "sparkbox.testing.pytest_plugin", "sparkbox.cli.main"])
def test_heavy_packages_are_imported_on_first_use(module: str) -> None:
    assert heavy_imports(f"import {module}") == set()


def test_loading_the_services_imports_no_heavy_package() -> None:
    load = "from sparkbox import services\nfor info in services.SERVICES: services.load(info.name).operations"
    assert heavy_imports(load) == {PHONES}


# Who asks for the time.

CLOCKS = frozenset(
    f"time.{name}"
    for name in (
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "localtime",
        "gmtime", "ctime", "asctime", "strftime", "mktime",
    )
) | {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "email.utils.localtime", "email.utils.make_msgid", "uuid.uuid1",
}  # fmt: skip


def uses(path: Path) -> Iterator[tuple[str, int]]:
    """Whatever a module names of what it imported, in full: ``time.time``, ``datetime.datetime.now``."""
    known: dict[str, str] = {}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            known.update({alias.asname or alias.name: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}", node.lineno
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            root, _, rest = ast.unparse(node).partition(".")
            if root in known:
                yield f"{known[root]}.{rest}", node.lineno


def offences(names: frozenset[str], *exempt: str) -> list[str]:
    return [
        f"{name_of(path)} uses {name} (line {line})"
        for path in SOURCES
        if name_of(path) not in exempt
        for name, line in uses(path)
        if name in names
    ]


def test_the_search_for_names_finds_them() -> None:
    names = [name for name, _ in uses(ROOT / "mockserver/sparkbox/core/state/clock.py")]
    assert {"time.time", "time.perf_counter", "datetime.datetime.fromtimestamp"} <= set(names)


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    assert offences(CLOCKS, "sparkbox.core.state.clock") == []


# Who rolls the dice.

DICE = frozenset(
    f"random.{name}"
    for name in (
        "random", "randint", "randrange", "choice", "choices", "sample", "shuffle", "uniform", "gauss", "getrandbits",
        "randbytes", "seed", "betavariate", "expovariate", "normalvariate", "triangular", "SystemRandom",
    )
) | {
    "uuid.uuid4", "os.urandom", "secrets.token_hex", "secrets.token_urlsafe", "secrets.token_bytes", "secrets.choice",
}  # fmt: skip


def test_chance_comes_from_a_seed() -> None:
    assert offences(DICE - {"secrets.token_bytes"}) == []


def test_only_a_runs_secret_comes_from_the_machine() -> None:
    assert offences(frozenset({"secrets.token_bytes"}), "sparkbox.core.state.ids") == []


def test_only_ids_and_faults_make_sources_of_chance() -> None:
    assert offences(frozenset({"random.Random"}), "sparkbox.core.state.ids", "sparkbox.core.testing.faults") == []


PROFILE = {
    "sparkbox.services.engagespark.messages.whatsapp._sender": "a sender that is not the organization's",
    "sparkbox.services.sendpulse.bulk_email.adding.opt_in_sender": "a sender that is not active",
    "sparkbox.services.sendpulse.smtp.outbox.check_sender": "a sender that is not active, at a domain that is not",
    "sparkbox.services.sendpulse.smtp.domains.add_sender_domain": "a sender domain that nobody has verified",
    "sparkbox.services.sparkpost.domains.dkim_keys.require": "a key of a domain that is not registered or not verified",
    "sparkbox.services.sparkpost.domains.registry.require": "a sending domain that is not verified",
    "sparkbox.services.sparkpost.transmissions.batch._checked_domain": "a mail without a sender",
    "sparkbox.services.sparkpost.domains.sending_domains._tracking_domain": "a tracking domain that is not registered",
}
"""Where the profile is asked, and what easy lets pass there: senders and domains, and nothing else."""


def asking_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(asks_profile, ast.walk(node))):
            yield f"{name_of(path)}.{node.name}"


def asks_profile(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("strict", "profile")


def test_profile_only_concerns_senders_and_domains() -> None:
    apis = [path for path in SOURCES if name_of(path).startswith(("sparkbox.services.", "sparkbox.server.smtp"))]
    assert {name for path in apis for name in asking_functions(path)} == set(PROFILE)
    outside = {name_of(path) for path in SOURCES if any(map(asks_profile, ast.walk(tree_of(path))))}
    core = {name for name in outside if name.startswith("sparkbox.core.")}
    assert core == {"sparkbox.core.state.account", "sparkbox.core.state.context"}
