"""Run one scenario, or compare it with others: from names to tables, in memory or in a folder."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from sim.evidence import Problem
from sim.experiment import engines, store
from sim.experiment.ahead import imported_meanwhile
from sim.experiment.arms import Asked, Question, ask, baseline
from sim.experiment.cache import Cache
from sim.experiment.caught import Coming, caught_table, comings
from sim.experiment.counted import LEAST_FUTURES, OPTION, weigh
from sim.experiment.engines import Engine
from sim.experiment.jobs import Job, Outcome, UnplayableError
from sim.experiment.members import Chosen, futures
from sim.experiment.pasts import share_pasts
from sim.experiment.pools import default_workers, play_jobs
from sim.experiment.ready import make_ready
from sim.experiment.study import Figures, Floats, Played, Study
from sim.measures import labels
from sim.plan import Plan
from sim.scenario import ScenarioError

Progress = Callable[[int, int, str], object]
"""Told how many replications are done, of how many, and of which arm and world the last was."""

Notice = Callable[[str], object]
"""Told, before anything is played, a sentence that whoever waits should know."""

Names = Sequence[str]
"""Names or paths. A text alone is one name, and no sequence of letters."""


Known = Callable[[Study], object]
"""Given the study as soon as its figures are known, before anything is written."""


def run(
    scenario: str,
    *,
    world: str | None = None,
    worlds: Names | None = None,
    replications: int = 4,
    seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    settings: Mapping[str, str] | None = None,
    reforms: Names = (),
    staffing: Path | str | None = None,
    window_from: date | None = None,
    window_to: date | None = None,
    opening: Path | None = None,
    members: int | None = None,
    unallocated: Mapping[str, str] | None = None,
    folder: Path | None = None,
    out: Path | None = None,
    events: bool | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
    known: Known | None = None,
    finish: store.Finish | None = None,
    executor: Executor | None = None,
) -> Study:
    """Play a scenario several times and say what it adds up to; with a staffing sheet, compared with the same scenario without it.

    The digits do not depend on `engine`, `workers`, `executor`, `events` or `progress`. Where the reference engine plays with more than
    one worker, a script has to call this under ``if __name__ == "__main__":``, since each worker reads the script anew.

    Args:
        scenario: name of a scenario, or path of its file.
        world: one world; the scenario's first if neither this nor `worlds` is given. With a staffing sheet all of them, since what more staff
            change depends on the world.
        worlds: several worlds. Here and in `reforms` a single name may stand as it is, ``"slack"`` for ``["slack"]``.
        replications: how many futures.
        seed: any whole number; plans that share names have the same futures under one seed.
        engine: ``fast`` or ``reference``; if not said, the fast one where it is installed. Where it cannot play a plan the reference
            engine does, which is said to `notice` and in the study's notes.
        workers: threads of the fast engine, or processes of the reference engine; as many as cores if not said.
        settings: single changes, ``{"psu.investigators@2018-04-01": "90"}``.
        reforms: names or paths, laid over the scenario.
        staffing: a staffing sheet; the base of the comparison is the scenario without it.
        window_from: observe from this day instead.
        window_to: observe until before this day instead.
        opening: a sheet of the cases that are open when play begins (`sim/scenario/opening_sheet.py`). The scenario is then played from its
            `window_from` on, the day the sheet is of, and nothing before it.
        members: also play every arm in so many members of the scenario's ensemble, `replications` futures each, for the three intervals of
            `sim/experiment/nested.py`: of all worlds, or of those named. All members if there are no more; no ensemble if not said.
        unallocated: unallocated cases that you have counted, ``{"psu@2022-03-31": "540+-30"}``: members are weighed again by how well
            they agree (`sim/experiment/counted.py`), and those that do not are left out.
        folder: the user's own scenarios, which win over the shipped ones.
        out: where to write ``<out>/<scenario>/<fingerprint>/``; nothing is written without it.
        events: whether to write every replication's rows; one replication's if not said.
        progress: told after each replication.
        notice: told beforehand why the reference engine plays where one would expect the fast one.
        known: given the study as soon as its figures are known.
        finish: given the study and its folder before that is put in place, to add figures.
        executor: plays the replications instead of threads or processes of this machine.

    Raises:
        ScenarioError: with every problem of what was asked; nothing has been written then.
    """
    chosen = [world] if world is not None else _several(worlds)
    reforms = _several(reforms)
    question = Question(folder, settings or {}, window_from, window_to, opening, members, unallocated or {})

    def asks() -> Asked:
        first = chosen or (() if staffing else (baseline(scenario, folder).worlds or ())[:1])
        sheets = [Path(staffing)] if staffing else []
        return ask(scenario, question=question, worlds=first, reforms=reforms, staffing=sheets, members_of=chosen)

    asked = _with_all_problems([*engines.problems_of(engine), *_in_counts(replications, workers, question)], asks)
    command = ["run", scenario, *_options("--world", chosen or asked.worlds), *_options("--reform", reforms)]
    command += ["--staffing", str(staffing)] if staffing else []
    told = _Told(progress or _unheard, notice or _unheard, known or _unheard, finish)
    return _carry_out(asked, _How(command, question, seed, replications, engine, workers, out, events, executor), told)


def compare(
    base: str,
    others: Names = (),
    *,
    worlds: Names | None = None,
    staffing: Sequence[Path | str] | Path | str = (),
    arms: Names = (),
    replications: int = 4,
    seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    settings: Mapping[str, str] | None = None,
    window_from: date | None = None,
    window_to: date | None = None,
    opening: Path | None = None,
    members: int | None = None,
    unallocated: Mapping[str, str] | None = None,
    folder: Path | None = None,
    out: Path | None = None,
    events: bool | None = None,
    opposites: bool = True,
    caught: bool = False,
    progress: Progress | None = None,
    notice: Notice | None = None,
    known: Known | None = None,
    finish: store.Finish | None = None,
    executor: Executor | None = None,
) -> Study:
    """Play a scenario with and without reforms, in the same futures, and say what differs.

    Args:
        base: name of a scenario, or path of its file.
        others: reforms laid over the base, several joined by ``+`` laid together, or other scenarios; what the base's file names
            under `compare_with` if empty. Here, in `worlds` and in `staffing` a single name may stand as it is, ``"psu_training"`` for
            ``["psu_training"]``.
        worlds: all of the scenario's if not said.
        staffing: staffing sheets, each laid over the base as one more arm.
        arms: single changes, ``"psu.investigators@2018-04-01=90"`` or ``"demand.internal_incidents=+20%"``, each laid over the base as one more
            arm that is called so (`sim/scenario/settings.py` has how values are written).
        opposites: for each of the others that follows from assumption, also do the opposite, in the first world.
        caught: also count which of the cases open on the day a reform comes into force it catches. The base is then played anew.

    The other arguments are those of `run`; `settings`, the window, the opening caseload, the members and their counts are the same for all.

    Raises:
        ScenarioError: with every problem of what was asked; nothing has been written then.
    """
    others, worlds, singles = _several(others), _several(worlds), _several(arms)
    sheets = [Path(sheet) for sheet in ([staffing] if isinstance(staffing, str | Path) else staffing)]
    question = Question(folder, settings or {}, window_from, window_to, opening, members, unallocated or {})

    def asks() -> Asked:
        chosen = others or (() if sheets or singles else baseline(base, folder).compare_with)
        if not chosen and not sheets and not singles:
            wanted = "reforms, scenarios, staffing sheets or single changes (--arm) to compare with"
            raise ScenarioError([Problem(file=base, key="compare_with", found="nothing", expected=wanted)])
        return ask(
            base,
            chosen or (),
            question=question,
            worlds=worlds,
            staffing=sheets,
            alone=singles,
            opposites=opposites,
            members_of=worlds,
        )

    asked = _with_all_problems([*engines.problems_of(engine), *_in_counts(replications, workers, question)], asks)
    command = ["compare", base, *(others or (() if sheets or singles else baseline(base, folder).compare_with or ()))]
    command += _options("--world", worlds or asked.worlds)
    command += _options("--staffing", [str(sheet) for sheet in sheets])
    command += _options("--arm", singles)
    if not opposites:
        command.append("--no-opposites")
    if caught:
        command.append("--caught")
    told = _Told(progress or _unheard, notice or _unheard, known or _unheard, finish)
    how = _How(command, question, seed, replications, engine, workers, out, events, executor, caught)
    return _carry_out(asked, how, told)


@dataclass(frozen=True)
class _Told:
    """Who is told what, and when."""

    progress: Progress
    notice: Notice
    known: Known
    finish: store.Finish | None


@dataclass(frozen=True)
class _How:
    """How a question is to be answered."""

    command: list[str]
    question: Question
    seed: int
    replications: int
    engine: str | None
    workers: int | None
    out: Path | None
    events: bool | None
    executor: Executor | None
    caught: bool = False

    def replay(self) -> list[str]:
        """The command that does it again."""
        asked = self.question
        words = ["misconduct", *self.command]
        words += ["--replications", str(self.replications), "--seed", str(self.seed)]
        words += _options("--set", [f"{path}={value}" for path, value in asked.settings.items()])
        words += ["--from", asked.window_from.isoformat()] if asked.window_from else []
        words += ["--to", asked.window_to.isoformat()] if asked.window_to else []
        words += ["--opening", str(asked.opening)] if asked.opening else []
        words += ["--ensemble", "--members", str(asked.members)] if asked.members is not None else []
        words += _options(OPTION, [f"{which}={cases}" for which, cases in asked.unallocated.items()])
        words += ["--scenarios", str(asked.folder)] if asked.folder else []
        return words + ([] if self.events is None else ["--events" if self.events else "--no-events"])


def _several(names: Names | None) -> list[str]:
    """Names as a list, also where a single one stands as it is."""
    return [names] if isinstance(names, str) else list(names or ())


def _unheard(*_: object) -> None:
    """Nobody wants to be told."""


def _options(name: str, values: Sequence[str]) -> list[str]:
    return [word for value in values if value for word in (name, value)]


def _in_counts(replications: int, workers: int | None, question: Question) -> list[Problem]:
    counts = {"--replications": replications, "--workers": 1 if workers is None else workers}
    wrong = [Problem(file=name, key="", found=str(n), expected="1 or more") for name, n in counts.items() if n < 1]
    if question.unallocated and replications == 1:
        wanted = f"{LEAST_FUTURES} or more with {OPTION}: of one future nobody knows what chance adds"
        wrong.append(Problem(file="--replications", key="", found="1", expected=wanted))
    return wrong


def _with_all_problems(problems: Sequence[Problem], asks: Callable[[], Asked]) -> Asked:
    """What is asked; if anything is wrong, these problems and its own together."""
    try:
        asked = asks()
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    if problems:
        raise ScenarioError(problems)
    return asked


def _carry_out(asked: Asked, how: _How, told: _Told) -> Study:
    """Play what is not known yet, add it up, and write it."""
    name = store.fingerprint(_all_plans(asked), how.seed, how.replications)
    scenario = Path(asked.arms[0].scenario).stem
    if how.out is not None:
        store.check_writable(how.out, scenario)
    engine, why = engines.choose(how.engine, _all_plans(asked).values())
    if why:
        told.notice(why)
    wanted = _rows_wanted(asked, how)
    found = comings(asked) if how.caught else []
    jobs = _jobs(asked, how, engine, wanted, found)
    cache = Cache(how.out)
    known = {at: v for at, job in jobs.items() if not job.caught_by and (v := cache.get(job)) is not None}
    if len(known) < len(jobs) and how.executor is None:
        make_ready(engine, jobs[next(iter(jobs))].plan, told.notice)
    began = time.perf_counter()
    looked_at: dict[_Key, Floats] = {}
    played = _play(jobs, known, asked, how, told, cache, looked_at)

    # What adds up takes a while to import, and is not needed until here.
    from sim.experiment.intervals import differences, summarise
    from sim.experiment.staffing import staffing_table

    def of(plan: Plan, replications: range) -> Floats:
        return np.stack([played[plan.fingerprint, replication] for replication in replications])

    figures = {key: Figures(labels(plan), of(plan, range(how.replications))) for key, plan in asked.plans.items()}
    study = Study(
        title=asked.title,
        base=asked.base,
        arms=asked.arms,
        worlds=asked.worlds,
        seed=how.seed,
        replications=how.replications,
        figures=figures,
        summary=summarise(figures),
        differences=differences(figures, asked.base),
        staffing=staffing_table(asked.rosters) if asked.sheets else None,
        sheets=asked.sheets,
        beyond=asked.beyond,
        opening=asked.opening,
        not_run=asked.not_run,
        caught=caught_table(asked, found, _counts(asked, how, found, looked_at)) if found else None,
        plans=asked.plans,
        headers=asked.headers,
        share_assumed=asked.share_assumed,
        wall_seconds=time.perf_counter() - began,
        engine=engine,
        played=_of_members(asked, asked.chosen, how.replications, figures, of) if asked.chosen else None,
        notes=(*asked.notes, *([why] if why else [])),
    )
    if how.out is not None:
        study = replace(study, folder=how.out / scenario / name)
    told.known(study)
    if study.folder is not None:
        rows = _rows([jobs[asked.plans[key].fingerprint, replication] for key, replication in wanted], cache)
        recipe = store.Recipe(how.replay(), asked.inputs, name)
        store.save(study, study.folder, recipe=recipe, rows=rows, finish=told.finish)
    return study


def _all_plans(asked: Asked) -> dict[tuple[str, str], Plan]:
    """By label and world, and by label and member with the weight it stands for."""
    plans = dict(asked.plans)
    if asked.chosen is not None:
        for member in asked.chosen.members:
            mine = {label: plan for (label, name), plan in asked.chosen.plans.items() if name == member.name}
            told = ", ".join([f"member {member.name}", repr(member.weight), *map(str, asked.chosen.counts)])
            plans |= {(label, told): plan for label, plan in mine.items()}
    return plans


def _of_members(
    asked: Asked,
    chosen: Chosen,
    replications: int,
    by_hand: Mapping[tuple[str, str], Figures],
    of: Callable[[Plan, range], Floats],
) -> Played:
    """What the members added up to; where the user has counted something, those that are left, weighed again."""
    from sim.experiment.nested import intervals, share_assumed

    figures: dict[str, Figures] = {}
    for label in dict.fromkeys(label for label, _ in chosen.plans):
        matrices = [
            of(chosen.plans[label, member.name], futures(place, replications))
            for member, place in zip(chosen.members, chosen.places, strict=True)
        ]
        names = labels(
            chosen.plans[label, chosen.members[0].name]
        )  # those of every member: they differ in numbers alone
        figures[label] = Figures(names, np.concatenate(matrices))
    base = asked.base
    worlds = [member.world for member in chosen.members]
    weights = np.asarray([member.weight for member in chosen.members])
    weighed = None
    if chosen.counts:
        mine = {world: by_hand[base, world] for world in asked.worlds}
        weighed = weigh(chosen.counts, [member.name for member in chosen.members], worlds, weights, figures[base], mine)
        weights = weighed.weights
    left = np.flatnonzero(weights > 0)
    members = tuple(replace(chosen.members[at], weight=float(weights[at])) for at in left)
    rows = (left[:, None] * replications + np.arange(replications)).ravel()
    figures = {label: Figures(one.names, one.matrix[rows]) for label, one in figures.items()}
    parameters = chosen.parameters.iloc[left]
    parameters = parameters.loc[:, parameters.nunique() > 1]
    grades = {key: chosen.grades[key] for key in map(str, parameters.columns)}
    return Played(
        ensemble=chosen.ensemble,
        size=chosen.size,
        members=members,
        provisional=chosen.provisional,
        parameters=parameters,
        grades=grades,
        figures=figures,
        intervals=intervals(figures, base, tuple(worlds[at] for at in left), weights[left]),
        share_assumed=share_assumed(figures, base, weights[left], parameters, grades),
        base_plans=tuple(chosen.plans[base, member.name] for member in members),
        weighed=weighed,
    )


_Key = tuple[str, int]
"""Fingerprint of a plan, and a replication: equal plans are played once."""

_Kept = tuple[tuple[str, str], int]
"""Label and world, and replication, of what keeps its rows."""


def _rows_wanted(asked: Asked, how: _How) -> list[_Kept]:
    if how.out is None or how.events is False:
        return []
    bases = [key for key in asked.plans if key[0] == asked.base]
    if how.events is None:
        return [(bases[0], 0)]
    return [(key, replication) for key in bases for replication in range(how.replications)]


def _jobs(asked: Asked, how: _How, engine: Engine, wanted: Sequence[_Kept], found: Sequence[Coming]) -> dict[_Key, Job]:
    rows = {(asked.plans[key].fingerprint, replication): key for key, replication in wanted}
    jobs: dict[_Key, Job] = {}
    for replication in range(how.replications):  # the first replication of every arm before the second of any
        for plan in asked.plans.values():
            at = (plan.fingerprint, replication)
            jobs.setdefault(at, Job(plan, how.seed, replication, engine, rows.get(at)))
        for world in dict.fromkeys(one.world for one in found):
            at = (asked.plans[asked.base, world].fingerprint, replication)
            jobs[at] = replace(jobs[at], caught_by=tuple(one.commencement for one in found if one.world == world))
    for plan, number in _futures_of_members(asked, how):  # all futures of one plan together: it is made ready once
        jobs.setdefault((plan.fingerprint, number), Job(plan, how.seed, number, engine))
    return jobs


def _futures_of_members(asked: Asked, how: _How) -> Iterator[tuple[Plan, int]]:
    if asked.chosen is not None:
        places = dict(zip((member.name for member in asked.chosen.members), asked.chosen.places, strict=True))
        for (_, name), plan in asked.chosen.plans.items():
            yield from ((plan, number) for number in futures(places[name], how.replications))


def _counts(
    asked: Asked, how: _How, found: Sequence[Coming], looked_at: Mapping[_Key, Floats]
) -> dict[tuple[str, str], Floats]:
    """By label and world the open cases of every replication by node and state."""
    counts: dict[tuple[str, str], Floats] = {}
    for world in dict.fromkeys(one.world for one in found):
        base = asked.plans[asked.base, world].fingerprint
        together = np.stack([looked_at[base, replication] for replication in range(how.replications)])
        mine = [one for one in found if one.world == world]
        counts |= {(one.label, world): together[:, place] for place, one in enumerate(mine)}
    return counts


def _rows(jobs: Sequence[Job], cache: Cache) -> Iterator[bytes]:
    for job in jobs:
        rows = cache.rows(job)
        assert rows is not None, "somebody else took away what was kept a moment ago"
        yield rows


def _play(
    jobs: Mapping[_Key, Job],
    known: Mapping[_Key, Floats],
    asked: Asked,
    how: _How,
    told: _Told,
    cache: Cache,
    looked_at: dict[_Key, Floats],
) -> dict[_Key, Floats]:
    """The figures of every job, known or played; the first to be unplayable ends it."""
    named = {**asked.plans, **(asked.chosen.plans if asked.chosen else {})}
    labels = {plan.fingerprint: ", ".join(filter(None, key)) for key, plan in reversed(list(named.items()))}
    played: dict[_Key, Floats] = {}

    def take(at: _Key, values: Floats) -> None:
        played[at] = values
        told.progress(len(played), len(jobs), labels[at[0]])

    for at, values in known.items():
        take(at, values)
    missing = [at for at in jobs if at not in known]

    def ended(number: int, outcome: Outcome) -> None:
        cache.put(jobs[missing[number]], outcome)
        if outcome.caught is not None:
            looked_at[missing[number]] = outcome.caught
        take(missing[number], outcome.values)

    workers = default_workers() if how.workers is None else how.workers
    try:
        with tempfile.TemporaryDirectory(prefix="misconduct-") as folder, imported_meanwhile("scipy.special", "duckdb"):
            shared = share_pasts([jobs[at] for at in missing], Path(folder))
            play_jobs(shared, ended, workers=workers, executor=how.executor)
    except UnplayableError as error:
        problem = Problem(
            file=asked.base, key="in play", found=str(error), expected="a plan that can be played to its end"
        )
        raise ScenarioError([problem]) from None
    return played
