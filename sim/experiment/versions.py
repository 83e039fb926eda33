"""By which program was it computed? Versions, the hash of the code that decides digits, and the commit."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
DECIDES_DIGITS = ("plan.py", "record.py", "compile.py", "engines", "measures")
LIBRARIES = ("numpy", "simpy", "numba", "pandas", "scipy", "duckdb", "pydantic")
GIT_SECONDS = 10


@cache
def versions() -> dict[str, str]:
    """The versions of this program, of Python and of the libraries that compute and write."""
    return {
        "police-misconduct-model": _version("police-misconduct-model"),
        "python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
    }


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def code_hash() -> str:
    """Sixteen hexadecimal digits that change with whatever could change a digit: engines, measures, Python, NumPy.

    Numba is not among it: with it or without, the digits are the same.
    """
    found = hashlib.sha256()
    for part in DECIDES_DIGITS:
        at = PACKAGE / part
        for path in sorted(at.rglob("*.py")) if at.is_dir() else [at]:
            found.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode())
            found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    told = versions()
    found.update(
        f"{sys.version_info[:2]} {told['numpy']} {told['simpy']} {told['pandas']} {platform.machine()}".encode()
    )
    return found.hexdigest()[:16]


def commit() -> str | None:
    """The git commit of this checkout, with ``-dirty`` if model or scenarios differ from it; None if this is none."""
    checkout = PACKAGE.parent
    if not (checkout / ".git").exists():
        return None
    head = _git(checkout, "rev-parse", "HEAD")
    if head is None:
        return None
    changed = _git(checkout, "status", "--porcelain", "--", "sim", "scenarios")
    return f"{head}-dirty" if changed else head


def _git(checkout: Path, *words: str) -> str | None:
    try:
        told = subprocess.run(
            ["git", "-C", str(checkout), *words], capture_output=True, text=True, timeout=GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip()
