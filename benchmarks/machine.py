"""On what was it measured? The machine, its Python and the libraries, the day and the commit; nothing that tells whose it is."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.peers.with_c import compiler
from sim.experiment.versions import commit

LIBRARIES = ("numpy", "numba", "simpy", "salabim", "Ciw")


def described() -> dict[str, str]:
    """What stands above the tables, by name."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count() or "unknown"),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        **{library: _version(library) for library in LIBRARIES},
        "C compiler": _compiler(),
        "date": datetime.now(tz=UTC).date().isoformat(),
        "commit": commit() or "unknown",
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"


def _compiler() -> str:
    cc = compiler()
    if cc is None:
        return "none"
    told = subprocess.run([cc, "--version"], capture_output=True, text=True, check=False).stdout
    return told.splitlines()[0] if told else "unknown"
