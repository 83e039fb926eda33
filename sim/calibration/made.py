"""How is a shipped scenario calibrated, and what is left of it for people? The task from the files of a scenario folder, and the tables of what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration.bank import Runs, write_whole
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
from sim.calibration.observed import Observed, observed, unscaled
from sim.calibration.parameters import Prior, load_parameters
from sim.calibration.recovery import TRUTHS, Recovery, recover
from sim.calibration.simulator import Simulator, name_of
from sim.evidence import Problem
from sim.experiment.engines import problems_of
from sim.experiment.pools import default_workers
from sim.experiment.tables import parquet, write_csv
from sim.experiment.versions import code_hash
from sim.scenario import ScenarioError, load_scenario, save_ensemble
from sim.scenario.ensemble import FOLDER
from sim.scenario.files import search_folders

RUNS = 1400
BANK = "bank"
"""The folder of the runs as they come; and, with ``.parquet``, the file of all of them."""
WHO = ("family", "wave", "replication")


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
    fitted = prior.fitted(base.evidence.targets.values())
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
        of={
            "code": code_hash(),
            "plans": {
                family: load_scenario(play.scenario, world=family, folder=folder).plan.fingerprint
                for family in prior.families
            },
            "played": play.scenario,
        },
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
    write_whole(out / "record.json", json.dumps(made.ensemble.record, indent=1, sort_keys=True) + "\n")
    (out / f"{BANK}.parquet").write_bytes(parquet(bank_table(made)))
    return made, path


def bank_table(made: Calibrated) -> pd.DataFrame:
    """Every run: its family, wave and replication, its point in shares of the prior (``at`` and the parameter), and its outputs."""
    runs = made.runs
    who = pd.DataFrame({name: getattr(runs, name) for name in WHO}).astype({"family": "str"})
    points = pd.DataFrame(runs.points, columns=[f"at {name}" for name in made.prior.parameters])
    outputs = pd.DataFrame(runs.outputs, columns=[*made.observed.names, *map(name_of, conditions(made.prior))])
    return pd.concat([who, points, outputs], axis=1)


def read_bank(path: Path, prior: Prior, told: Observed) -> Runs:
    """The runs of a file that a calibration left.

    Raises:
        ScenarioError: it is of other parameters or other targets.
    """
    import duckdb

    with duckdb.connect() as connection:
        table = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
    points = [f"at {name}" for name in prior.parameters]
    outputs = [*told.names, *map(name_of, conditions(prior))]
    if list(table.columns) != [*WHO, *points, *outputs]:
        found = "runs of other parameters or other targets"
        raise ScenarioError([Problem(file=str(path), key="", found=found, expected="those of today: calibrate again")])
    return Runs(
        table["family"].to_numpy(str),
        table["wave"].to_numpy(np.int64),
        table["replication"].to_numpy(np.int64),
        table[points].to_numpy(np.float64),
        table[outputs].to_numpy(np.float64),
    )


def study_recovery(bank: Path, out: Path, scenario: str, *, seed: int, truths: int, told: Told) -> Recovery:
    """Take known truths from a kept bank, calibrate to each, and write what was found.

    Raises:
        ScenarioError: the bank is of other parameters or other targets.
    """
    prior = load_parameters(scenario)
    fitted = prior.fitted(load_scenario(scenario).evidence.targets.values())
    kept = observed(Simulator(scenario, fitted, conditions(prior), seed=seed, workers=1).targets)
    found = recover(read_bank(bank, prior, kept), prior, kept, seed=seed, truths=truths, hear=told)
    out.mkdir(parents=True, exist_ok=True)
    write_csv(found.truths, out / "truths.csv")
    write_csv(found.coverage(), out / "coverage.csv")
    return found


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
                    float(unscaled(np.array([middle]), unit)[0]),
                    float(far),
                )
            )
    assert len(rows) == count * len(made.families)
    return pd.DataFrame(rows, columns=["family", "target", "vote", "unit", "published", "model", "implausibility"])


if __name__ == "__main__":  # python -m sim.calibration.made BANK OUT: the study of recovery
    made_of, left_in = (Path(one) for one in sys.argv[1:])
    study_recovery(
        made_of,
        left_in,
        "casey_2022",
        seed=1,
        truths=TRUTHS,
        told=lambda line: sys.stderr.write(f"{line}\n"),
    )
