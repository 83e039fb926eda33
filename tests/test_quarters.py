"""By quarter: are counts and days what hand arithmetic says, does a sheet stand beside the plan, and are limits named?"""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection

from sim.experiment import Figures, Study, compare, run
from sim.experiment.arms import Question, ask
from sim.experiment.intervals import summarise
from sim.measures import measure
from sim.measures.quarters import still_open_at_pace
from sim.report import limits, own_teams, quarters, tables, write_tables
from sim.scenario import ScenarioError
from sim.scenario.opening_sheet import OpeningSheet
from tests.test_measures import a_plan, a_record, value
from tests.test_report import study as made_by_hand

COHORT = "received_cohort"
HEAD = "team,date,posts,how,fte,skill,until,reason,from_unit"

# --- measures, by hand ------------------------------------------------------------------------------------------------


def test_days_of_a_quarter_on_each_basis() -> None:
    """One received and finalised in the second quarter of 2014 (30 days), one finalised in it that came 300 days before, one open for good."""
    plan = a_plan()
    cases = [
        {"received_on": date(2014, 4, 10), "finalised_on": date(2014, 5, 10)},
        {"received_on": date(2014, 5, 1) - timedelta(days=300), "finalised_on": date(2014, 5, 1)},
        {"received_on": date(2014, 4, 20)},
    ]
    table = measure(plan, a_record(plan, cases))
    of = {"counted": "allegation", "period": "2014Q2"}
    assert value(table, "allegations_received", basis="received_in_period", **of) == 2
    assert value(table, "allegations_finalised", basis="finalised_in_period", **of) == 2
    assert value(table, "mean_days_to_finalise", basis="finalised_in_period", **of) == 165
    assert value(table, "allegations_finalised", basis="received_cohort", **of) == 1
    assert value(table, "mean_days_to_finalise", basis="received_cohort", **of) == 30


def test_what_falls_in_the_quarters_of_a_year_adds_up_to_the_year() -> None:
    plan = a_plan(starts=date(2018, 1, 1), window=(date(2019, 4, 1), date(2023, 4, 1)), extract=date(2023, 4, 1))
    days = np.random.default_rng(1).integers(0, 1500, 80)
    cases = [{"received_on": date(2018, 2, 1) + timedelta(days=int(day))} for day in days]
    table = measure(plan, a_record(plan, cases))
    due = table[(table["measure"] == "twelve_month_reports_due") & (table["group"] == "")].set_index("period")["value"]
    assert due["2021-22"] > 0
    assert due["2021-22"] == sum(due[name] for name in ("2021Q2", "2021Q3", "2021Q4", "2022Q1"))


def test_the_pace_of_a_quarter_is_a_life_table() -> None:
    """Four are watched from age 0, two end at age 1; two more come under watch at age 2, and of the four then there one ends: 1, 1/2, 3/8."""
    ended, came, left = np.zeros((3, 1, 5), dtype=np.int32)
    came[0, 0], came[0, 2] = 4, 2
    ended[0, 1], ended[0, 2] = 2, 1
    left[0, 3] = 3
    assert still_open_at_pace(ended, came, left)[0, :4].tolist() == [1, 0.5, 0.375, 0.375]
    assert np.isnan(still_open_at_pace(ended, came, left)[0, 4]), "nobody of that age was there"


def test_where_all_have_ended_nobody_is_open_at_later_ages() -> None:
    ended, came, left = np.zeros((3, 1, 4), dtype=np.int32)
    came[0, 0] = ended[0, 2] = 3
    assert still_open_at_pace(ended, came, left).tolist() == [[1, 1, 0, 0]]


# --- a sheet beside the plan ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sheets") / "two_hires.csv"
    path.write_text(f"{HEAD}\npsu,2027-04-01,2,recruit,1,none,,growth,external\n")
    return path


@pytest.fixture(scope="module")
def study(sheet: Path) -> Study:
    return run("village_today", staffing=sheet, replications=2)


def test_a_run_with_a_sheet_stands_beside_the_same_without_it_in_every_world(study: Study, tmp_path: Path) -> None:
    assert study.labels == ("village_today", "two_hires")
    assert len(study.worlds) == 3
    table = quarters.quarters(study)
    assert set(table["world"]) == set(study.worlds)
    asked = {(line.measure, line.basis, line.group) for line in quarters.LINES}
    assert asked <= set(zip(table["measure"], table["basis"], table["group"], strict=True))
    assert not table.duplicated(["scenario", "world", "quarter", "measure", "counted", "basis", "group"]).any()
    stocks = table[table["basis"] == "at_period_end"]
    np.testing.assert_allclose(stocks["mean"] - stocks["base_mean"], stocks["difference"], atol=1e-9)
    before = table[(table["ends_on"] < "2027-04-01") & (table["measure"] == "cases_open")]
    assert len(before) > 0
    assert (before["difference"] == 0).all(), "nothing has changed yet"
    ages = stocks[stocks["group"].str.startswith("age=")].groupby(["world", "quarter"])["mean"].sum()
    whole = stocks[(stocks["measure"] == "cases_open") & (stocks["group"] == "")].set_index(["world", "quarter"])[
        "mean"
    ]
    pd.testing.assert_series_equal(ages.sort_index(), whole.sort_index())
    names = {path.name for path in write_tables(study, tmp_path)}
    assert names == {"headline.csv", "limits.csv", "quarters.csv"}
    for label, world in quarters.to_print(study):
        columns, rows = quarters.printed(study, label, world)
        assert len(columns) <= quarters.MOST_PRINTED
        assert {len(row) for row in rows} == {len(columns) + 1}
        years = (2027, 2029, 2031)
        assert columns == [f"Oct-Dec {year}" for year in years], "which a police planner would call the third quarter"
        assert not any("finalised since" in row[0] for row in rows), "whoever takes long is not in it yet"
        for name, followed in (("Days to two years, received in it", 2), ("True mean days, received in it", 4)):
            (cells,) = (row[1:] for row in rows if row[0] == name)
            unknown = {year for year, cell in zip(years, cells, strict=True) if cell == "-"}
            assert unknown >= {year for year in years if year + followed > 2031}, (
                "not followed so long by the end of 2031"
            )


def test_open_cases_of_every_stream_are_the_sum_in_every_future_and_hold_all_who_wait(study: Study) -> None:
    """Whoever is unallocated is open: of the same streams a queue is never longer than the cases open, nor does it move by more than they can."""
    table = quarters.quarters(study)
    stocks = table[(table["measure"] == "cases_open") & (table["group"] == quarters.EVERY_STREAM)]
    rows = study.summary[(study.summary["measure"] == "cases_open") & study.summary["interval"].str.startswith("comp")]
    streams = rows[rows["group"].isin(["", "stream=public", "stream=probation"]) & (rows["scenario"] == "two_hires")]
    assert streams["group"].nunique() == 3
    added = streams.groupby(["world", "period"])["mean"].sum().sort_index()
    found = stocks.set_index(["world", "ends_on"])["mean"].sort_index()
    np.testing.assert_allclose(found.to_numpy(), added[found.index].to_numpy(), atol=1e-9)
    waiting = table[(table["measure"] == "unallocated_cases") & (table["group"] == "")]
    assert (waiting.set_index(["world", "ends_on"])["mean"].sort_index() <= found + 1e-9).all()


def test_each_printed_count_says_whose_cases_it_is_of(study: Study) -> None:
    """Internal is what has no group; the sums over teams and streams are of every stream, and so are people suspended."""
    for line in quarters.LINES:
        if line.basis in (quarters.STOCK, quarters.DURING) and not line.group.startswith("age="):
            everybody = line.group in (quarters.EVERY_STREAM, own_teams.GROUP) or line.measure in (
                *quarters.BY_TEAM,
                "officer_days_suspended",
            )
            assert line.label.endswith("every stream" if everybody else "internal"), line.label
    assert set(study.summary["group"]) >= {"stream=public", "stream=probation"}


def test_a_mean_that_not_every_future_knows_or_that_reaches_nothing_is_a_dash_that_is_explained(study: Study) -> None:
    table = quarters.quarters(study)
    pace = table["basis"] == quarters.PACE
    ends = sorted(table.loc[pace, "ends_on"].unique())
    known, some, wide = (table["ends_on"] == end for end in (ends[3], ends[7], ends[11]))
    made = table.assign(
        mean=400.0, low=np.where(wide, -1.0, 300.0), base_low=300.0, replications=np.where(some, 1, study.replications)
    )
    told = quarters._is_known(made[pace], study.replications)
    assert told[known].all()
    assert not told[some].any()
    assert not told[wide].any()
    assert quarters._is_known(made[~pace & ~made["label"].isin(quarters.DEFINED)], study.replications).all()
    said = quarters.notes([["True mean days, at its pace", "400", "-"], ["Cases open, internal", "-", "3"]])
    assert len(said) == 1
    assert "A dash: in some future nobody of some age" in said[0]
    assert "A dash" not in quarters.notes([["True mean days, at its pace", "400", "410"]])[0]
    assert quarters.notes([["Cases open, internal", "-", "3"]]) == []


def test_days_of_those_received_do_not_fall_because_the_run_ends(study: Study) -> None:
    """Of one arm in every world: the mean of those finalised since falls to the extract date, as it must, and what is drawn stops before."""
    table = quarters.drawn(study)
    cohort = quarters._of(table, quarters.DAYS, COHORT).sort_values("ends_on")
    assert cohort["mean"].dropna().iloc[-1] < 150, (
        "of those received in the last quarter only what ended in days is in it"
    )
    drawn = {(measure, basis) for _, measure, basis, _ in quarters.ROWS}
    assert (quarters.DAYS, COHORT) not in drawn
    received = quarters._of(table, "mean_days_to_two_years", quarters.SURVIVAL)
    assert (received.loc[received["ends_on"] > "2029-12-31", "mean"].isna()).all()
    assert (received.loc[received["ends_on"] <= "2029-12-31", "mean"].notna()).all()


def test_one_world_says_which_were_not_run(sheet: Path) -> None:
    question = Question(None, {})
    one = ask("today", question=question, worlds=["slack"], staffing=[sheet])
    assert one.not_run == ("dps_saturated", "psu_saturated")
    assert any(
        "dps_saturated and psu_saturated were not run" in note and "depends on the world" in note for note in one.notes
    )
    assert not ask("today", question=question, staffing=[sheet]).notes
    assert not ask("today", ["psu_training"], question=question, worlds=["slack"], opposites=False).notes


# --- sheets joined to reforms -----------------------------------------------------------------------------------------


def test_a_joined_arm_lays_reforms_and_sheet_together(sheet: Path) -> None:
    question = Question(None, {})
    joined = f"more_dps_investigators+{sheet}"
    asked = ask("today", ["more_dps_investigators", joined], question=question, worlds=["slack"], staffing=[sheet])
    label = "more_dps_investigators+two_hires"
    arm = next(arm for arm in asked.arms if arm.label == label)
    assert (arm.reforms, arm.staffing) == (("more_dps_investigators",), str(sheet))
    both, reform, alone, base = (
        {key: asked.plans[name, "slack"].value(key) for key in ("dps.investigators", "psu.investigators")}
        for name in (label, "more_dps_investigators", "two_hires", "today")
    )
    assert both["dps.investigators"] == reform["dps.investigators"] != base["dps.investigators"]
    assert both["psu.investigators"] == alone["psu.investigators"] != base["psu.investigators"]


def test_two_sheets_in_one_arm_are_refused_with_all_else_that_is_wrong(sheet: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    with pytest.raises(ScenarioError) as refused:
        ask("today", [f"no_such+{sheet}+{other}"], question=Question(None, {}), worlds=["slack"])
    said = [str(problem) for problem in refused.value.problems]
    assert any("2 staffing sheets" in one and "one file" in one for one in said)
    assert any("no_such" in one for one in said)


def test_the_replay_command_carries_the_joined_arm(sheet: Path, tmp_path: Path) -> None:
    joined = f"psu_training+{sheet}"
    made = compare("village_today", [joined], worlds=["slack"], replications=1, out=tmp_path, opposites=False)
    assert made.folder is not None
    told = json.loads((made.folder / "run.json").read_text(encoding="utf-8"))
    assert joined in told["command"]
    assert told["arms"][-1]["reforms"] == ["psu_training"]
    assert told["arms"][-1]["staffing"] == sheet.name
    assert f"staffing/{sheet.name}" in told["inputs"]


def test_a_sheet_named_without_its_ending_is_told_with_it(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sheet.parent)
    for name, path in (("two_hires", "two_hires.csv"), ("twelve_recruits", "staffing/twelve_recruits.csv")):
        with pytest.raises(ScenarioError) as refused:
            ask("today", [f"psu_training+{name}"], question=Question(None, {}), worlds=["slack"])
        (problem,) = refused.value.problems
        assert problem.expected.startswith("a staffing sheet with its ending, ")
        assert problem.expected.endswith(path)


# --- limits -----------------------------------------------------------------------------------------------------------


def kinds(study: Study) -> set[str]:
    return {one.limit for one in limits.limits(study)}


def hundreds(tmp_path: Path, day: str, posts: int) -> Path:
    path = tmp_path / "hundreds.csv"
    path.write_text(f"{HEAD}\ndps,{day},{posts},established,1,none,,present,\n")
    return path


def test_a_staffing_level_outside_its_evidence_is_named(tmp_path: Path) -> None:
    """Plans and no play: a limit of evidence is one of the plan."""
    asked = ask(
        "today", question=Question(None, {}), worlds=["slack"], staffing=[hundreds(tmp_path, "2027-04-01", 900)]
    )
    whole = made_by_hand(("casey_2022",), ("slack",), 2)
    plans = {("casey_2022", "slack"): asked.plans["hundreds", "slack"]}
    found = [one for one in limits.limits(replace(whole, plans=plans)) if one.limit == limits.EVIDENCE]
    named = {one.key: one for one in found}
    one = named["dps.investigators"]
    assert one.value >= 900 > one.high
    assert "extrapolated" in one.says
    within = replace(whole, plans={("casey_2022", "slack"): asked.plans["today", "slack"]})
    assert "dps.investigators" not in {one.key for one in limits.limits(within) if one.limit == limits.EVIDENCE}
    assert limits.DATES in kinds(within), "the window ends after the last published figure"


def test_a_change_after_the_window_is_named(sheet: Path) -> None:
    window = {"window_from": date(2025, 1, 1), "window_to": date(2027, 1, 1)}
    late = run("village_today", worlds=["slack"], staffing=sheet, replications=1, **window)
    assert any(one.key == "first change" for one in limits.limits(late) if one.limit == limits.DATES)


def test_too_few_replications_are_named_and_only_where_a_change_has_an_uncertain_sign(study: Study) -> None:
    for one in limits.limits(study):
        if one.limit == limits.REPLICATIONS:
            assert not one.low > 0, "null where there is a single replication"
            assert not one.high < 0


def test_an_interval_that_includes_no_change_is_named_also_around_nothing_and_of_open_cases(study: Study) -> None:
    crossed = {
        (one.world, one.key): (one.low, one.high) for one in limits.limits(study) if one.limit == limits.REPLICATIONS
    }
    shown = [(f"{m}, {b}", tables.differences(study, m, counted=c, basis=b)) for m, c, b, _ in limits.SHOWN]
    shown.append(("cases_open, at_period_end", tables.last_differences(study, "cases_open", counted="case")))
    assert all(len(rows) == 3 for _, rows in shown)
    for key, rows in shown:
        for one in rows.dropna(subset=["mean"]).to_dict("records"):
            unsure = not (one["low"] > 0 or one["high"] < 0)  # null where a single future has the figure
            unsure = unsure and not one["mean"] == one["low"] == one["high"] == 0
            assert ((one["world"], key) in crossed) == unsure, key
    nothing = study.differences.assign(mean=0.0, low=-1.0, high=1.0)
    found = [one for one in limits.limits(replace(study, differences=nothing)) if one.limit == limits.REPLICATIONS]
    assert {one.key for one in found} == {key for key, _ in shown}
    assert all("includes no change" in one.says for one in found)
    same = study.differences.assign(mean=0.0, low=0.0, high=0.0)
    assert limits.REPLICATIONS not in kinds(replace(study, differences=same)), "the same in every future is known"


def test_suspensions_of_the_past_are_said_not_to_be_in_an_opening_caseload(study: Study) -> None:
    assert limits.CASELOAD not in kinds(study)
    opened = replace(study, opening=OpeningSheet("today.csv", "", ({"count": "3"},)))
    assert limits.OTHER_WORLD not in kinds(opened)
    said = {one.key: one.says for one in limits.limits(opened) if one.limit == limits.CASELOAD}
    assert set(said) == {"officer_days_suspended", "cases_received"}
    assert "near zero" in said["officer_days_suspended"]
    assert "read changes, not levels" in said["cases_received"]
    _, rows = quarters.printed(opened, "two_hires", study.worlds[0])
    (row,) = (row[0] for row in rows if row[0].startswith("Officer-days suspended"))
    assert "starts near zero" in row
    assert any(
        "starts near zero" in text.get_text()
        for text in quarters.draw_quarters(opened, quarters.drawn(opened)).figure.texts
    )


def test_one_or_two_reforms_without_a_sheet_have_a_printed_table_each_and_three_have_none(study: Study) -> None:
    def named(*labels: str) -> Study:
        """The study as if its sheet were reforms."""
        arms = [replace(arm, label=label, staffing="") for label in labels for arm in study.arms if arm.staffing]
        base = [arm for arm in study.arms if not arm.staffing]
        made = {(arm.label, arm.world): study.figures["two_hires", arm.world] for arm in arms}
        mine = {key: one for key, one in study.figures.items() if key[0] == study.base}
        return replace(study, arms=(*base, *arms), figures={**mine, **made})

    for labels in (["a"], ["a", "b"]):
        assert list(quarters.to_print(named(*labels))) == [(label, world) for label in labels for world in study.worlds]
    assert list(quarters.to_print(named("a", "b", "c"))) == []


def test_a_queue_that_never_settles_is_a_limit() -> None:
    whole = made_by_hand()
    crossed = [one for one in limits.limits(whole) if one.limit == limits.QUEUE]
    queues = {(one.world, one.key) for one in crossed if one.key != "awaiting_hearing"}
    assert queues == {("psu_saturated", "unallocated_cases, psu")}
    assert any(limits.MARK in line for line in limits.marks(whole))


# --- whose queue, and what is drawn -----------------------------------------------------------------------------------


def test_those_who_wait_for_the_force_are_the_sum_over_its_teams_in_every_future(study: Study) -> None:
    table = quarters.quarters(study)
    for queue in quarters.BY_TEAM:
        mine = table[table["measure"] == queue]
        keys = ["scenario", "world", "quarter"]
        columns = ["mean", "base_mean", "difference"]
        teams = [f"team={name}" for name in own_teams.names(study)]
        assert "team=iopc" not in teams
        assert {"team=psu", "team=dps"} <= set(teams)
        own = mine[mine["group"] == own_teams.GROUP].set_index(keys)[columns].sort_index()
        added = mine[mine["group"].isin(teams)].groupby(keys)[columns].sum().sort_index()
        pd.testing.assert_frame_equal(own, added)
        whole = mine[mine["group"] == ""].set_index(keys)[columns].sort_index()
        assert (own["mean"] <= whole["mean"] + 1e-9).all()
    (row,) = (row for row in quarters.LINES if row.measure == "unallocated_cases" and row.printed)
    assert row.group == own_teams.GROUP


def test_the_interval_of_the_force_s_queue_is_of_its_sum_and_no_sum_of_intervals() -> None:
    """Two teams whose queues move against each other: 1 and 3, then 3 and 1. The sum is 4 in both futures, so its interval has no width."""
    whole = made_by_hand(("casey_2022",), ("slack",), 2)
    groups = ["", "team=psu", "team=dps", "team=iopc"]
    names = pd.DataFrame(
        [("unallocated_cases", "case", "at_period_end", group, "2021-12-31", "cases") for group in groups],
        columns=["measure", "counted", "basis", "group", "period", "unit"],
    )
    matrix = np.array([[9.0, 1.0, 3.0, 5.0], [6.0, 3.0, 1.0, 2.0]])
    rows, moved = own_teams.summed(
        replace(whole, figures={("casey_2022", "slack"): Figures(names, matrix)}), ["unallocated_cases"]
    )
    assert rows[["mean", "low", "high"]].to_numpy().tolist() == [[4.0, 4.0, 4.0]]
    assert moved.empty


@pytest.mark.parametrize(("grows", "own_never_settles"), [("psu", True), ("iopc", False)])
def test_a_queue_of_another_body_does_not_make_the_force_s_own_one_that_never_settles(
    grows: str, own_never_settles: bool
) -> None:
    """One team's queue grows without end, and the other's, of the force, is always empty."""
    whole = made_by_hand(("casey_2022",), ("slack", "psu_saturated"), 2)
    figures = whole.figures["casey_2022", "psu_saturated"]
    growing = (figures.names["measure"] == "unallocated_cases") & (figures.names["group"] == "team=psu")
    names = figures.names.assign(group=figures.names["group"].where(~growing, f"team={grows}"))
    idle = figures.names[growing].assign(group="team=dps")
    matrix = np.hstack([figures.matrix, 0 * figures.matrix[:, growing.to_numpy()]])
    made = {("casey_2022", "psu_saturated"): Figures(pd.concat([names, idle], ignore_index=True), matrix)}
    table = quarters.quarters(
        replace(whole, worlds=("psu_saturated",), arms=whole.arms[1:], figures=made, summary=summarise(made))
    )
    never = table[table["measure"] == "unallocated_cases"].groupby("group")["never_settles"].agg(["all", "any"])
    assert (never["all"] == never["any"]).all()
    assert never["all"].to_dict() == {
        "": True,
        f"team={grows}": True,
        "team=dps": False,
        own_teams.GROUP: own_never_settles,
    }


def test_a_quarter_alone_is_drawn_as_a_dot(study: Study) -> None:
    table = quarters.drawn(study)
    pace = table["basis"] == quarters.PACE
    ends = sorted(table.loc[pace, "ends_on"].unique())
    kept = {ends[0], ends[1], ends[4], ends[8], ends[9]}
    some = table["ends_on"].map(dict.fromkeys(kept, 400.0))
    holes = table.assign(mean=table["mean"].where(~pace, some), base_mean=table["mean"].where(~pace, 400.0))
    holes = holes.assign(low=300.0, high=500.0, base_low=300.0, replications=study.replications)
    figure = quarters.draw_quarters(study, holes).figure
    panel = figure.axes[-1]
    (dots,) = (
        line for line in panel.lines if line.get_marker() == "o" and line.get_markerfacecolor() == line.get_color()
    )
    dates = [date(1970, 1, 1) + timedelta(days=int(at)) for at in dots.get_xdata()]  # type: ignore[union-attr]
    assert [day.isoformat() for day in dates] == [ends[4]]


def test_no_shade_lies_over_the_bands_of_ages(study: Study) -> None:
    figure = quarters.draw_quarters(study, quarters.drawn(study)).figure
    bands = [one for one in figure.axes[0].collections if isinstance(one, PolyCollection)]
    assert len(bands) == len(quarters.AGE_FILLS), "the bands alone"
    assert all(band.get_alpha() is None for band in bands)
