"""Do posts and money add up to what was published, and does the page say where they do not?"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sim.__main__ import main
from sim.scenario import load_scenario
from sim.scenario.capacity import WORLDS, Day, Year, days_of, page, shipped, taken_up, years_of

ROOT = Path(__file__).parents[1]
KEPT = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")

# By hand: 350 and, since November 2021, 400, since February 2023 530; 90 on loan from January to March 2023. 255 stand in the bridge.
DAYS = (date(2008, 12, 1), date(2021, 11, 1), date(2022, 1, 17), date(2023, 1, 1), date(2023, 2, 1), date(2023, 4, 1))
PUBLISHED = (350, 400, 400, 400 + 90, 530 + 90, 530)
BRIDGE = (255, 255, 255, 255 + 90, 255 + 90, 255)
FOR_THIS_WORK = {
    "slack": (80 + 15, 130 + 15, 110 + 20 + 15, 110 + 20 + 15, 240 + 20 + 15, 240 + 20 + 15),
    "dps_saturated": (57 + 15, 77 + 15, 57 + 20 + 15, 57 + 20 + 15, 72 + 20 + 15, 72 + 20 + 15),
}
FOR_THIS_WORK["psu_saturated"] = FOR_THIS_WORK["slack"]


@pytest.fixture(scope="module")
def days() -> dict[str, list[Day]]:
    return {world: days_of(scenario.numbers) for world, scenario in shipped().items()}


@pytest.mark.parametrize("world", WORLDS)
def test_posts_by_date_are_the_sums_by_hand(days: dict[str, list[Day]], world: str) -> None:
    found = days[world]
    assert tuple(day.on for day in found) == DAYS
    assert tuple(day.total for day in found) == PUBLISHED
    assert tuple(sum(day.bridge.values()) for day in found) == BRIDGE
    assert tuple(day.modelled for day in found) == FOR_THIS_WORK[world]


def test_two_worlds_add_up_exactly_and_the_page_says_by_how_much_the_third_misses(days: dict[str, list[Day]]) -> None:
    for world in ("slack", "psu_saturated"):
        assert [day.missing for day in days[world]] == [0] * len(DAYS)
    missing = [23, 53, 53, 53, 168, 168]
    assert [day.missing for day in days["dps_saturated"]] == missing
    section = KEPT.split("### dps_saturated")[1].split("###")[0]
    told = [line.split(" | ")[-1].rstrip(" |") for line in section.splitlines() if line.startswith("| 20")]
    assert told == [str(number) for number in missing]


@pytest.mark.parametrize(
    ("world", "mine"), [("slack", (50, 130)), ("dps_saturated", (20, 15)), ("psu_saturated", (50, 130))]
)
def test_how_many_of_the_posts_added_do_this_work(world: str, mine: tuple[int, int]) -> None:
    found = taken_up(load_scenario("casey_2022", world=world).numbers)
    assert found == [(date(2021, 11, 1), 50, mine[0]), (date(2023, 2, 1), 130, mine[1])]


def test_money_by_year_is_the_sum_by_hand() -> None:
    # 2019/20: 80 and 15 posts for this work, 225 filled ones for other work; 2022/23: 130 central posts more for 59 days of 365.
    first, *_, before, last = years_of(load_scenario("casey_2022").numbers)
    assert first == Year(2019, 80 * 80_000 + 15 * 82_000, 225 * 80_000, 0, 27_464_930)
    assert first.missing == 27_464_930 - 6_400_000 - 1_230_000 - 18_000_000
    assert before.this_work == pytest.approx((110 + 130 * 59 / 365) * 80_000 + 20 * 80_000 + 15 * 82_000)
    assert last.local_units == 70 * 72_000
    assert last.this_work == 240 * 80_000 + 20 * 80_000 + 15 * 82_000
    assert (before.budget, last.budget) == (31_951_573, 56_974_350)


def test_a_setting_shows_in_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["show", "casey_2022", "--capacity", "--set", "dps.investigators=75"])
    assert left.value.code in (0, None)
    said = capsys.readouterr().out
    assert "2008-12-01  total taken 350 = 90 (75 dps + 15 anti corruption) for this work" in said
    assert "and misses by 5" in said


def test_two_answers_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["show", "casey_2022", "--capacity", "--on", "2022-01-01"])
    assert left.value.code == 2
    assert "--capacity" in capsys.readouterr().err


def test_the_page_is_made_from_the_evidence_and_the_worlds(tmp_path: Path) -> None:
    """After a change of either: `make docs`."""
    assert page(shipped()) == KEPT
    again = tmp_path / "capacity.md"
    subprocess.run([sys.executable, "-m", "sim.scenario.capacity", str(again)], cwd=ROOT, check=True)
    assert again.read_text(encoding="utf-8") == KEPT
