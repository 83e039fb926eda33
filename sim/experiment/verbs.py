"""Run one scenario, or compare it with others: from names to tables, in memory or in a folder."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from sim.evidence import Problem
from sim.experiment import store
from sim.experiment.arms import Asked, Question, ask, baseline
from sim.experiment.cache import Cache, events_path
from sim.experiment.intervals import differences, summarise
from sim.experiment.jobs import Job, Played, UnplayableError, default_workers, play_jobs
from sim.experiment.pasts import share_pasts
from sim.experiment.study import MEASURES, Study
from sim.scenario import ScenarioError

Progress = Callable[[int, int, str], object]
"""Told how many replications are done, of how many, and of which arm and world the last was."""


def run(
    scenario: str,
    *,
    world: str | None = None,
    worlds: Sequence[str] | None = None,
    replications: int = 4,
    seed: int = 1,
    workers: int | None = None,
    settings: Mapping[str, str] | None = None,
    reforms: Sequence[str] = (),
    window_from: date | None = None,
    window_to: date | None = None,
    folder: Path | None = None,
    out: Path | None = None,
    events: bool | None = None,
    progress: Progress | None = None,
    finish: store.Finish | None = None,
    executor: Executor | None = None,
) -> Study:
    """Play a scenario several times and say what it adds up to.

    The digits do not depend on `workers`, `executor`, `events` or `progress`. With more than one worker, a script has to call
    this under ``if __name__ == "__main__":``, since each worker reads the script anew.

    Args:
        scenario: name of a scenario, or path of its file.
        world: one world; the scenario's first if neither this nor `worlds` is given.
        worlds: several worlds.
        replications: how many futures.
        seed: any whole number; plans that share names have the same futures under one seed.
        workers: processes; as many as cores if not said, and 1 plays everything in this process.
        settings: single changes, ``{"psu.investigators@2018-04-01": "90"}``.
        reforms: names or paths, laid over the scenario.
        window_from: observe from this day instead.
        window_to: observe until before this day instead.
        folder: the user's own scenarios, which win over the shipped ones.
        out: where to write ``<out>/<scenario>/<fingerprint>/``; nothing is written without it.
        events: whether to write every replication's rows; one replication's if not said.
        progress: told after each replication.
        finish: given the study and its folder before that is put in place, to add figures.
        executor: plays the replications instead of processes of this machine.

    Raises:
        ScenarioError: with every problem of what was asked; nothing has been written then.
    """
    chosen = [world] if world is not None else list(worlds or ())
    question = Question(folder, settings or {}, window_from, window_to)

    def asks() -> Asked:
        first = chosen or (baseline(scenario, folder).worlds or ())[:1]
        return ask(scenario, question=question, worlds=first, reforms=reforms)

    asked = _with_all_problems(_in_counts(replications, workers), asks)
    command = ["run", scenario, *_options("--world", chosen or asked.worlds), *_options("--reform", reforms)]
    how = _How(command, question, seed, replications, workers, out, events, progress, finish, executor)
    return _carry_out(asked, how)


def compare(
    base: str,
    others: Sequence[str] = (),
    *,
    worlds: Sequence[str] | None = None,
    replications: int = 4,
    seed: int = 1,
    workers: int | None = None,
    settings: Mapping[str, str] | None = None,
    window_from: date | None = None,
    window_to: date | None = None,
    folder: Path | None = None,
    out: Path | None = None,
    events: bool | None = None,
    opposites: bool = True,
    progress: Progress | None = None,
    finish: store.Finish | None = None,
    executor: Executor | None = None,
) -> Study:
    """Play a scenario with and without reforms, in the same futures, and say what differs.

    Args:
        base: name of a scenario, or path of its file.
        others: reforms laid over the base, several joined by ``+`` laid together, or other scenarios; what the base's file names
            under `compare_with` if empty.
        worlds: all of the scenario's if not said.
        opposites: for each of the others that follows from assumption, also do the opposite, in the first world.

    The other arguments are those of `run`; `settings` and the window are the same for all.

    Raises:
        ScenarioError: with every problem of what was asked; nothing has been written then.
    """
    question = Question(folder, settings or {}, window_from, window_to)

    def asks() -> Asked:
        chosen = others or baseline(base, folder).compare_with
        if not chosen:
            wanted = "reforms or scenarios to compare with"
            raise ScenarioError([Problem(file=base, key="compare_with", found="nothing", expected=wanted)])
        return ask(base, chosen, question=question, worlds=worlds or (), opposites=opposites)

    asked = _with_all_problems(_in_counts(replications, workers), asks)
    command = ["compare", base, *(others or baseline(base, folder).compare_with or ())]
    command += _options("--world", worlds or asked.worlds)
    if not opposites:
        command.append("--no-opposites")
    return _carry_out(
        asked, _How(command, question, seed, replications, workers, out, events, progress, finish, executor)
    )


@dataclass(frozen=True)
class _How:
    """How a question is to be answered."""

    command: list[str]
    question: Question
    seed: int
    replications: int
    workers: int | None
    out: Path | None
    events: bool | None
    progress: Progress | None
    finish: store.Finish | None
    executor: Executor | None

    def replay(self) -> list[str]:
        """The command that does it again."""
        asked = self.question
        words = ["misconduct", *self.command]
        words += ["--replications", str(self.replications), "--seed", str(self.seed)]
        words += _options("--set", [f"{path}={value}" for path, value in asked.settings.items()])
        words += ["--from", asked.window_from.isoformat()] if asked.window_from else []
        words += ["--to", asked.window_to.isoformat()] if asked.window_to else []
        words += ["--scenarios", str(asked.folder)] if asked.folder else []
        return words + ([] if self.events is None else ["--events" if self.events else "--no-events"])


def _options(name: str, values: Sequence[str]) -> list[str]:
    return [word for value in values if value for word in (name, value)]


def _in_counts(replications: int, workers: int | None) -> list[Problem]:
    counts = {"--replications": replications, "--workers": 1 if workers is None else workers}
    return [Problem(file=name, key="", found=str(n), expected="1 or more") for name, n in counts.items() if n < 1]


def _with_all_problems(problems: Sequence[Problem], asks: Callable[[], Asked]) -> Asked:
    """What is asked; if anything is wrong, these problems and its own together."""
    try:
        asked = asks()
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    if problems:
        raise ScenarioError(problems)
    return asked


def _carry_out(asked: Asked, how: _How) -> Study:
    """Play what is not known yet, add it up, and write it."""
    began = time.perf_counter()
    prints = {key: plan.fingerprint for key, plan in asked.plans.items()}
    name = store.fingerprint(prints, how.seed, how.replications)
    scenario = Path(asked.arms[0].scenario).stem
    if how.out is not None:
        store.check_writable(how.out, scenario)
    wanted = _events_wanted(asked, how)
    jobs = _jobs(asked, how, prints, wanted)
    cache = Cache(how.out)
    played = _play(jobs, asked, how, prints, cache)
    measures = _gather(asked, how, prints, played)
    study = Study(
        title=asked.title,
        base=asked.base,
        arms=asked.arms,
        worlds=asked.worlds,
        seed=how.seed,
        replications=how.replications,
        measures=measures,
        summary=summarise(measures),
        differences=differences(measures, asked.base),
        plans=asked.plans,
        headers=asked.headers,
        share_assumed=asked.share_assumed,
        wall_seconds=time.perf_counter() - began,
        notes=asked.notes,
    )
    if how.out is None:
        return study
    place = how.out / scenario / name
    study = replace(study, folder=place)
    rows = []
    for key, replication in wanted:
        path = cache.path(jobs[prints[key], replication], prints[key])
        assert path is not None
        rows.append((*key, events_path(path)))
    recipe = store.Recipe(how.replay(), asked.inputs, name)
    store.save(study, place, recipe=recipe, events=rows, finish=how.finish)
    return study


_Key = tuple[str, int]
"""Fingerprint of a plan, and a replication: equal plans are played once."""


def _events_wanted(asked: Asked, how: _How) -> list[tuple[tuple[str, str], int]]:
    """Label and world, and replication, of what keeps its rows."""
    if how.out is None or how.events is False:
        return []
    bases = [key for key in asked.plans if key[0] == asked.base]
    if how.events is None:
        return [(bases[0], 0)]
    return [(key, replication) for key in bases for replication in range(how.replications)]


def _jobs(
    asked: Asked, how: _How, prints: Mapping[tuple[str, str], str], wanted: Sequence[tuple[tuple[str, str], int]]
) -> dict[_Key, Job]:
    rows = {(prints[key], replication) for key, replication in wanted}
    jobs: dict[_Key, Job] = {}
    for replication in range(how.replications):  # the first replication of every arm before the second of any
        for key, plan in asked.plans.items():
            at = (prints[key], replication)
            jobs.setdefault(at, Job(plan, how.seed, replication, at in rows))
    return jobs


def _play(
    jobs: Mapping[_Key, Job], asked: Asked, how: _How, prints: Mapping[tuple[str, str], str], cache: Cache
) -> dict[_Key, pd.DataFrame]:
    """The figures of every job, from the cache or played; the first to be unplayable ends it."""
    labels = {prints[key]: ", ".join(part for part in key if part) for key in reversed(list(asked.plans))}
    done: dict[_Key, pd.DataFrame] = {}
    missing: list[_Key] = []

    def keep(at: _Key, played: Played) -> None:
        done[at] = played.measures
        if how.progress is not None:
            how.progress(len(done), len(jobs), labels[at[0]])

    for at, job in jobs.items():
        known = cache.get(job, at[0])
        if known is None:
            missing.append(at)
        else:
            keep(at, known)

    def finished(number: int, played: Played) -> None:
        at = missing[number]
        cache.put(jobs[at], at[0], played)
        keep(at, played)

    workers = default_workers() if how.workers is None else how.workers
    try:
        with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
            shared = share_pasts([jobs[at] for at in missing], Path(folder))
            play_jobs(shared, finished, workers=workers, executor=how.executor)
    except UnplayableError as error:
        problem = Problem(
            file=asked.base, key="in play", found=str(error), expected="a plan that can be played to its end"
        )
        raise ScenarioError([problem]) from None
    return done


def _gather(
    asked: Asked, how: _How, prints: Mapping[tuple[str, str], str], played: Mapping[_Key, pd.DataFrame]
) -> pd.DataFrame:
    """One table of all figures, by arm, world and replication, whoever played them when."""
    parts = [
        played[prints[arm.label, arm.world], replication].assign(
            scenario=arm.label, world=arm.world, replication=replication
        )
        for arm in asked.arms
        for replication in range(how.replications)
    ]
    return pd.concat(parts, ignore_index=True)[list(MEASURES)]
