"""Does the model match what was seen? Plays the ensemble of a scenario, and of those that play on from it, and holds it against every target.

A check fails where fewer than nine in ten calibration families are inside, with those that were put in or without them, a target has no answer,
anything was changed after the targets were frozen, or the ensemble is provisional or does not say which frozen targets it was calibrated to.
What was held out is told as it is and decides nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.calibration.answers import Answers
from sim.calibration.frozen import FILE, Frozen, changes, read_frozen, scored
from sim.calibration.score import MISSING, NEEDED, Played, Score, by_family, by_world, score_of, score_targets
from sim.calibration.shared import shared_with_the_fit
from sim.evidence import Evidence, Problem, Target
from sim.experiment import engines
from sim.experiment.cache import Cache
from sim.experiment.engines import Engine
from sim.experiment.jobs import Job, Outcome, UnplayableError
from sim.experiment.members import NOT_FITTED, futures
from sim.experiment.pools import default_workers, play_jobs
from sim.experiment.ready import make_ready
from sim.experiment.standing import CHECKS, LEAST_FUTURES, read_checks, stands
from sim.experiment.study import Floats
from sim.measures import labels
from sim.plan import Plan
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.ensemble import FOLDER, Ensemble, Member, load_ensemble
from sim.scenario.files import search_folders
from sim.scenario.load import evidence_of, lineage

Progress = Callable[[int, int, str], object]
Notice = Callable[[str], object]

CURVE = "share_finalised_within"
POINTS: Mapping[str, float] = {"share_within_1_year": 365, "share_over_2_years": 730, "share_over_4_years": 1461}
"""Published points of the duration curve, by measure, and the days they are at."""


@dataclass(frozen=True, eq=False)
class Check:
    """What a check found."""

    scenario: str
    targets: pd.DataFrame
    """`sim.calibration.score.TARGETS`, a row for each target."""
    families: pd.DataFrame
    """`sim.calibration.score.FAMILIES`, a row for each vote."""
    worlds: pd.DataFrame
    """A row for each target and world."""
    curve: pd.DataFrame
    """The share of finalised allegations that had been finalised within so many days: days, world, mean, low, high; the ensemble under an empty world."""
    shared: pd.DataFrame
    """`sim.calibration.shared.SHARED`: what the hold-out shares with the fit."""
    score: Score
    problems: tuple[Problem, ...]
    """What is stale, missing or was changed after the targets were frozen."""
    record: Mapping[str, Any]
    """What the record of checks says of it: date, plans, score."""

    @property
    def passed(self) -> bool:
        """Whether enough calibration families are inside and nothing is stale."""
        return self.score.passes and not self.problems


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is to be played: the plans of one scenario, a member each."""

    scenario: str
    targets: tuple[Target, ...]
    plans: tuple[Plan, ...]


def check(
    scenario: str,
    *,
    replications: int = 2,
    seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    folder: Path | None = None,
    out: Path | None = None,
    kept: bool = False,
    on: date | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> Check:
    """Play every member of the scenario's ensemble and score it.

    Args:
        scenario: name of a scenario that targets name, or that one they name is based on.
        replications: how many futures of each member.
        folder: the user's own scenarios, which win over the shipped ones.
        out: where finished replications are kept, so that a check that was stopped goes on.
        kept: whether it is to be put into the record of checks, which asks for `sim.experiment.standing.LEAST_FUTURES`.
        on: the day it is made; today if not said.

    Raises:
        ScenarioError: with every problem of what was asked.
    """
    problems = engines.problems_of(engine)
    counts = {"--replications": replications, "--workers": 1 if workers is None else workers}
    problems += [Problem(file=n, key="", found=str(v), expected="1 or more") for n, v in counts.items() if v < 1]
    if kept and 1 <= replications < LEAST_FUTURES:
        wanted = f"{LEAST_FUTURES} or more with --keep: of one future the error is not known"
        problems.append(Problem(file="--replications", key="", found=str(replications), expected=wanted))
    name, evidence, ensemble, asked = _asked_of(scenario, folder, problems)
    played, answered, curve = _play(
        asked, ensemble, replications, seed, engine, workers, out, progress or _unheard, notice or _unheard
    )
    targets = [target for one in asked for target in one.targets]
    weights = np.asarray([member.weight for member in ensemble.members])
    members = Played(played, weights, [member.world for member in ensemble.members], answered)
    table = score_targets(targets, members, evidence.targets_met_by_input())
    families = by_family(table)
    score = score_of(families)
    frozen, changed = _frozen(evidence, ensemble, folder)
    stale = [*changed, *_unanswered(table)]
    record = {
        "checked_on": (on or datetime.now(UTC).date()).isoformat(),
        "passed": score.passes and not stale,
        "calibration": [score.calibration_inside, score.calibration],
        "calibration_without_inputs": [score.without_inputs_inside, score.without_inputs],
        "held_out": [score.held_out_inside, score.held_out],
        "members": len(ensemble.members),
        "replications": replications,
        "seed": seed,
        "frozen": frozen.digest if frozen else "",
        "fitted_to": _fitted_to(ensemble),
        "problems": [str(problem) for problem in stale],
        "plans": _fingerprints(asked),
    }
    return Check(
        name,
        table,
        families,
        by_world(targets, members),
        curve,
        shared_with_the_fit(targets),
        score,
        tuple(stale),
        record,
    )


def problems_of_kept(scenario: str, folder: Path | None = None) -> list[Problem]:
    """Why the record of the last check of a scenario does not hold today, without playing; nothing if it does.

    It does not if it was not passed, the targets changed after they were frozen, or it is of other plans than those of today.

    Raises:
        ScenarioError: with every problem of what was asked.
    """
    name, evidence, ensemble, asked = _asked_of(scenario, folder, [])
    path = next((p for place in search_folders(folder) if (p := place / CHECKS).is_file()), None)
    kept = read_checks(path).get(name) if path else None
    if kept is None:
        wanted = f"a check that was kept: misconduct check {name} --keep"
        return [Problem(file=str(path or CHECKS), key=name, found="nothing", expected=wanted)]
    _, found = _frozen(evidence, ensemble, folder)
    if kept.get("plans") != (today := _fingerprints(asked)):
        same = len(set(today) & set(kept.get("plans", ())))
        expected = f"the {len(today)} plans of today, of which {same} are among them: check again"
        found.append(Problem(file=str(path), key=name, found="an answer of other plans", expected=expected))
    if not stands(kept):
        told = "{} of {} calibration families inside".format(*kept.get("calibration", ("some", "all")))
        if "calibration_without_inputs" in kept:
            told += ", {} of {} without inputs".format(*kept["calibration_without_inputs"])
        found.append(
            Problem(file=str(path), key=name, found=f"no pass ({told})", expected=f"{NEEDED:.0%} of them inside")
        )
    return found


def write_check(found: Check, folder: Path) -> list[Path]:
    """The tables of a check as CSV in a folder, and its record as ``check.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "check": found.targets,
        "families": found.families,
        "worlds": found.worlds,
        "curve": found.curve,
        "shared": found.shared,
    }
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        table.to_csv(path, index=False, lineterminator="\n", float_format="%.6g")
        written.append(path)
    path = folder / "check.json"
    _write(path, {"scenario": found.scenario, **found.record})
    return [*written, path]


def keep(found: Check, folder: Path) -> Path:
    """Put a check into the record of checks of a scenario folder: what stamps are a function of (`sim.experiment.standing`)."""
    path = folder / CHECKS
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, {**read_checks(path), found.scenario: dict(found.record)})
    return path


def _write(path: Path, told: Mapping[str, Any]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    beside.replace(path)


def _unheard(*_: object) -> None:
    """Nobody wants to be told."""


def _asked_of(
    scenario: str, folder: Path | None, problems: list[Problem]
) -> tuple[str, Evidence, Ensemble, list[_Asked]]:
    """The name of a scenario, the evidence, the ensemble, and what is to be played.

    Raises:
        ScenarioError: with these problems and every other.
    """
    try:
        made = load_scenario(scenario, folder=folder)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    evidence = evidence_of(search_folders(folder))
    wanted = _scenarios(made.name, tuple(scored(evidence).values()), folder)
    if not wanted:
        named = ", ".join(sorted({target.scenario for target in evidence.targets.values()}))
        found = "a scenario that no target is of"
        problems = [*problems, Problem(file=scenario, key="", found=found, expected=f"one of {named}")]
    if problems:
        raise ScenarioError(problems)
    ensemble = _ensemble(scenario, made.baseline.worlds or (), folder)
    return made.name, evidence, ensemble, [_ask(*one, ensemble.members, folder) for one in wanted.items()]


def _frozen(evidence: Evidence, ensemble: Ensemble, folder: Path | None) -> tuple[Frozen | None, list[Problem]]:
    """What was frozen, and every way in which targets or ensemble are not of it."""
    folders = search_folders(folder)
    path = next((p for place in folders if (p := place / FOLDER / FILE).is_file()), folders[-1] / FOLDER / FILE)
    frozen = read_frozen(path)
    return frozen, [*changes(evidence, frozen, path), *_stale(ensemble, frozen)]


def _fingerprints(asked: Sequence[_Asked]) -> list[str]:
    return sorted({plan.fingerprint for one in asked for plan in one.plans})


def _scenarios(scenario: str, targets: Sequence[Target], folder: Path | None) -> dict[str, tuple[Target, ...]]:
    """The targets by the scenario that plays their window: this one, and those that are based on it. One that is not there has no answers."""
    found: dict[str, tuple[Target, ...]] = {}
    for name in dict.fromkeys(target.scenario for target in targets):
        if name == scenario or scenario in lineage(name, folder):
            found[name] = tuple(target for target in targets if target.scenario == name)
    return found


def _ensemble(scenario: str, worlds: Sequence[str], folder: Path | None) -> Ensemble:
    """The ensemble; where a scenario has none, its worlds as they are, each as likely as the other."""
    names = lineage(scenario, folder)
    if any((place / FOLDER / f"{name}.csv").is_file() for name in names for place in search_folders(folder)):
        return load_ensemble(scenario, folder)
    members = tuple(Member(world or "base", world, weight=1 / max(len(worlds), 1)) for world in worlds or ("",))
    return Ensemble(scenario, members, {})


def _ask(scenario: str, targets: tuple[Target, ...], members: Sequence[Member], folder: Path | None) -> _Asked:
    return _Asked(scenario, targets, tuple(load_scenario(scenario, member=one, folder=folder).plan for one in members))


def _stale(ensemble: Ensemble, frozen: Frozen | None) -> list[Problem]:
    """Whether the ensemble was fitted to nothing, or to other targets than those that are frozen."""
    # Not the whole path: it stands in the record, which is committed, and on the page.
    place = f"{FOLDER}/{ensemble.path.name}" if ensemble.path else f"ensemble of {ensemble.scenario}"
    if ensemble.record.get(NOT_FITTED):
        expected = "an ensemble that was calibrated: its members are no calibration yet"
        return [Problem(file=place, key=NOT_FITTED, found="true", expected=expected)]
    fitted = _fitted_to(ensemble)
    if frozen is None or fitted == frozen.digest:
        return []
    expected = f"{frozen.digest}, the targets that are frozen now: calibrate again"
    return [Problem(file=place, key="frozen", found=fitted or "nothing", expected=expected)]


def _fitted_to(ensemble: Ensemble) -> str:
    """The digest of the frozen targets that an ensemble was calibrated to; nothing of one that was not."""
    return "" if ensemble.record.get(NOT_FITTED) else str(ensemble.record.get("frozen") or "")


def _unanswered(table: pd.DataFrame) -> list[Problem]:
    return [
        Problem(file="targets.toml", key=str(key), found="no answer", expected=f"an answer of {scenario}")
        for key, scenario in table.loc[table["verdict"] == MISSING, ["target", "scenario"]].itertuples(index=False)
    ]


def jobs_of(plans: Sequence[Plan], replications: int, seed: int, engine: Engine) -> list[Job]:
    """What is played of one scenario, a member after the other: each has futures of its own, since the error is reckoned of independent members."""
    return [
        Job(plan, seed, number, engine) for place, plan in enumerate(plans) for number in futures(place, replications)
    ]


_Left = tuple[Sequence[Job], Floats, Sequence[int], str]
"""Jobs, where their figures go, which of them are left to play, and whose they are."""


def _play(
    asked: Sequence[_Asked],
    ensemble: Ensemble,
    replications: int,
    seed: int,
    engine: str | None,
    workers: int | None,
    out: Path | None,
    progress: Progress,
    notice: Notice,
) -> tuple[Floats, frozenset[str], pd.DataFrame]:
    """The answers, members by replications by targets in the order asked; which targets are spoken to; and the curve of durations of the first scenario."""
    plays, why = engines.choose(engine, [plan for one in asked for plan in one.plans])
    if why:
        notice(why)
    cache = Cache(out)
    found: list[Floats] = []
    answered: set[str] = set()
    curve = pd.DataFrame()
    done, total = 0, replications * sum(len(one.plans) for one in asked)
    for one in asked:
        jobs = jobs_of(one.plans, replications, seed, plays)
        names = labels(one.plans[0])
        reads = Answers(names, one.targets)
        figures = np.full((len(jobs), len(names)), np.nan)
        missing = []
        for at, job in enumerate(jobs):
            known = cache.get(job)
            if known is None:
                missing.append(at)
            else:
                figures[at] = known
                done += 1
        if missing:
            make_ready(plays, one.plans[0], notice)

        def ended(number: int, outcome: Outcome, at: _Left = (jobs, figures, missing, one.scenario)) -> None:
            nonlocal done
            jobs, figures, missing, scenario = at
            cache.put(jobs[missing[number]], outcome)
            figures[missing[number]] = outcome.values  # noqa: PD011
            done += 1
            progress(done, total, scenario)

        try:
            play_jobs([jobs[at] for at in missing], ended, workers=default_workers() if workers is None else workers)
        except UnplayableError as error:
            expected = "a plan that can be played to its end"
            problem = Problem(file=one.scenario, key="in play", found=str(error), expected=expected)
            raise ScenarioError([problem]) from None
        answered |= {target.key for target in reads.answerable}
        found.append(reads(figures).reshape(len(one.plans), replications, len(one.targets)))
        if curve.empty:
            curve = curve_of(names, figures.reshape(len(one.plans), replications, -1), ensemble.members)
    return np.concatenate(found, axis=2), frozenset(answered), curve


def curve_of(names: pd.DataFrame, figures: Floats, members: Sequence[Member]) -> pd.DataFrame:
    """The duration curve: days, world, mean, and the lowest and highest of the members' means.

    Args:
        names: of the figures.
        figures: members by replications by figures.
        members: whose they are.
    """
    mine = (names["measure"] == CURVE) & (names["counted"] == "allegation") & (names["basis"] == "received_cohort")
    places = np.flatnonzero(mine)
    days = names.loc[mine, "group"].str.removeprefix("days=").astype(int).to_numpy()
    means = figures[:, :, places].mean(axis=1)
    weights = np.asarray([member.weight for member in members])
    rows = []
    for world in ("", *dict.fromkeys(member.world for member in members if member.world)):
        of = np.asarray([not world or member.world == world for member in members])
        shares = weights[of] / weights[of].sum()
        columns = (shares @ means[of], means[of].min(axis=0), means[of].max(axis=0))
        rows += [(int(day), world, *values) for day, *values in zip(days, *columns, strict=True)]
    return pd.DataFrame(rows, columns=["days", "world", "mean", "low", "high"])
