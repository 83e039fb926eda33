"""Do the numbers of the README stand in the tables that are committed, and are its commands those there are?"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

from sim.__main__ import app
from sim.calibration.parameters import read_parameters
from sim.calibration.posterior import family_weights

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = ("mean", "low", "high")
FAMILIES = ("slack", "dps_saturated", "psu_saturated")
LEVERS = {
    "12 more in local units": "more_psu_investigators",
    "12 more in the centre": "more_dps_investigators",
    "training in local units (*follows from assumption*)": "psu_training",
}
HEADLINES = {
    "Mean days to finalise an allegation": ("Mean days to finalise", "{:.0f}", 1),
    "Finalised within a year": ("Finalised within a year", "{:.1f}%", 100),
    "Case to answer": ("Case to answer", "{:.1f}%", 100),
    "Took over two years": ("Took over two years", "{:.1f}%", 100),
    "People named who were dismissed": ("People dismissed, of those named", "{:.1f}%", 100),
    "*True* mean, open cases counted (to four years)": ("True mean days, to 4 years", "{:.0f}", 1),
}


def cells(first: str) -> list[str]:
    """The cells of the one row of a table that begins so."""
    (row,) = [line for line in README.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def number(value: float) -> str:
    """A change of days as the README writes it."""
    text = f"{value:+.1f}"
    return "0.0" if float(text) == 0 else text


def span(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def changes(path: str, lever: str, basis: str) -> pd.DataFrame:
    table = pd.read_csv(ROOT / path, comment="#", keep_default_na=False, na_values=dict.fromkeys(NUMBERS, ""))
    return table[
        (table["base"] == "casey_2022")
        & (table["scenario"] == lever)
        & (table["measure"] == "mean_days_to_finalise")
        & (table["counted"] == "allegation")
        & (table["basis"] == basis)
        & (table["group"] == "")
    ]


@pytest.mark.parametrize("row", LEVERS)
def test_what_a_lever_buys_by_family_is_what_the_members_gave(row: str) -> None:
    observed, true = (
        changes("results/ignorance/intervals.csv", LEVERS[row], basis) for basis in ("received_cohort", "survival")
    )
    pooled = observed[(observed["world"] == "ensemble") & (observed["interval"] == "ignorance, 80%")].iloc[0]
    expected = [row, span(float(pooled["low"]), float(pooled["high"]))]
    for family in FAMILIES:
        one, other = (
            table[(table["world"] == family) & table["interval"].str.startswith("computing")].iloc[0]
            for table in (observed, true)
        )
        mean, low, high = (float(one[name]) for name in ("mean", "low", "high"))
        expected.append(f"{number(mean)} ({span(low, high)}) [{number(float(other['mean']))}]")
    assert cells(row) == expected


def test_what_the_worlds_by_hand_give_instead_is_what_they_gave() -> None:
    found = {
        lever: changes("results/reference/differences.csv", lever, "received_cohort")
        .set_index("world")
        .loc["psu_saturated"]
        for lever in ("more_psu_investigators", "psu_training")
    }
    posts = found["more_psu_investigators"]
    told = f"12 more local investigators give {number(posts['mean'])} ({span(posts['low'], posts['high'])}) days in `psu_saturated`"
    assert told in README
    assert f"training gives {number(found['psu_training']['mean'])} against" in README


def test_the_weights_of_the_families_are_those_of_the_calibration_and_the_floor_is_named() -> None:
    families = json.loads((ROOT / "scenarios/calibration/casey_2022.json").read_text(encoding="utf-8"))["families"]
    weights = [families[name]["weight"] for name in FAMILIES]
    listed = "{:.0%}, {:.0%} and {:.0%}".format(*weights)
    assert README.count(listed) == 2, "where worlds are named, and where they are pooled"
    prior, _ = read_parameters(ROOT / "scenarios/calibration/parameters.toml")
    assert prior is not None
    floor = prior.settings.floor
    assert families["psu_saturated"]["weight"] == pytest.approx(floor)
    assert f"that {floor:.0%} is a floor" in README
    evidence = np.array([families[name]["log_evidence"] for name in FAMILIES])
    without = family_weights(np.full(3, 1 / 3), evidence, np.zeros(3, dtype=bool), 0.0)
    assert f"without it `psu_saturated` would weigh {without[2]:.1%}" in README


@pytest.mark.parametrize("row", HEADLINES)
def test_the_fit_of_the_worlds_is_what_the_reference_study_found(row: str) -> None:
    label, form, times = HEADLINES[row]
    table = pd.read_csv(ROOT / "results/reference/headline.csv", comment="#")
    means = table[table["label"] == label].set_index("world")["mean"]
    assert cells(row)[-3:] == [form.format(times * means[world]) for world in FAMILIES]


def test_queues_that_never_settle_are_named_below_the_fit() -> None:
    table = pd.read_csv(ROOT / "results/reference/headline.csv", comment="#", keep_default_na=False)
    found = table.drop_duplicates("world").set_index("world")["never_settles"].to_dict()
    assert found == {"slack": "hearings", "dps_saturated": "DPS (a place), hearings", "psu_saturated": "hearings"}
    assert (
        "In all three worlds the queue for hearings never settles, and in `dps_saturated` that for a place in the centre"
        in README
    )


def commands() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("misconduct ")]


@pytest.mark.parametrize("line", commands())
def test_a_command_and_its_options_are_there(line: str) -> None:
    _, name, *words = shlex.split(line, comments=True)
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known
