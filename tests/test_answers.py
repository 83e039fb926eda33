"""What the model says to each published figure: windows, groups and units, by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.calibration.answers import Answers, answerable, answers, span_of
from sim.evidence import Target, load_targets
from sim.measures import labels
from sim.scenario import load_scenario
from sim.scenario.files import shipped_folder

FOLDER = shipped_folder() / "evidence"
NAMES = ("measure", "counted", "basis", "group", "period")


def target(window_from: date, window_to: date, **fields: object) -> Target:
    given = {
        "key": "t", "label": "T", "ids": ("row",), "role": "calibrate", "family": "t", "measure": "dismissals",
        "counted": "subject", "basis": "in_period", "unit": "count", "value": 1.0, "low": 1.0, "high": 1.0,
        "because": "Made up.", "window_from": window_from, "window_to": window_to,
    }  # fmt: skip
    return Target.model_validate(given | fields)


def names(*figures: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(figures), columns=list(NAMES))


def years(measure: str, counted: str, basis: str, group: str = "") -> list[tuple[str, str, str, str, str]]:
    return [(measure, counted, basis, group, period) for period in ("2014-15", "2015-16", "2016-17")]


FLOWS = names(
    *years("dismissals", "subject", "in_period"), *years("dismissals", "subject", "in_period", "stream=public")
)
FUTURES = np.asarray([[100.0, 200.0, 300.0, 1.0, 2.0, 3.0], [0.0, 366.0, 0.0, 10.0, 10.0, 10.0]])


def test_a_period_says_its_days() -> None:
    assert span_of("2013-04-01/2022-03-31") == (date(2013, 4, 1), date(2022, 4, 1))
    assert span_of("2015-16") == (date(2015, 4, 1), date(2016, 4, 1))
    assert span_of("2015Q1") == (date(2015, 1, 1), date(2015, 4, 1))
    assert span_of("2015Q4") == (date(2015, 10, 1), date(2016, 1, 1))
    assert span_of("2015-06-30") == (date(2015, 6, 30), date(2015, 7, 1))


def test_a_figure_of_the_very_window_is_the_answer_and_groups_that_belong_to_it_are_added() -> None:
    window = date(2015, 4, 1), date(2016, 4, 1)
    asked = [target(*window), target(*window, and_groups=("stream=public",))]
    assert answers(FLOWS, FUTURES, asked).tolist() == [[200, 202], [366, 376]]
    assert answers(FLOWS, FUTURES[0], asked).tolist() == [[200, 202]], "one replication is a row"


def test_a_window_across_financial_years_takes_of_each_the_share_of_its_days() -> None:
    """2016 has 91 days before 1 April, of the 366 of 2015-16, and 275 of the 365 of 2016-17."""
    asked = [target(date(2016, 1, 1), date(2017, 1, 1))]
    by_hand = [[200 * 91 / 366 + 300 * 275 / 365], [91.0]]
    assert answers(FLOWS, FUTURES, asked) == pytest.approx(np.asarray(by_hand))


def test_a_yearly_rate_is_the_count_over_the_years_of_the_window() -> None:
    window = date(2014, 4, 1), date(2017, 4, 1)  # 1,096 days
    rate = answers(FLOWS, FUTURES, [target(*window, unit="rate_per_year")])
    assert rate == pytest.approx(np.asarray([[600 * 365.25 / 1096], [366 * 365.25 / 1096]]))


@pytest.mark.parametrize(
    ("window_from", "window_to", "fields"),
    [
        (date(2013, 4, 1), date(2015, 4, 1), {}),  # the first year was not seen
        (date(2016, 4, 1), date(2016, 10, 1), {}),  # half a year cannot be told from a whole one
        (date(2014, 4, 1), date(2016, 4, 1), {"basis": "received_cohort"}),  # of one window and no other
        (date(2014, 4, 1), date(2016, 4, 1), {"unit": "days"}),  # a mean of means, of unknown numbers
        (date(2014, 4, 1), date(2015, 4, 1), {"group": "stream=probation"}),
        (date(2014, 4, 1), date(2015, 4, 1), {"measure": "removals"}),
    ],
)
def test_what_a_scenario_does_not_cover_it_does_not_answer(
    window_from: date, window_to: date, fields: dict[str, object]
) -> None:
    asked = [target(window_from, window_to, **fields), target(date(2014, 4, 1), date(2015, 4, 1))]
    found = answers(FLOWS, FUTURES, asked)
    assert np.isnan(found[:, 0]).all()
    assert found[:, 1].tolist() == [100, 0]
    assert answerable(FLOWS, asked) == (asked[1],)


def test_a_share_over_several_years_weighs_each_by_what_it_is_of() -> None:
    """A quarter of 40 and a half of 10 are 15 of 50; a share of nobody counts for nothing."""
    measured = names(
        *years("dismissal_rate_per_hearing", "subject", "in_period"), *years("subjects_heard", "subject", "in_period")
    )
    matrix = np.asarray([[0.25, 0.5, 1.0, 40, 10, 7], [np.nan, 0.5, 1.0, 0, 10, 7], [np.nan, np.nan, 1.0, 0, 0, 7]])
    asked = target(date(2014, 4, 1), date(2016, 4, 1), measure="dismissal_rate_per_hearing", unit="share")
    found = answers(measured, matrix, [asked])[:, 0]
    assert found[:2].tolist() == [0.3, 0.5]
    assert np.isnan(found[2])


def test_a_stock_is_of_the_last_day_of_the_window_on_the_line_between_the_ends_of_quarters() -> None:
    """31 October is 31 of the 92 days from 30 September to 31 December."""
    stock = ("awaiting_hearing", "subject", "at_period_end", "")
    measured = names((*stock, "2022-09-30"), (*stock, "2022-12-31"), (*stock, "2023-06-30"))
    asked = [
        target(date(2022, month, 1), date(2022, month + 1, 1), measure="awaiting_hearing", basis="at_period_end")
        for month in (8, 9, 10)
    ]
    late = target(date(2023, 5, 1), date(2023, 6, 1), measure="awaiting_hearing", basis="at_period_end")
    found = answers(measured, np.asarray([10.0, 102.0, 500.0]), [*asked, late])[0]
    assert np.isnan(found[0]), "before what was seen"
    assert found[1:3] == pytest.approx([10, 10 + 92 * 31 / 92])
    assert np.isnan(found[3]), "a quarter between was not seen"


def test_the_names_of_a_scenario_are_enough_and_its_window_decides() -> None:
    """The village observes the nine years that the large force does: it answers the same targets, in its own size."""
    targets = tuple(load_targets(FOLDER).values())
    told = Answers(labels(load_scenario("village").plan), targets)
    keys = {one.key for one in told.answerable}
    assert {"mean_days", "people_in_one_case", "dismissals_a_year", "relative_rate_black", "standard_hearings"} <= keys
    assert not keys & {"awaiting_hearing_sep_2022", "removals_2023"}, "after the window"
    assert told.answerable == Answers(labels(load_scenario("casey_2022").plan), targets).answerable
    after = Answers(labels(load_scenario("today").plan), targets).answerable
    assert not any(one.window_to <= date(2022, 4, 1) for one in after), "nothing before its window"


def test_every_target_names_a_figure_that_the_pathway_has() -> None:
    figures = labels(load_scenario("casey_2022").plan)
    known = set(figures[["measure", "counted", "basis", "group"]].itertuples(index=False, name=None))
    for one in load_targets(FOLDER).values():
        for group in (one.group, *one.and_groups):
            assert (one.measure, one.counted, one.basis, group) in known, one.key
