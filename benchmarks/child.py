"""How is a task measured apart from all others? A fresh process does it and writes its answer as JSON.

`ask` starts one; this module run as a script is one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class TaskError(RuntimeError):
    """A task failed; the message is the last it said."""


def ask(task: str, environment: Mapping[str, str] | None = None, **asked: object) -> dict[str, float]:
    """What a fresh process answers to a task of `benchmarks/tasks.py`.

    Raises:
        TaskError: it ended without an answer.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.child", task, json.dumps(asked)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TaskError((done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1])
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    from benchmarks.tasks import TASKS

    sys.stdout.write(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))) + "\n")
