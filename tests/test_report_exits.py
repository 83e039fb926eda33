"""Do the pictures of exits, rates and suspension show what stands in the tables, and the published figures they may show?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_report import BASE, WORLDS, plan, study

from sim.experiment import Study
from sim.plan import Observation
from sim.report import style, tables
from sim.report.exits import draw_exits, exits
from sim.report.rates import draw_rates, rates
from sim.report.style import Drawn, save
from sim.report.suspension import draw_suspension, from_boroughs, published_of, suspension


@pytest.fixture(scope="module")
def one() -> Study:
    return study((BASE,))


def drawn_text(drawn: Drawn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(style, "RESOLUTION", 30)
    return save(drawn, folder / "drawn")[1].read_text(encoding="utf-8")


def test_a_way_out_that_nobody_took_is_not_in_the_legend(
    one: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = exits(one)
    assert set(table["exit"]) == {"dismissed", "would_have_been_dismissed", "vetting", "resigned"}
    text = drawn_text(draw_exits(one, table), tmp_path, monkeypatch)
    assert "would have been dismissed</text>" in text
    assert "resigned</text>" in text
    assert "vetting withdrawn" not in text


def test_the_exits_described_are_the_removals_of_the_last_year(one: Study) -> None:
    """30 + 8 dismissed and 6 + 8 who would have been; those who resigned are none of them."""
    described = draw_exits(one, exits(one)).description
    assert all(f"{world} 52" in described for world in WORLDS)


def test_each_rate_is_drawn_with_the_number_it_is_of(
    one: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = rates(one)
    assert len(table) == 2 * 3 * len(WORLDS)
    text = drawn_text(draw_rates(one, table), tmp_path, monkeypatch)
    for words in ("5.0% of 12,000", "30.0% of 2,000", "50.0% of 700"):
        assert text.count(f"{words}</text>") == len(WORLDS)


def test_a_rate_of_nobody_can_be_drawn(one: Study) -> None:
    table = rates(one)
    nothing = table.assign(mean=float("nan"), low=float("nan"), high=float("nan"))
    assert "-" in draw_rates(one, nothing).description


def test_only_what_may_be_fitted_and_is_of_these_days_stands_beside_the_line(one: Study) -> None:
    """Officers suspended were published for September 2022, to be fitted, and for two months of 2023, held back."""
    assert published_of(one, "suspended") == []
    seen = plan().observation
    later = replace(plan(), observation=Observation(seen.window_from, seen.window_to, plan().minute(date(2024, 4, 1))))
    longer = replace(one, plans=dict.fromkeys(one.plans, later))
    assert [target.key for target in published_of(longer, "suspended")] == ["officers_suspended_sep_2022"]
    assert published_of(longer, "restricted") == []
    table = suspension(longer)
    assert set(table["measure"]) == {"people_suspended", "people_restricted"}
    assert "suspended, slack" in draw_suspension(longer, table).description


def test_the_figure_says_how_many_the_boroughs_give_up_and_the_table_who_else_does(
    one: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the last quarter 60 + 31 are suspended, six tenths of them of borough commands: 54.6."""
    table = suspension(one)
    assert set(table["group"]) == {"", "command=borough", "command=specialist"}
    drawn = draw_suspension(one, table)
    assert "suspended, slack 91;" in drawn.description
    text = drawn_text(drawn, tmp_path, monkeypatch)
    assert "Of borough commands at the last quarter: suspended 55 of 91 (slack) and 55 of 91 (psu_saturated)" in text
    assert "How many people a command has is assumed." in " ".join(text.split())


def test_without_commands_there_is_no_note_of_them(one: Study) -> None:
    everybody = tables.pick(suspension(one), group="")
    assert from_boroughs(one, everybody, ("suspended", "restricted")) == []
    assert "suspended, slack 91;" in draw_suspension(one, everybody).description
