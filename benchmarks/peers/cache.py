"""The folder that other mock servers are installed into, outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class Missing(Exception):
    """A server that cannot be had here, and why."""


def folder(name: str) -> Path:
    """Return a folder in the cache; it is made if it is missing."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base) / "sparkbox-bench" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def from_pypi(command: str, requirement: str) -> Path:
    """Return the path of a Python package's command, which has an environment of its own."""
    environment = folder(command)
    path = environment / "bin" / command
    if not path.exists():
        _run([sys.executable, "-m", "venv", str(environment)])
        _run([str(environment / "bin/python"), "-m", "pip", "install", "--quiet", requirement])
    return path


def from_npm(package: str, version: str) -> Path:
    """Return the folder of a package for Node."""
    npm, prefix = program("npm"), folder("npm")
    path = prefix / "node_modules" / package
    if not path.exists():
        _run([npm, "install", "--prefix", str(prefix), "--ignore-scripts", "--silent", f"{package}@{version}"])
    return path


def program(*places: str) -> str:
    """Return the path of a program that is installed."""
    for place in places:
        if found := shutil.which(place):
            return found
    raise Missing(f"there is no {places[0]}")


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
