"""The machine that figures were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("sparkbox", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "msgspec", "orjson", "aiosmtpd")


def described() -> dict[str, str]:
    """Return the cores, the processor, the system, Python, and the versions that matter."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def pin_to_first_core() -> None:
    """Keep this process on the core of the servers."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def pin_to_last_core() -> None:
    """Keep this process on the core of the load generators."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
