"""How is a shipped scenario calibrated, and what is left of it for people? The task from the files of a scenario folder, and the tables of what came of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.calibration.calibrate import (
    Calibrated,
    Task,
    Told,
    calibrate,
    combinations,
    conditions,
    emulators,
    pairs,
    spread,
)
from sim.calibration.frozen import FILE as FROZEN
from sim.calibration.frozen import read_frozen
from sim.calibration.observed import FITTED, unscaled
from sim.calibration.parameters import load_parameters
from sim.calibration.simulator import Simulator
from sim.evidence import Problem
from sim.experiment.engines import problems_of
from sim.experiment.pools import default_workers
from sim.experiment.tables import write_csv
from sim.experiment.versions import code_hash
from sim.scenario import ScenarioError, load_scenario, save_ensemble
from sim.scenario.ensemble import FOLDER
from sim.scenario.files import search_folders

RUNS = 1400
BANK = "bank"


def task_of(
    scenario: str,
    *,
    seed: int = 1,
    runs: int = RUNS,
    workers: int | None = None,
    engine: str | None = None,
    folder: Path | None = None,
) -> Task:
    """What is to be done to calibrate a scenario of a folder.

    Raises:
        ScenarioError: with every problem of the scenario, the parameters and what is asked.
    """
    problems = problems_of(engine)
    counts = {"--seed": (seed, 0), "--runs": (runs, 1), "--workers": (1 if workers is None else workers, 1)}
    problems += [
        Problem(file=name, key="", found=str(value), expected=f"{least} or more")
        for name, (value, least) in counts.items()
        if value < least
    ]
    try:
        prior = load_parameters(scenario, folder)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    if problems:
        raise ScenarioError(problems)
    base = load_scenario(scenario, folder=folder)
    fitted = tuple(one for one in base.evidence.targets.values() if one.role == FITTED)
    play = Simulator(
        scenario,
        fitted,
        conditions(prior),
        seed=seed,
        workers=default_workers() if workers is None else workers,
        engine=engine,
        folder=folder,
    )
    frozen = next(
        (told for place in search_folders(folder) if (told := read_frozen(place / FOLDER / FROZEN))),
        None,
    )
    return Task(
        scenario=base.name,
        prior=prior,
        targets=play.targets,
        play=play,
        of={"code": code_hash(), "plan": play.plan.fingerprint, "played": play.scenario},
        seed=seed,
        runs=runs,
        record={"frozen": frozen.digest if frozen else ""},
    )


def run(task: Task, out: Path, *, minutes: float | None, told: Told) -> tuple[Calibrated, Path]:
    """Calibrate, and write the ensemble, its record and its tables; the path of the ensemble.

    The bank lies in ``bank`` beside them, and whatever is in it is not played again.
    """
    made = calibrate(task, out / BANK, minutes=minutes, told=told)
    path = save_ensemble(made.ensemble, out)
    for name, table in tables(made).items():
        write_csv(table, out / f"{name}.csv")
    return made, path


def tables(made: Calibrated) -> dict[str, pd.DataFrame]:
    """What people read of a calibration, by name."""
    return {
        "identifiability": spread(made),
        "combinations": combinations(made),
        "pairs": pairs(made),
        "emulators": emulators(made),
        "fit": fit_table(made),
    }


def fit_table(made: Calibrated) -> pd.DataFrame:
    """What was published, and what the plays of the candidates that were kept say, by family."""
    rows = []
    last = made.runs.take(made.runs.wave == made.runs.wave.max())
    count = len(made.observed.names)
    for family in made.families:
        said = made.observed.scaled(last.of(family.name).outputs)
        for at, name in enumerate(made.observed.names):
            unit = made.observed.units[at]
            middle = float(pd.Series(said[:, at]).mean())
            far = abs(middle - made.observed.middle[at]) / made.observed.sd[at]
            rows.append(
                (
                    family.name,
                    name,
                    made.observed.families[at],
                    unit,
                    float(unscaled(made.observed.middle[at : at + 1], unit)[0]),
                    float(unscaled(said[:, at].mean(keepdims=True), unit)[0]),
                    float(far),
                )
            )
    assert len(rows) == count * len(made.families)
    return pd.DataFrame(rows, columns=["family", "target", "vote", "unit", "published", "model", "implausibility"])
