"""Does clearing old cases lift the mean of a period while all else falls, and is that drawn and said?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from test_report import FORBIDDEN, HEADERS, STAMP, plan

from sim.experiment import Arm, Figures, Study, compare
from sim.experiment.intervals import differences, summarise
from sim.experiment.study import KEYS
from sim.measures import MEASURES
from sim.report import clearance
from sim.report.clearance import FINALISED, OPEN, RECEIVED, SHOWN, draw_clearance, quarter_of, sentences
from sim.report.style import on_axis
from sim.scenario.staffing import Row, Sheet

# --- a surge in the large force whose centre is short of places, in the same futures -------------------------------------

AT_FIRST = ("2028Q1", "2028Q2", "2028Q3")
"""The surge begins in April 2027; three quarters later the old cases that it took up begin to end. A small force has too few of them to tell."""
LATER = tuple(f"{year}Q{quarter}" for year in (2029, 2030, 2031) for quarter in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def surge() -> Study:
    """Another seed than that of the committed example, in which the quarters above were seen first."""
    return compare(
        "today", ["backlog_surge"], worlds=["dps_saturated"], replications=4, seed=2, workers=2, opposites=False
    )


def change(study: Study, measure: str, quarters: Sequence[str]) -> tuple[float, float]:
    """Mean paired difference over some quarters together, and its standard error over replications."""
    arm, base = (study.figures[label, "dps_saturated"] for label in ("backlog_surge", "today"))
    names = base.names
    counted, basis = SHOWN[measure]
    mine = (names["measure"] == measure) & (names["counted"] == counted) & (names["basis"] == basis)
    mine &= names["group"].fillna("") == ""
    mine &= names["period"].map(quarter_of).isin(quarters)
    paired = np.nanmean(arm.matrix[:, mine] - base.matrix[:, mine], axis=1)
    return float(paired.mean()), float(paired.std(ddof=1) / np.sqrt(len(paired)))


def test_the_mean_of_those_finalised_rises_first_and_falls_later(surge: Study) -> None:
    rise, error = change(surge, FINALISED, AT_FIRST)
    assert rise > 2 * error
    fall, error = change(surge, FINALISED, LATER)
    assert fall < -2 * error


def test_meanwhile_those_received_take_less_and_fewer_old_cases_stay_open(surge: Study) -> None:
    followed = LATER[:4]  # those received later were not followed for two years
    for measure, quarters in ((RECEIVED, AT_FIRST), (RECEIVED, followed), (OPEN, AT_FIRST), (OPEN, LATER)):
        fall, error = change(surge, measure, quarters)
        assert fall < -2 * error, (measure, quarters)


def test_nothing_of_a_quarter_before_the_surge_is_different(surge: Study) -> None:
    for measure in (FINALISED, OPEN):
        assert change(surge, measure, ("2027Q1",)) == (0, 0)


def test_the_three_views_are_drawn_and_their_parting_is_said(surge: Study) -> None:
    table = clearance.clearance(surge)
    (said,) = sentences(surge, "backlog_surge")
    assert said.startswith(
        "Clearing old cases makes the mean of a quarter rise for a while: in dps_saturated cases finalised in 2028"
    )
    drawn = draw_clearance(surge, table)
    assert said in drawn.description
    assert [axes.get_title(loc="left") for axes in drawn.figure.axes] == [
        "Finalised in the quarter",
        "Received, open ones counted",
        "Open for over 12 months",
    ]
    for axes, measure in zip(drawn.figure.axes, (FINALISED, RECEIVED, OPEN), strict=True):
        mine = table[table["measure"] == measure]
        drawn_line = next(line for line in axes.lines if len(line.get_ydata()) == len(mine))  # type: ignore[arg-type]
        np.testing.assert_allclose(drawn_line.get_ydata(), mine["mean"])  # type: ignore[arg-type]


# --- by hand --------------------------------------------------------------------------------------------------------------

WHEN = {"2018Q2": "2018-06-30", "2018Q3": "2018-09-30"}
ARM = "more_investigators"
PARTS = {FINALISED: (9.0, 10.0, 11.0), RECEIVED: (-4.0, -5.0, -6.0), OPEN: (-7.0, -8.0, -9.0)}


def study(changes: Mapping[str, Mapping[str, Sequence[float]]]) -> Study:
    """A study of three futures of one reform; by quarter and measure how much more than the base."""
    keys = [
        (measure, *SHOWN[measure], "", WHEN[quarter] if measure == OPEN else quarter)
        for quarter in WHEN
        for measure in (FINALISED, RECEIVED, OPEN)
    ]
    names = pd.DataFrame(keys, columns=list(KEYS)).assign(unit=[MEASURES[key[0]].unit for key in keys])
    more = [
        changes.get(quarter, {}).get(measure, (0.0, 0.0, 0.0))
        for quarter in WHEN
        for measure in (FINALISED, RECEIVED, OPEN)
    ]
    base = np.full((3, len(keys)), 100.0)
    made = {("casey_2022", "slack"): Figures(names, base), (ARM, "slack"): Figures(names, base + np.array(more).T)}
    return Study(
        title="A made-up study",
        base="casey_2022",
        arms=tuple(Arm(label, "casey_2022", "slack", () if label != ARM else (ARM,)) for label, _ in made),
        worlds=("slack",),
        seed=7,
        replications=3,
        figures=made,
        summary=summarise(made),
        differences=differences(made, "casey_2022"),
        plans=dict.fromkeys(made, plan()),
        headers=HEADERS,
        share_assumed=None,
        wall_seconds=0.0,
        engine="reference",
    )


def test_a_quarter_in_which_the_views_part_is_named_with_each_of_them() -> None:
    assert sentences(study({"2018Q2": PARTS}), ARM) == [
        "Clearing old cases makes the mean of a quarter rise for a while: in slack cases finalised in 2018Q2 took 10.0 days longer on average, while "
        "those received then take 5.0 days less to two years, and 8.0 fewer cases are open for over 12 months at the end of 2018Q2."
    ]
    both = {"2018Q2": PARTS, "2018Q3": {**PARTS, FINALISED: (19.0, 20.0, 21.0)}}
    (said,) = sentences(study(both), ARM)
    assert "finalised in 2018Q2 and 2018Q3 took up to 20.0 days longer" in said


@pytest.mark.parametrize("other", [(-1.0, 0.0, 1.0), (4.0, 5.0, 6.0)])
@pytest.mark.parametrize("measure", [RECEIVED, OPEN])
def test_nothing_is_said_where_another_view_does_not_fall(measure: str, other: Sequence[float]) -> None:
    assert sentences(study({"2018Q2": {**PARTS, measure: other}}), ARM) == []


def test_nothing_is_said_where_the_period_mean_does_not_rise() -> None:
    assert sentences(study({"2018Q2": {**PARTS, FINALISED: (-9.0, -10.0, -11.0)}}), ARM) == []
    assert sentences(study({}), ARM) == []


def test_a_drawing_is_stamped_and_says_nothing_that_must_not_be_said() -> None:
    one = study({"2018Q2": PARTS})
    drawn = draw_clearance(one, clearance.clearance(one))
    written = [text.get_text() for text in drawn.figure.texts]
    assert any(STAMP in text for text in written)
    assert not FORBIDDEN.search(" ".join([*written, drawn.title, drawn.description]))
    assert clearance.clearance(replace(one, differences=one.differences.head(0))).empty


def test_an_upright_line_is_where_the_sentence_says_it_is_and_neither_without_the_other() -> None:
    def lines(made: Study) -> tuple[list[float], str]:
        drawn = draw_clearance(made, clearance.clearance(made))
        (note,) = (text.get_text() for text in drawn.figure.texts if "Shaded" in text.get_text())
        axes = drawn.figure.axes[0]
        upright = [float(line.get_xdata()[0]) for line in axes.lines if list(line.get_ydata()) == [0, 1]]  # type: ignore[index, arg-type]
        return upright, note

    one = study({"2018Q2": PARTS})
    neither = replace(one, headers={}, arms=tuple(replace(arm, reforms=()) for arm in one.arms))
    upright, note = lines(neither)
    assert upright == []
    assert "Upright line" not in note
    rows = (
        Row("psu", plan().starts_on, 0, "as_it_is", reason="present"),
        Row("psu", date(2018, 7, 1), 2, "recruit"),
        Row("psu", date(2018, 5, 1), 2, "recruit"),
    )
    sheets = {"hires": Sheet("hires", "hires.csv", "", rows, ("", "", ""))}
    arms = tuple(replace(arm, reforms=(), staffing="hires.csv" if arm.label == ARM else "") for arm in one.arms)
    upright, note = lines(replace(one, arms=arms, sheets=sheets))
    assert upright == [on_axis(date(2018, 5, 1))]
    assert "Upright line: the first change of the staffing sheet." in note
