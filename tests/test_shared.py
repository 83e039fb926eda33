"""What the hold-out shares with the fit is read off windows, to the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sim.calibration.frozen import scored
from sim.calibration.shared import DENOMINATOR, HELD_BACK_FROM, OVERLAP, SHARED, shared_with_the_fit
from sim.evidence import Target
from sim.scenario.files import search_folders
from sim.scenario.load import evidence_of

DAY = timedelta(days=1)
BEFORE, AFTER = date(2022, 4, 1), date(2023, 4, 1)


def target(key: str, role: str, first: date, end: date, **fields: object) -> Target:
    given = {
        "key": key, "label": key.title(), "ids": ("row",), "role": role, "family": key, "measure": "dismissals", "counted": "subject",
        "basis": "in_period", "unit": "count", "value": 1.0, "low": 0.5, "high": 2.0, "discrepancy": 1.0,
        "discrepancy_because": "Made up.", "because": "Made up.", "window_from": first, "window_to": end,
    }  # fmt: skip
    return Target.model_validate(given | fields)


def told(*targets: Target) -> list[tuple[str, ...]]:
    table = shared_with_the_fit(targets)
    assert tuple(table.columns) == SHARED
    return list(table.drop(columns=["fitted_label", "held_out_label"]).itertuples(index=False, name=None))


def test_days_after_the_line_that_both_windows_hold_are_an_overlap() -> None:
    fitted = target("fitted", "calibrate", BEFORE, AFTER)
    held = target("held", "validate", date(2023, 1, 1), date(2024, 1, 1))
    assert told(fitted, held) == [(OVERLAP, "fitted", "held", "2023-01-01", "2023-04-01")]
    assert told(held, target("other", "validate", BEFORE, AFTER)) == [], (
        "two held-out figures share nothing with the fit"
    )


def test_windows_that_meet_share_no_day_and_days_before_the_line_do_not_count() -> None:
    held = target("held", "validate", BEFORE, AFTER)
    assert told(target("fitted", "calibrate", BEFORE, HELD_BACK_FROM), held) == []
    line = HELD_BACK_FROM.isoformat()
    expected = (OVERLAP, "fitted", "held", line, (HELD_BACK_FROM + DAY).isoformat())
    assert told(target("fitted", "calibrate", BEFORE, HELD_BACK_FROM + DAY), held) == [expected]
    assert told(target("fitted", "calibrate", BEFORE, AFTER), target("held", "validate", AFTER, date(2024, 4, 1))) == []


@pytest.mark.parametrize(
    ("of_fitted", "same"),
    [
        ({}, True),
        ({"measure": "removals"}, False),
        ({"counted": "person"}, False),
        ({"group": "route=hearing"}, False),
        ({"window_from": date(2022, 5, 1)}, False),
    ],
)
def test_a_ratio_has_a_fitted_denominator_where_measure_things_group_and_window_are_the_same(
    of_fitted: dict[str, object], same: bool
) -> None:
    fitted = target("fitted", "calibrate", BEFORE, HELD_BACK_FROM).model_copy(update=of_fitted)
    growth = target("growth", "validate", HELD_BACK_FROM, AFTER, against_from=BEFORE, against_to=HELD_BACK_FROM)
    expected = (DENOMINATOR, "fitted", "growth", BEFORE.isoformat(), HELD_BACK_FROM.isoformat())
    assert told(fitted, growth) == ([expected] if same else [])


def test_what_a_ratio_is_divided_by_may_be_another_measure_or_group() -> None:
    mean = target("mean", "validate", BEFORE, HELD_BACK_FROM, against_measure="cases_received", against_counted="case")
    cases = target("cases", "calibrate", BEFORE, HELD_BACK_FROM, measure="cases_received", counted="case")
    excess = target("excess", "validate", BEFORE, HELD_BACK_FROM, against_group="chair=lqc")
    chair = target("chair", "calibrate", BEFORE, HELD_BACK_FROM, group="chair=lqc")
    assert {row[1:3] for row in told(mean, cases, excess, chair)} == {("cases", "mean"), ("chair", "excess")}


def test_every_shipped_figure_that_may_be_fitted_and_reaches_past_the_line_is_named() -> None:
    shipped = scored(evidence_of(search_folders(None)))
    late = {key for key, one in shipped.items() if one.role == "calibrate" and one.window_to > HELD_BACK_FROM}
    table = shared_with_the_fit(list(shipped.values()))
    assert set(table.loc[table["kind"] == OVERLAP, "fitted"]) == late
    below = table[table["kind"] == DENOMINATOR]
    assert {"dismissals_apr_sep_2022"} <= set(below["fitted"])
    assert "growth_of_suspended_sep_2023" in set(below["held_out"])
