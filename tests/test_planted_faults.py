"""Would a wrong engine be found out? Each fault is planted into a copy of the fast engine, which must then disagree with the reference."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[1]
PATHWAYS = ("1", "3", "8", "13")
"""Random pathways with teams, diaries, guards and forks; enough to tell every fault below, and few, since they are played uncompiled."""

FAULTS = {
    "a value is read a step too late": ("read.py", "plan.step_times[at + 1] <= minute", "plan.step_times[at + 1] < minute - 5 * 1440"),
    "a dated value steps a day late": ("kernel.py", "plan.steps[step].minute <= now:", "plan.steps[step].minute + 1440 <= now:"),
    "the later of two equals in a queue goes first": ("heap.py", "heap[two].order < heap[one].order", "heap[two].order > heap[one].order"),
    "tokens of one minute move in the wrong order": ("kernel.py", "play.tokens[list_[at - 1]].order > order", "play.tokens[list_[at - 1]].order < order"),
    "a condition holds where it does not": ("read.py", "return (one.low <= number <= one.high) !=", "return (one.low <= number <= one.high) =="),
    "whoever waits is overlooked when a post is free again": ("staff.py", "if play.turns[play.posts[p].queue] >= 0:", "if play.turns[play.posts[p].queue] > 0:"),
    "whoever asks is overlooked though a post is free": ("staff.py", "free = play.units[unit].free > 0", "free = play.units[unit].free > 1"),
    "a team that was closed is not woken": ("staff.py", "play.seen[WAKE] = min(play.seen[WAKE], play.servers[team].opens_at)\n\n\n@part", "pass\n\n\n@part"),
    "a team has one post too few": ("staff.py", "np.rint(play.now[plan.teams[team].posts])", "np.rint(play.now[plan.teams[team].posts] - 1)"),
    "the highest post that went is forgotten": ("staff.py", "range(server.posts, plan.teams[team].most_posts):\n        if", "range(server.posts + 1, plan.teams[team].most_posts):\n        if"),
    "a bout is a minute too long": ("staff.py", "play.seen[NOW], lasts)", "play.seen[NOW], lasts + 1)"),
    "attention is given before opening": ("clock.py", "return after(plan, calendar, minute, 1) - 1", "return after(plan, calendar, minute, 1) - 2"),
    "a visit is counted twice": ("kernel.py", "play.visits[t, column] = visit + 1", "play.visits[t, column] = visit + 2"),
    "a sitting day is given twice": ("kernel.py", "play.used[diary, day] + places <=", "play.used[diary, day] + places - 1 <="),
    "a signal reaches whoever stands elsewhere": ("kernel.py", "at = signal * len(plan.nodes)", "at = (1 - signal) * len(plan.nodes)"),
    "a date that lies later lies a minute too far": ("rules.py", "end_of(plan, one.shift, now, lasts)", "end_of(plan, one.shift, now, lasts) + 1"),
    "a date that lies earlier lies later": ("rules.py", "date = now - lasts", "date = now + lasts"),
    "the first free post is overlooked": ("staff.py", "bits = play.free_posts[number] >> at % PLACES <<", "bits = play.free_posts[number] >> at % PLACES + 1 <<"),
    "a hold is not read again when what it reads is written": ("tables.py", "ref is not None and (self.heard is None or ref in self.heard)", "False"),
    "a hold is not read again when what it reads of a person is written": ("tables.py", "raised or (bool(written) if heard is None else not written.isdisjoint(heard))", "raised"),
    "a bout beyond the plan's end that is cut short was none": ("staff.py", "if play.tokens[t].due >= 0 else plan.ends_at[0]", "if play.tokens[t].due >= 0 else play.seen[NOW]"),
    "a load counts one slot too many": ("staff.py", "return 100 * held // capacity", "return 100 * (held + 1) // capacity"),
    "any date of a row is taken for all": ("read.py", "v, every, some, case = plan.terms[x].left_value, plan.terms[x].every != 0", "v, every, some, case = plan.terms[x].left_value, plan.terms[x].every == 0"),
}  # fmt: skip


def outcome(folder: Path) -> subprocess.CompletedProcess[str]:
    """The check of a copy of the package in a folder."""
    path = os.pathsep.join([str(folder), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run(
        [sys.executable, ROOT / "tests" / "planted.py", *PATHWAYS],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(Path(sim.__file__).parent, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_engine_as_it_is_agrees(copy: Path) -> None:
    result = outcome(copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_out(fault: str, copy: Path) -> None:
    file, right, wrong = FAULTS[fault]
    path = copy / "sim" / "engines" / "fast" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1, f"{file} no longer says {right!r} once"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    result = outcome(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr, result.stderr
