"""Is it said where a change leaves what is known: by hand, of shipped scenarios, and in the words of a study?"""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from sim.__main__ import main
from sim.evidence import Number, Step
from sim.experiment.arms import Question, ask
from sim.report import limits, print_summary
from sim.scenario import load_scenario
from sim.scenario.beyond import DOUBLED, OUT_OF_RANGE, REPLACED, Beyond, beyond
from sim.scenario.build import Series
from sim.scenario.lay import Laid
from tests.test_report import BASE, MORE
from tests.test_report import study as made_by_hand

START, LATER, END = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)


def number(*steps: tuple[date, float, float, float]) -> Number:
    made = tuple(
        Step.model_validate(
            {"from": day, "value": value, "low": low, "high": high, "grade": "assumed", "because": "for a test"}
        )
        for day, low, value, high in steps
    )
    return Number.model_validate(
        {"key": "desk.posts", "label": "Posts", "unit": "posts", "file": "a test", "steps": made}
    )


KNOWN = number((date(2019, 1, 1), 4.0, 10.0, 16.0))


def found(
    before: float, *after: tuple[date, float], own: tuple[Laid, ...] = (), known: Number = KNOWN, posts: bool = True
) -> dict[str, Beyond]:
    """By what is said of it, one number that was `before` throughout."""
    was, is_now = Series("desk.posts", "posts", ((START, before),)), Series("desk.posts", "posts", after)
    told = beyond(
        {"desk.posts": was},
        {"desk.posts": is_now},
        {"desk.posts": known},
        own,
        ["desk.posts"] if posts else [],
        START,
        END,
    )
    assert len({one.what for one in told}) == len(told)
    return {one.what: one for one in told}


def laid(operation: str, amount: float) -> Laid:
    return Laid("a scenario", operation, "desk.posts", ((START, amount),))


def test_ends_of_the_range_are_within_it_and_what_lies_beyond_is_not() -> None:
    for level in (4.0, 16.0):
        assert OUT_OF_RANGE not in found(10.0, (START, level))
    for level in (3.9, 16.1):
        one = found(10.0, (START, level))[OUT_OF_RANGE]
        assert (one.level, one.before, one.low, one.high, one.on) == (level, 10.0, 4.0, 16.0, START)


def test_the_day_is_that_on_which_it_is_furthest_outside() -> None:
    one = found(10.0, (START, 17.0), (date(2020, 6, 1), 30.0), (LATER, 20.0))[OUT_OF_RANGE]
    assert (one.on, one.level) == (date(2020, 6, 1), 30.0)


def test_the_range_is_that_of_the_day() -> None:
    known = number((date(2019, 1, 1), 4.0, 10.0, 16.0), (LATER, 15.0, 18.0, 24.0))
    assert OUT_OF_RANGE not in found(10.0, (START, 10.0), (LATER, 20.0), known=known)
    one = found(10.0, (START, 14.0), known=known)
    assert (one[OUT_OF_RANGE].on, one[OUT_OF_RANGE].low) == (LATER, 15.0), (
        "a level that is held on leaves a range that moves"
    )


def test_what_nobody_changed_is_not_looked_at() -> None:
    assert not found(100.0, (START, 100.0)), "a world may lie where it will"
    assert found(100.0, (START, 100.0), (LATER, 99.0))[OUT_OF_RANGE].on == LATER
    assert not found(100.0, (START, 100.0), (END, 500.0)), "when play is over"


def test_where_the_scenario_scales_a_number_its_range_is_scaled_and_where_it_sets_one_there_is_none() -> None:
    assert OUT_OF_RANGE in found(1.0, (START, 1.5))
    assert not found(1.0, (START, 1.5), own=(laid("scale", 0.1),))
    one = found(1.0, (START, 1.7), own=(laid("scale", 0.1),))[OUT_OF_RANGE]
    assert (one.low, one.high, one.times) == pytest.approx((0.4, 1.6, 0.1))
    for operation in ("set", "add"):
        assert OUT_OF_RANGE not in found(1.0, (START, 1.7), own=(laid(operation, 1.0),))


def test_what_is_exactly_known_has_no_range_to_be_outside_of() -> None:
    assert OUT_OF_RANGE not in found(10.0, (START, 11.0), known=number((date(2019, 1, 1), 10.0, 10.0, 10.0)))


def test_a_team_is_more_than_doubled_above_twice_its_posts() -> None:
    assert DOUBLED not in found(3.5, (START, 7.0))
    assert DOUBLED not in found(3.5, (START, 15.5), posts=False)
    assert DOUBLED not in found(0.0, (START, 15.5)), "nothing has no double"
    one = found(3.5, (START, 7.5), (LATER, 15.5))[DOUBLED]
    assert (one.level, one.before, one.on) == (15.5, 3.5, LATER)


# --- shipped scenarios ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["casey_2022", "today", "village", "village_today"])
def test_a_scenario_alone_is_never_beyond(name: str) -> None:
    for world in ("slack", "psu_saturated", "dps_saturated"):
        assert load_scenario(name, world=world).beyond == ()


def test_settings_far_outside_are_found_in_the_small_force_too() -> None:
    asked = {"psu.caseload": "1000", "psu.investigators@2018-04-01": "5000", "demand.internal_incidents": "0.5"}
    for name, scaled in (("casey_2022", 1.0), ("village", 0.05)):
        told = {one.key: one for one in load_scenario(name, settings=asked).beyond if one.what == OUT_OF_RANGE}
        assert told.keys() == {key.partition("@")[0] for key in asked}
        assert told["psu.caseload"].times == 1.0
        assert told["psu.investigators"].times == pytest.approx(scaled)
        within = {"psu.caseload": "20", "psu.investigators@2018-04-01": f"{100 * scaled:g}"}
        assert load_scenario(name, settings=within).beyond == ()


def test_twelve_posts_more_double_the_local_teams_of_the_small_force_and_not_of_the_large() -> None:
    kinds = {
        name: {one.what for one in load_scenario(name, reforms=["more_psu_investigators"]).beyond}
        for name in ("casey_2022", "village")
    }
    assert kinds == {"casey_2022": set(), "village": {OUT_OF_RANGE, DOUBLED}}


def test_a_sheet_of_one_world_says_what_it_replaces_in_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.csv"
    with pytest.raises(SystemExit):
        main(["staffing", "village_today", "--world", "psu_saturated", "--out", str(path)])
    assert "holds the posts of psu_saturated" in capsys.readouterr().out
    own, other = (load_scenario("village_today", world=world, staffing=path) for world in ("psu_saturated", "slack"))
    assert own.beyond == ()
    posts = {
        world: load_scenario("village_today", world=world).numbers["psu.investigators"]
        for world in ("psu_saturated", "slack")
    }
    (one,) = (one for one in other.beyond if one.what == REPLACED and one.key == "psu.investigators")
    assert (one.level, one.before) == (posts["psu_saturated"].steps[-1][1], posts["slack"].steps[-1][1])
    with pytest.raises(SystemExit):
        main(["staffing", "village_today", "--out", str(path)])
    assert "holds the posts" not in capsys.readouterr().out


# --- in the words of a study ------------------------------------------------------------------------------------------


def test_what_is_beyond_is_a_limit_of_its_arm_and_world_and_said_once() -> None:
    whole = made_by_hand((BASE, MORE), ("slack", "psu_saturated"), 3)
    day = date(2018, 4, 1)
    told = (
        Beyond(OUT_OF_RANGE, "psu.caseload", "cases_per_post", day, 1000.0, 14.0, 4.0, 40.0),
        Beyond(DOUBLED, "psu.investigators", "posts", day, 15.5, 3.5),
        Beyond(REPLACED, "dps.investigators", "posts", day, 4.0, 2.85),
    )
    note = f"{limits.MARK} The established rows of w.csv replace posts that a world has."
    made = replace(whole, beyond={(MORE, "slack"): told}, notes=(note,))
    rows = {
        (one.limit, one.key): one
        for one in limits.limits(made)
        if (one.scenario, one.world) == (MORE, "slack")
        and one.limit in (limits.EVIDENCE, limits.TWICE, limits.REPLACES)
    }
    assert rows.keys() == {
        (limits.EVIDENCE, "psu.caseload"),
        (limits.TWICE, "psu.investigators"),
        (limits.REPLACES, "dps.investigators"),
    }
    assert (
        rows[limits.EVIDENCE, "psu.caseload"].says
        == "psu.caseload is 1,000 from 1 April 2018, outside its range in the evidence, 4 to 40"
    )
    assert rows[limits.TWICE, "psu.investigators"].says.endswith("12 posts added to 3.5")
    file = io.StringIO()
    print_summary(made, Console(file=file, width=300))
    said = file.getvalue()
    for one in rows.values():
        assert said.count(one.says) == 1
    assert note not in said, "a limit says it"
    assert all(kind in limits.marks(made)[0] for kind in (limits.EVIDENCE, limits.TWICE, limits.REPLACES))


def test_every_arm_and_its_opposite_are_looked_at() -> None:
    asked = ask("village", ["psu_training"], question=Question(None, {"psu.caseload": "1000"}), worlds=["slack"])
    assert asked.beyond.keys() == asked.plans.keys()
    assert all(any(one.key == "psu.caseload" for one in told) for told in asked.beyond.values())
