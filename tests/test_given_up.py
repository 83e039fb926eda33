"""Do posts name the unit that gives them up, and count what it goes without?"""

from __future__ import annotations

from datetime import date

import pytest

from sim.experiment import Study, compare
from sim.experiment.staffing import GIVEN_UP, OPPORTUNITY, given_up, quarter_days
from sim.report import displacement

# Vetting takes two months of 30.4375 days, 61 days: whoever is named on 1 April 2027 is in post on 1 June.
SHEET = """team,date,posts,how,fte,skill,until,reason,from_unit
psu,2027-04-01,2,secondee,0.5,detective,2028-06-01,surge,other_crime
dps,2027-04-01,1,transfer,,accredited,,growth,front_line
dps,2027-04-01,3,recruit,,accredited,,growth,external
psu,2030-01-01,-1,transfer,,,,reorganisation,bcu
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = tmp_path_factory.mktemp("sheets") / "moved.csv"
    path.write_text(SHEET, encoding="utf-8")
    return compare("village_today", staffing=[path], worlds=["psu_saturated"], replications=2, workers=1)


def of(study: Study, measure: str, unit: str) -> dict[str, float]:
    """By period."""
    table = study.given_up
    mine = table[(table["measure"] == measure) & (table["group"] == f"unit={unit}")]
    return dict(zip(mine["period"], mine["mean"], strict=True))


WINDOW = "2027-01-01/2031-12-31"


def test_officer_days_are_counted_by_unit_and_quarter_and_over_the_window(study: Study) -> None:
    crime = of(study, GIVEN_UP, "other_crime")
    # Two half posts from 1 June 2027 until before 1 June 2028, a leap year.
    assert crime[WINDOW] == pytest.approx(2 * 0.5 * 366)
    assert [crime[q] for q in ("2027Q1", "2027Q2", "2027Q3", "2028Q2", "2028Q3")] == pytest.approx([0, 30, 92, 61, 0])
    assert of(study, GIVEN_UP, "front_line")[WINDOW] == (date(2032, 1, 1) - date(2027, 6, 1)).days
    # Recruits come after four months more: 183 days, on 1 October.
    assert of(study, GIVEN_UP, "external")[WINDOW] == 3 * (date(2032, 1, 1) - date(2027, 10, 1)).days
    assert of(study, GIVEN_UP, "bcu")[WINDOW] == -(date(2032, 1, 1) - date(2030, 1, 1)).days
    for unit in ("other_crime", "front_line", "external", "bcu"):
        days = of(study, GIVEN_UP, unit)
        assert sum(value for period, value in days.items() if period != WINDOW) == pytest.approx(days[WINDOW])


def test_their_worth_is_an_officers_pay_and_stands_apart_from_cost(study: Study) -> None:
    # GBP 62,000 a year of 365.25 days.
    assert of(study, OPPORTUNITY, "other_crime")[WINDOW] == pytest.approx(366 / 365.25 * 62_000)
    assert not of(study, OPPORTUNITY, "external"), "nobody in the force goes without them"
    assert not study.differences["measure"].isin([GIVEN_UP, OPPORTUNITY]).any()
    table = displacement.displacement(study)
    assert {GIVEN_UP, OPPORTUNITY} <= set(table["measure"])
    assert not table.loc[table["measure"] == "cost", "group"].str.contains("unit=").any()


def test_it_is_said_of_each_unit(study: Study) -> None:
    (said,) = displacement.sentences(study, "moved")
    assert (
        "2 posts taken from investigations of other crime: 366 calendar days in post by 31 December 2031, at 365 a year of a post, worth GBP 62,127"
        in said
    )
    assert (
        "1 post taken from the front line: 1,675 calendar days in post by 31 December 2031, at 365 a year of a post, worth GBP 284,326"
        in said
    )
    assert "3 posts from outside the force: 4,659 calendar days in post by 31 December 2031" in said
    assert (
        "1 post given to other work of basic command units: 730 calendar days in post by 31 December 2031, at 365 a year of a post"
        in said
    )
    assert "units that are not modelled" not in said


def test_without_a_sheet_there_is_nothing(study: Study) -> None:
    assert given_up(None, study.base, study.plans).empty
    assert study.staffing is not None
    base_alone = study.staffing[study.staffing["scenario"] == study.base]
    assert given_up(base_alone, study.base, study.plans).empty


def test_a_quarter_has_its_days() -> None:
    assert quarter_days("2027Q2") == (date(2027, 4, 1), date(2027, 7, 1))
    assert quarter_days("2027Q4") == (date(2027, 10, 1), date(2028, 1, 1))
