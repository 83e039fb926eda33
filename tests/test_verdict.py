"""Is what a planner reads about days never the opposite of what happens to them? Closing sentences, both means, teams with their posts, and what posts can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_report import BASE, COHORT, MORE, OPPOSITE, TRAINING, WINDOW, WORLDS, pictures, said, study, with_rise

from sim.experiment import Figures, Study, compare
from sim.experiment.intervals import differences, summarise
from sim.experiment.study import KEYS
from sim.report import beside, compared, displacement, headline_table, own_teams, tables, teams, verdict

Span = tuple[float, float, float]
NONE: Span = (0.0, 0.0, 0.0)
ALONE: Span = (5.0, np.nan, np.nan)


@pytest.fixture(scope="module")
def whole() -> Study:
    return study()


def with_days(one: Study, arm: str, observed: Mapping[str, Span], true: Mapping[str, Span]) -> Study:
    """The study, with other changes of both means by world."""
    table = one.differences.copy()
    for basis, spans in ((COHORT, observed), (verdict.SURVIVAL, true)):
        for world, span in spans.items():
            mine = (table["measure"] == "mean_days_to_finalise") & (table["counted"] == "allegation")
            mine &= (table["basis"] == basis) & (table["group"] == "") & (table["period"] == WINDOW)
            mine &= (table["scenario"] == arm) & (table["world"] == world)
            assert mine.sum() == 1
            table.loc[mine, ["mean", "low", "high"]] = span
    return replace(one, differences=table)


def told(one: Study, arm: str, observed: tuple[Span, Span], true: tuple[Span, Span]) -> list[str]:
    worlds = ("slack", "psu_saturated")
    changed = with_days(one, arm, dict(zip(worlds, observed, strict=True)), dict(zip(worlds, true, strict=True)))
    return verdict.sentences(changed, arm)


# --- the closing sentences --------------------------------------------------------------------------------------------


def test_a_true_mean_that_rises_is_said_to_rise_where_the_observed_one_falls(whole: Study) -> None:
    assert told(whole, TRAINING, ((-0.3, -3.9, 3.3), (-5.6, -10.0, -1.2)), ((3.5, 2.0, 5.1), (23.0, 15.1, 30.8))) == [
        "Over the worlds true mean days change by +3.5 to +23.0, observed mean days by -5.6 to -0.3. True mean days rise in every world.",
        "In psu_saturated the observed mean falls although the true mean rises: slow cases that are still open are not in it.",
        "In slack the true mean rises and the observed mean does not show it: cases that are still open are not in it.",
    ]


@pytest.mark.parametrize(
    ("true", "way"),
    [
        (((-9.0, -10.0, -8.0), (-3.0, -4.0, -2.0)), "True mean days fall in every world."),
        (((-9.0, -10.0, -8.0), (3.0, 2.0, 4.0)), "Which way true mean days go depends on the world: they rise in psu_saturated and fall in slack."),
        (((-9.0, -10.0, -8.0), (-3.0, -7.0, 1.0)), "True mean days fall in slack; in psu_saturated no change is shown."),
        (((-9.0, -20.0, 2.0), (-3.0, -7.0, 1.0)), "In no world is a change of true mean days shown."),
        (((0.04, 0.03, 0.05), (3.0, 2.0, 4.0)), "True mean days rise in psu_saturated; in slack no change is shown."),
        ((ALONE, ALONE), "No interval of the true mean is known, so no way is said."),
    ],
)  # fmt: skip
def test_which_way_days_go_is_that_of_the_true_mean_beyond_its_interval(
    whole: Study, true: tuple[Span, Span], way: str
) -> None:
    first, *rest = told(whole, TRAINING, true, true)
    assert first.endswith(f". {way}")
    assert rest == [], "both means say the same"


def test_no_change_anywhere_is_said_in_a_line_and_without_a_true_mean_no_way_is_said(whole: Study) -> None:
    (said_,) = told(whole, TRAINING, (NONE, NONE), (NONE, NONE))
    assert said_.startswith("The worlds run here agree: mean days do not change, in no future played.")
    unknown = (np.nan, np.nan, np.nan)
    (only,) = told(whole, TRAINING, ((-9.0, -10.0, -8.0), (-3.0, -4.0, -2.0)), (unknown, (-3.0, -4.0, -2.0)))
    assert only == (
        "The true mean is not known in every world, so no way is said. Observed mean days change by -9.0 to -3.0 over the worlds."
    )


@pytest.mark.parametrize(
    ("observed", "true", "says"),
    [
        ((-5.0, -6.0, -4.0), (5.0, 4.0, 6.0), "the observed mean falls although the true mean rises: slow cases"),
        ((-5.0, -16.0, 6.0), (5.0, 4.0, 6.0), "the true mean rises and the observed mean does not show it: cases that"),
        ((5.0, 4.0, 6.0), (-5.0, -6.0, -4.0), "the observed mean rises although the true mean falls"),
        ((-5.0, -6.0, -4.0), (1.0, -1.0, 3.0), "the observed mean falls and the true mean shows no change, so it is not called a fall"),
        ((5.0, -1.0, 11.0), (5.0, 4.0, 6.0), ""),
        ((5.0, 4.0, 6.0), (1.0, -1.0, 3.0), ""),
        ((-0.04, -0.05, -0.03), (1.0, -1.0, 3.0), ""),
        (ALONE, ALONE, ""),
    ],
)  # fmt: skip
def test_where_the_two_means_part_it_is_said_and_an_unsure_one_does_not_part(
    observed: Span, true: Span, says: str
) -> None:
    one = verdict.InWorld("slack", verdict.Change(*observed), verdict.Change(*true))
    lines = list(verdict.parting([one]))
    assert lines == [] if not says else lines[0].startswith(f"In slack {says}")
    alone = list(verdict.parting([replace(one, world="")]))
    assert [line.startswith("The ") for line in alone] == [True] * len(lines)


def test_days_saved_are_no_reason_to_warn_where_they_are_not_saved(whole: Study) -> None:
    """More allegations end without a decision: a warning only where both means fall beyond their intervals."""
    dropped = with_rise(whole, TRAINING, 0.006, 0.005, 0.007)
    fall, unsure, rise = (-5.0, -6.0, -4.0), (-3.5, -15.4, 8.5), (37.0, 32.5, 41.5)
    for observed, true, warned in (
        (fall, fall, True),
        (unsure, rise, False),
        (fall, rise, False),
        (unsure, fall, False),
    ):
        one = with_days(dropped, TRAINING, dict.fromkeys(WORLDS, observed), dict.fromkeys(WORLDS, true))
        line = beside.ends_unfinished(one, TRAINING)
        assert bool(line) == warned, (observed, true)
        assert "part of why" not in line


# --- on the screen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "found"), [(80, 2), (140, 1)])
def test_both_means_stand_beside_each_other_with_the_cases_still_open(whole: Study, width: int, found: int) -> None:
    text = said(with_days(whole, TRAINING, {"slack": (-3.5, -15.4, 8.5)}, {"slack": (37.0, 32.5, 41.5)}), width=width)
    block = text.split(f"[{TRAINING}]")[1].split(f"[{OPPOSITE}]")[0]
    rows = [line.split() for line in block.splitlines() if line.startswith("slack   ")]
    assert len(rows) == found, "two tables where one does not fit"
    assert rows[0][1:4] == ["-3.5", "+37.0", "0.0"]
    heads = " ".join(block.split())
    for head in ("observed true cases open", "mean days mean days at the end", "dismissals,", "whole window"):
        assert head in heads
    assert text.count("Observed mean days: of allegations received and finalised within the window") == 1


def with_posts(one: Study, more: Mapping[str, Mapping[str, float]]) -> Study:
    """The study, with 1,000 days of posts of two teams in the base, and so many more in each arm."""
    figures = {}
    for (label, world), played in one.figures.items():
        rows = pd.DataFrame(
            [("post_days", "post", "in_period", f"team={team}", WINDOW, "days") for team in ("psu", "dps")],
            columns=[*KEYS, "unit"],
        )
        days = [1000.0 + more.get(label, {}).get(team, 0.0) for team in ("psu", "dps")]
        names = pd.concat([played.names, rows], ignore_index=True)
        figures[label, world] = Figures(names, np.hstack([played.matrix, np.tile(days, (len(played.matrix), 1))]))
    return replace(one, figures=figures, summary=summarise(figures), differences=differences(figures, BASE))


@pytest.mark.parametrize(
    ("more", "which"),
    [({"psu": 5.0}, "more"), ({"psu": -5.0}, "fewer"), ({"psu": -5.0, "dps": 7.0}, "other numbers of"), ({}, "other numbers of")],
)  # fmt: skip
def test_a_cut_is_not_told_as_more_investigators(whole: Study, more: Mapping[str, float], which: str) -> None:
    lines = verdict.sentences(with_posts(whole, {MORE: more}), MORE)
    assert lines[-1].startswith(f"What {which} investigators change depends on the world. In slack ")
    assert not any("investigators change" in line for line in verdict.sentences(whole, TRAINING))


def test_a_team_whose_posts_change_is_shown_with_and_without_and_no_other(whole: Study) -> None:
    one = with_posts(whole, {MORE: {"psu": -5.0}})
    lines = [line.split("  ")[0] for line in said(one, width=140).splitlines() if line.startswith(("PSU, ", "DPS, "))]
    assert lines == [
        *("PSU, slack", f"PSU, slack, with {MORE}", "PSU, psu_saturated", f"PSU, psu_saturated, with {MORE}"),
        *("DPS, slack", "DPS, psu_saturated"),
    ]
    table = teams.teams(one)
    others = table[table["scenario"] != BASE]
    assert set(zip(others["scenario"], others["team"], others["world"], strict=True)) == {
        (MORE, "psu", w) for w in WORLDS
    }
    assert others["queue_does_not_settle"].tolist() == [world == "psu_saturated" for world in others["world"]]
    drawn = teams.draw_teams(one, table)
    assert f"in {BASE} without reforms: " in drawn.title
    notes = " ".join(text.get_text() for text in drawn.figure.texts)
    assert f"Not drawn, but in teams.csv: the teams whose posts {MORE} changes" in " ".join(notes.split())
    alone = study((BASE,))
    assert f"in {BASE}: " in teams.draw_teams(alone, teams.teams(alone)).title


def test_what_the_observed_mean_hides_stands_below_figures_and_its_parts_are_not_told(whole: Study) -> None:
    worlds = dict.fromkeys(WORLDS, (-5.0, -6.0, -4.0))
    owners = whole.differences["measure"].eq("mean_days_by_owner") & whole.differences["scenario"].eq(TRAINING)
    moved = whole.differences.copy()
    iopc = owners & moved["group"].eq("owner=IOPC")
    moved.loc[owners, ["mean", "low", "high"]] = (-4.0, -5.0, -3.0)
    moved.loc[iopc, ["mean", "low", "high"]] = (2.0, 1.0, 3.0)
    one = with_days(replace(whole, differences=moved), TRAINING, worlds, worlds)
    assert any(
        "days moved, of cases finalised: 4.0 days fewer" in line for line in displacement.sentences(one, TRAINING)
    )
    hidden = with_days(one, TRAINING, worlds, dict.fromkeys(WORLDS, (5.0, 4.0, 6.0)))
    assert not any("days moved" in line for line in displacement.sentences(hidden, TRAINING))
    for figure in pictures(hidden, "differences", "displacement"):
        text = " ".join(" ".join(text.get_text() for text in figure.texts).split())
        assert "The observed mean falls although the true mean rises" in text
        assert f"are not in it ({TRAINING} in slack and psu_saturated)." in text
    description = compared.draw_differences(hidden, compared.differences(hidden)).description
    assert f"Observed mean days: {MORE}" in description
    assert "True mean days: " in description
    assert f"{TRAINING} +5.0" in description.split("True mean days: ")[1]


def test_a_study_at_a_prompt_shows_the_true_mean_beside_the_observed_one(whole: Study) -> None:
    one = with_days(whole, TRAINING, {"slack": (-3.5, -15.4, 8.5)}, {"slack": (37.0, 32.5, 41.5)})
    assert "-3.5 days (-15.4..+8.5); true +37.0 days (+32.5..+41.5); " in repr(one)
    assert "true mean days, open ones counted" in repr(one)


# --- what posts can do ------------------------------------------------------------------------------------------------


def test_days_that_wait_for_posts_are_those_at_nodes_of_the_force_s_teams(whole: Study) -> None:
    """A place and attention count; a fixed spell of the force's and another body's people do not."""
    plan = tables.plan_of(whole)
    places = [node.name for node in plan.nodes if node.kind.name == "ASSIGN" and node.team >= 0]
    own = next(name for name in places if plan.teams[next(n.team for n in plan.nodes if n.name == name)].own_staff)
    others = next(
        n.name
        for n in plan.nodes
        if n.kind.name in ("ASSIGN", "WORK") and n.team >= 0 and not plan.teams[n.team].own_staff
    )
    figures = {}
    for key, played in whole.figures.items():
        given = {own: 7.0, "psu_evidence": 5.0, "dormant": 30.0, others: 4.0}
        kept = ~(played.names["measure"] == own_teams.WAITING).to_numpy()
        rows = pd.DataFrame(
            [(own_teams.WAITING, "allegation", COHORT, f"stage={name}", WINDOW, "days") for name in given],
            columns=[*KEYS, "unit"],
        )
        names = pd.concat([played.names[kept], rows], ignore_index=True)
        matrix = np.hstack([played.matrix[:, kept], np.tile(list(given.values()), (len(played.matrix), 1))])
        figures[key] = Figures(names, matrix)
    one = replace(whole, figures=figures, summary=summarise(figures), differences=differences(figures, BASE))
    waits = headline_table(one).set_index("label").loc[tables.WAITS]
    assert waits["mean"].tolist() == [12.0, 12.0]
    text = " ".join(said(one).split())
    assert "no number of them takes the observed mean below about 369 in slack and 409 in psu_saturated." in text
    assert "no number of them" not in said(whole), "not known"


PLENTY = """title = "Very many posts"
author = "tests"
description = "So many that nobody waits for them."
in_force_on = { village = 2013-04-01 }
[add]
"""
POSTS = (
    *(f"{team}.investigators" for team in ("psu", "dps", "specialist", "anti_corruption")),
    *(f"{team}.posts" for team in ("intake", "authority", "case_managers", "human_resources")),
    "vetting.reviewers",
)


@pytest.fixture(scope="module")
def plenty(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The small force in every world, and with 300 posts more in every team of its own from the first day."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "reforms").mkdir()
    added = "\n".join(f'"{key}" = 300' for key in POSTS)
    point = f'\n[[points]]\ntext = "Posts."\nchanges = {list(POSTS)}\nfollows_from = "structure"\n'
    (folder / "reforms" / "plenty.toml").write_text(f"{PLENTY}{added}{point}", encoding="utf-8")
    return compare("village", ["plenty"], folder=folder, replications=4, seed=5, opposites=False)


def test_very_many_posts_take_away_no_more_of_the_observed_mean_than_waits_for_them(plenty: Study) -> None:
    """And hardly less where nearly all who wait are finalised. The two days more that are allowed are nights within bouts, which then begin sooner."""
    waits = own_teams.waits(plenty).set_index(["scenario", "world"])["mean"]
    rows = tables.differences(plenty, "mean_days_to_finalise", counted="allegation", basis=COHORT)
    fell = -rows.set_index("world")["mean"]
    assert set(fell.index) == {"slack", "dps_saturated", "psu_saturated"}
    for world, days in fell.items():
        assert 0.5 * waits["village", world] <= days <= waits["village", world] + 2.0, world
        assert waits["plenty", world] < 0.5 * waits["village", world]
    assert waits["village", "psu_saturated"] > 3 * waits["village", "slack"], "what waits differs between worlds"


# --- what follows from assumption -------------------------------------------------------------------------------------

HEAD = "team,date,posts,how,in_post,fte,skill,until,reason,from_unit,turnover"


def test_a_sheet_that_only_gives_posts_up_is_a_finding_and_one_that_fills_any_is_not(tmp_path: Path) -> None:
    cut = "psu,2027-04-01,-1,transfer,,,,,growth,front_line,"
    rows = {
        "cut": [cut],
        "stands": ["psu,2027-04-01,3,established,,,,,,,"],
        "hires": [cut, "dps,2027-04-01,1,recruit,,,,,growth,external,"],
        "leaves": ["psu,2027-04-01,-1,leaver,,,,,,,"],
        "turns": ["psu,2027-04-01,0,turnover,,,,,,,0.2"],
        "pools": ["psu,2027-04-01,0,pool,,,,,reorganisation,,"],
    }
    for name, lines in rows.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    one = compare(
        "village_today",
        staffing=[tmp_path / f"{name}.csv" for name in rows],
        settings={"psu.units": "2"},
        worlds=["slack"],
        replications=1,
        workers=1,
    )
    by_label = {label: one.follows_from(label) for label in one.labels[1:]}
    assert by_label == {name: "structure" if name in ("cut", "stands") else "assumption" for name in rows}
    assert verdict.sentences(one, "cut") == [], "one world"
    assert "What a change of staff does depends on the world" in one.caveat
