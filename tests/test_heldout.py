"""Is what is kept back kept back, does the back-test measure what it says, and are its pages those of its tables?"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.calibration import backtest, structure
from sim.calibration.backtest import ARMS, NOTHING, QUESTIONS, RATIO, REPORTED, SCENARIO, STAND_OFF, Published, verdict
from sim.calibration.structure import CONFLICTS, DEPENDS, HEADLINES, LEVEL, LEVERS, SAME, UNTOLD, decide, overall
from sim.evidence import Evidence
from sim.experiment.spans import Span, estimate, play_spans
from sim.measures import MEASURES, measure
from sim.plan import Plan
from sim.report import backtest as backtest_page
from sim.report import structure as structure_page
from sim.scenario import Scenario, load_scenario
from sim.scenario.files import shipped_folder
from sim.scenario.load import evidence_of

ROOT = Path(__file__).resolve().parent.parent
WORLDS = ("slack", "dps_saturated", "psu_saturated")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of((shipped_folder(),))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the back-test's scenario at the size of the village."""
    folder = tmp_path_factory.mktemp("scenarios")
    village = (shipped_folder() / "village.toml").read_text(encoding="utf-8")
    text = village.replace('based_on = "casey_2022"', f'based_on = "{SCENARIO}"')
    (folder / "small.toml").write_text(text + '\n[add]\n"dps.investigators" = { 2023-01-01 = "4 posts" }\n')
    return folder


@pytest.fixture(scope="module")
def fed() -> Mapping[str, Mapping[str, Scenario]]:
    return {world: backtest.arms(world) for world in WORLDS}


@pytest.fixture(scope="module")
def played(small: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every figure of two futures of the small force, and what it is scored as."""
    figures, register = backtest.play_backtest(
        scenario="small", folder=small, worlds=("slack",), replications=2, workers=1
    )
    return figures, backtest.score(figures, register)


# --- what is fed ----------------------------------------------------------------------------------------------------------


def test_no_number_of_the_model_rests_on_a_row_that_the_back_test_is_held_against(evidence: Evidence) -> None:
    held = {row for row in backtest.register_rows() if evidence.register[row].role == "validate"}
    held |= {name for name, row in evidence.register.items() if {*row.same_fact_as, *row.derived_from} & held}
    fed_in = {source for number in evidence.numbers.values() for step in number.steps for source in step.source}
    assert held
    assert not held & fed_in


def test_the_scenario_names_no_row_that_is_kept_back(evidence: Evidence) -> None:
    text = (shipped_folder() / f"{SCENARIO}.toml").read_text(encoding="utf-8")
    said = {name for name in evidence.register if name in text.replace(",", " ").replace(".", " ").split()}
    assert {evidence.register[name].role for name in said} <= {"calibrate", "context"}
    assert said


@pytest.mark.parametrize("world", WORLDS)
def test_until_september_2022_the_scenario_is_that_of_the_review(
    fed: Mapping[str, Mapping[str, Scenario]], world: str
) -> None:
    """The same past: no number of any arm differs from casey_2022 before October 2022."""
    review = load_scenario("casey_2022", world=world)
    turn = backtest.TURN
    for arm in ARMS:
        for key, series in fed[world][arm].numbers.items():
            before = [step for step in series.steps if step[0] < turn]
            assert before == [step for step in review.numbers[key].steps if step[0] < turn], (arm, key)


def test_an_arm_that_is_told_nothing_keeps_inflow_posts_and_chairs(fed: Mapping[str, Mapping[str, Scenario]]) -> None:
    for world in WORLDS:
        numbers = fed[world][NOTHING].numbers
        for key in (
            "demand.internal_incidents",
            "reporting.by_source.hotline",
            "dps.investigators",
            "hearings.legally_qualified_chairs",
        ):
            assert all(day <= backtest.TURN - timedelta(1) for day, _ in numbers[key].steps[:1])
            last = [value for day, value in numbers[key].steps if day < backtest.TURN][-1]
            assert {value for day, value in numbers[key].steps if day >= backtest.TURN} <= {last}, key


def test_the_stand_off_ends_and_takes_more_chairs_than_reported(fed: Mapping[str, Mapping[str, Scenario]]) -> None:
    def chairs(arm: str, day: date) -> float:
        steps = fed["slack"][arm].numbers["hearings.legally_qualified_chairs"].steps
        return next(value for start, value in reversed(steps) if start <= day)

    for day, most in ((date(2022, 10, 31), 3), (date(2022, 11, 1), 1), (date(2023, 5, 31), 1), (date(2023, 6, 1), 3)):
        assert chairs(STAND_OFF, day) == most
    assert chairs(REPORTED, date(2022, 11, 1)) == 2


def test_recorded_cases_rise_as_all_reports_did_where_that_is_fed(fed: Mapping[str, Mapping[str, Scenario]]) -> None:
    """By hand: 1,668 over 876, of which the hotline brings 1 / (0.85 + 0.15 x 0.1) and incidents the rest."""
    numbers = fed["slack"][backtest.ALL_SOURCES].numbers
    incidents = dict(numbers["demand.internal_incidents"].steps)
    came, comes = 0.85 + 0.15 * 0.1, 1.0
    assert incidents[backtest.TURN] * comes == pytest.approx(2715 * came * 1668 / 876, rel=1e-9)


# --- what is measured -----------------------------------------------------------------------------------------------------


def test_measures_and_rows_of_the_questions_exist(evidence: Evidence) -> None:
    assert {*backtest.MEASURES, *HEADLINES} <= {*MEASURES}
    assert backtest.register_rows() <= {*evidence.register}
    keys = [one.key for one in QUESTIONS]
    assert len(keys) == len(set(keys))
    assert all(one.suggests or one.unscored for one in QUESTIONS)


def test_a_tolerance_is_two_standard_deviations_of_a_count_and_of_a_share(evidence: Evidence) -> None:
    low, high = Published("bl_awaiting_sep22").tolerance(evidence.register)
    assert (low, high) == pytest.approx((136 - 2 * math.sqrt(136), 136 + 2 * math.sqrt(136)))
    share = Published("N004", "N002")
    assert share.number(evidence.register) == pytest.approx(585 / 1312)
    low, high = share.tolerance(evidence.register)
    assert high - low == pytest.approx(4 * math.sqrt(585 / 1312 * 727 / 1312 / 1312))


def test_a_ratio_is_after_over_before_and_its_tolerance_is_on_the_logarithm(
    played: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    row = played[1].query("key == 'awaiting_hearing' and kind == @RATIO and arm == @REPORTED").iloc[0]
    assert row["published"] == pytest.approx(275 / 136)
    spread = 2 * math.sqrt(1 / 275 + 1 / 136)
    assert math.log(row["published_high"] / row["published"]) == pytest.approx(spread)
    assert math.log(row["published"] / row["published_low"]) == pytest.approx(spread)


def test_figures_over_spans_are_those_of_the_measures(small: Path, played: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """One figure, found the long way: play, look through a window, measure."""
    from sim.engines import fast, reference

    plan: Plan = backtest.arms("slack", "small", small)[REPORTED].plan
    record = (fast if fast.INSTALLED else reference).play(plan, 1, 1)
    seen = measure(backtest.SPANS["year after"].on(plan), record)
    wanted = seen[(seen["measure"] == "cases_received") & (seen["group"] == "stream=public")]["value"]
    figures = played[0]
    mine = figures[
        (figures["arm"] == REPORTED)
        & (figures["span"] == "year after")
        & (figures["measure"] == "cases_received")
        & (figures["group"] == "stream=public")
        & (figures["replication"] == 1)
    ]["value"]
    assert mine.tolist() == [wanted.tolist()[-1]]
    assert mine.iloc[0] > 0


def test_two_half_years_add_up_to_the_year(played: tuple[pd.DataFrame, pd.DataFrame], small: Path) -> None:
    plan = backtest.arms("slack", "small", small)[REPORTED].plan
    spans = {
        "whole": Span(date(2022, 10, 1), date(2023, 10, 1)),
        "first": Span(date(2022, 10, 1), date(2023, 4, 1)),
        "second": Span(date(2023, 4, 1), date(2023, 10, 1)),
    }
    table = play_spans({("one", "slack"): plan}, spans, ["cases_received"], seed=1, replications=1, workers=1)
    table = table[(table["group"] == "") & table["period"].str.contains("/")].set_index("span")["value"]
    assert table["first"] + table["second"] == table["whole"]


def test_more_is_received_where_more_is_fed(played: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """The same futures: more demand only adds."""
    figures = played[0]
    mine = figures[
        (figures["measure"] == "cases_received") & (figures["span"] == "year after") & (figures["group"] == "")
    ]
    total = mine.groupby("arm")["value"].sum()
    assert total[NOTHING] < total[REPORTED] < total[backtest.ALL_SOURCES]
    assert total[STAND_OFF] == total[REPORTED]


def test_before_the_turn_all_arms_are_one(played: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    figures = played[0]
    names = ["span", "measure", "counted", "group", "period", "replication"]
    before = figures[figures["span"].isin(["2020", "half before", "year before"]) & figures["period"].str.contains("/")]
    before = before[before["measure"].isin(["cases_received", "dismissals", "gross_misconduct_hearings"])]
    assert before.groupby(names, dropna=False)["value"].nunique(dropna=False).eq(1).all()


def test_a_verdict_is_about_the_mean_then_about_single_futures() -> None:
    values = np.array([10.0, 10, 10, 10, 30])
    assert verdict(estimate(values), values, 13, 15) == backtest.HIT  # the mean is 14
    assert verdict(estimate(values), values, 29, 31) == backtest.NEAR  # one in five
    assert verdict(estimate(values), values, 31, 40) == backtest.MISS


def test_no_arm_but_that_of_what_was_reported_is_scored(played: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    scored = played[1]
    assert set(scored[scored["verdict"] != backtest.UNSCORED]["arm"]) == {REPORTED}


# --- both ways ------------------------------------------------------------------------------------------------------------


def test_every_reading_names_rows_of_the_register_and_loads(evidence: Evidence) -> None:
    for one in CONFLICTS:
        assert {*one.a.rows, *one.b.rows} <= {*evidence.register}
        plans = [
            load_scenario(one.scenario, reforms=reading.reforms, settings=reading.settings).plan
            for reading in (one.a, one.b)
        ]
        assert plans[0].fingerprint != plans[1].fingerprint, one.key


def test_the_rule_says_depends_does_not_and_cannot_be_told() -> None:
    assert decide(np.array([6.0, 7, 8, 7]), 5) == DEPENDS
    assert decide(np.array([0.1, -0.1, 0.2, 0]), 5) == SAME
    assert decide(np.array([-30.0, 40, 2, -9]), 5) == UNTOLD
    assert decide(np.array([1.0, 1.1, 0.9, 1]), 0.5) == DEPENDS
    assert decide(np.array([3.0]), 5) == UNTOLD  # one future has no interval
    assert overall({SAME, UNTOLD}) == UNTOLD
    assert overall({SAME, DEPENDS}) == DEPENDS
    assert overall({SAME}) == SAME


def test_a_conflict_of_a_reading_with_itself_matters_to_no_answer() -> None:
    chairs = next(one for one in CONFLICTS if one.key == "chairs")
    same = replace(chairs, b=chairs.a)
    table = structure.play_structure(
        replications=2, conflicts=(same,), instead={"casey_2022": "village"}, worlds=("slack",), workers=1
    )
    assert set(table["question"]) == {LEVEL, *LEVERS}
    assert set(table["verdict"]) == {SAME}
    assert (table["difference"] == 0).all()


# --- pages ----------------------------------------------------------------------------------------------------------------


def test_the_pages_are_those_of_their_tables(evidence: Evidence, tmp_path: Path) -> None:
    backtest_page.write_page(ROOT / "results" / "backtest", tmp_path, evidence.register)
    structure_page.write_page(ROOT / "results" / "structure", tmp_path, evidence.register)
    for name in ("backtest.md", "structure.md"):
        kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert kept == (tmp_path / name).read_text(encoding="utf-8"), f"run make {name.removesuffix('.md')}"


def test_the_kept_tables_answer_todays_questions(evidence: Evidence) -> None:
    table = pd.read_csv(ROOT / "results" / "backtest" / "backtest.csv")
    assert set(table["key"]) == {one.key for one in QUESTIONS}
    assert set(table["arm"]) == {*ARMS}
    switch = pd.read_csv(ROOT / "results" / "backtest" / "switch.csv")
    assert set(switch["reading"]) == {*backtest.READINGS}
    both = pd.read_csv(ROOT / "results" / "structure" / "structure.csv")
    assert set(both["conflict"]) == {one.key for one in CONFLICTS}
    for _, row in table[table["kind"] != RATIO].drop_duplicates("row").iterrows():
        assert row["role"] == evidence.register[row["row"]].role


def test_every_miss_is_named_in_the_list_of_misses() -> None:
    table = pd.read_csv(ROOT / "results" / "backtest" / "backtest.csv")
    page = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
    listed = page.split("## What was missed")[1].split("\n## ")[0]
    missed = table[(table["verdict"] == backtest.MISS)]["label"].drop_duplicates()
    assert len(missed)
    assert all(f"**{label}**" in listed for label in missed)


def test_the_figure_says_in_words_what_it_shows() -> None:
    table = pd.read_csv(ROOT / "results" / "backtest" / "backtest.csv")
    drawn = backtest_page.draw(table)
    row = table[(table["key"] == "suspended") & (table["kind"] == RATIO) & (table["arm"] == REPORTED)].iloc[0]
    assert (
        f"officers suspended: published {row['published']:.2f}, {row['world']} {row['model']:.2f}" in drawn.description
    )


def test_no_page_says_that_chairs_caused_a_fall() -> None:
    for name in ("backtest.md", "structure.md", "assurance.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8").lower()
        assert "because of legally" not in text
        assert "because of lqc" not in text


def test_reforms_of_the_switch_are_shipped() -> None:
    toml = shipped_folder() / "reforms"
    for _, reforms, _ in backtest.READINGS.values():
        for reform in reforms:
            assert tomllib.loads((toml / f"{reform}.toml").read_text(encoding="utf-8"))["points"]
