"""Is the assurance page today's, and is it complete?"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from sim.evidence import Evidence
from sim.pathway.misconduct import PATHWAY
from sim.report import assurance
from sim.report.stress import ITEMS, SECTIONS
from sim.scenario import load_scenario
from sim.scenario.files import shipped_folder
from sim.scenario.load import evidence_of, names

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of((shipped_folder(),))


@pytest.fixture(scope="module")
def made() -> tuple[str, str]:
    return assurance.made()


@pytest.fixture(scope="module")
def rows(made: tuple[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made[1])))


def test_page_and_register_are_todays(made: tuple[str, str]) -> None:
    for text, name in zip(made, ("assurance.md", "assumptions.csv"), strict=True):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run make docs"


@pytest.mark.parametrize("name", sorted(names("scenarios")))
def test_every_assumed_number_that_a_shipped_plan_reads_is_in_the_register(
    name: str, rows: list[dict[str, str]]
) -> None:
    registered = {(row["key"], row["from"]) for row in rows if row["laid_by"] == "evidence"}
    for world in load_scenario(name).baseline.worlds or ("",):
        scenario = load_scenario(name, world=world or None)
        read = scenario.numbers.keys() - set(scenario.unread)
        assert {value.name for value in scenario.plan.values} & scenario.numbers.keys() <= read
        for key in read:
            number = scenario.evidence.numbers[key]
            for step in number.steps:
                if step.grade in assurance.ASSUMED:
                    assert (number.key, str(step.from_)) in registered
        for change in scenario.changes:
            laid = {row["from"] for row in rows if row["key"] == change.key and row["laid_by"] != "evidence"}
            assert {str(day) for day, amount in change.steps if amount is not None} <= laid, change


def test_the_register_says_everything_of_each_number(rows: list[dict[str, str]]) -> None:
    for row in rows:
        empty = [name for name in assurance.COLUMNS if not row[name]]
        may_be = {"sources", "moved_by_calibration"} | (set() if row["laid_by"] == "evidence" else {"low", "high"})
        assert set(empty) <= may_be, (row["key"], empty)


def test_a_range_of_the_register_is_that_of_the_evidence(rows: list[dict[str, str]], evidence: Evidence) -> None:
    row = next(row for row in rows if row["key"] == "psu.caseload" and row["laid_by"] == "evidence")
    step = evidence.numbers["psu.caseload"].steps[0]
    assert (float(row["value"]), float(row["low"]), float(row["high"])) == (step.value, step.low, step.high)


def test_what_reads_a_number_is_found_in_the_pathway() -> None:
    """By hand: hours of a local bout are read where cases are investigated, caseload by the team, chairs by a diary."""
    assert "stage 9 investigation" in assurance.read_by("psu.hours_a_bout")
    assert "team psu" in assurance.read_by("psu.caseload")
    assert any(one.startswith("diary") for one in assurance.read_by("hearings.rooms"))
    assert assurance.read_by("nothing.of_the_kind") == ()


def test_every_number_has_a_role_that_could_say_better(evidence: Evidence) -> None:
    assert {key.split(".")[0] for key in evidence.numbers} <= assurance.OWNER_ROLES.keys()


def test_a_parameter_of_a_calibration_is_said_beside_each_number_it_moves(tmp_path: Path) -> None:
    assert assurance.moved_by_calibration(tmp_path) == {}
    (tmp_path / "calibration").mkdir()
    text = '[parameters.posts]\nnumbers = ["psu.investigators", "dps.investigators"]\n'
    (tmp_path / "calibration" / "parameters.toml").write_text(text)
    assert assurance.moved_by_calibration(tmp_path) == dict.fromkeys(
        ("psu.investigators", "dps.investigators"), "posts"
    )


def test_every_stage_of_the_pathway_is_described(made: tuple[str, str]) -> None:
    for stage in PATHWAY.stages:
        assert f"| {stage.number} | `{stage.name}`: {stage.title} | {' '.join(stage.meaning.split())} |" in made[0]


def test_every_scenario_has_its_dates_among_the_limits(made: tuple[str, str]) -> None:
    for name in names("scenarios"):
        assert f"| `{name}` |" in made[0]


def test_the_checklist_has_its_24_items_each_answered_with_a_place_that_exists() -> None:
    parts = {"1": 3, "2": 9, "3": 4, "4": 3, "5": 4, "6": 1}
    assert parts.keys() == SECTIONS.keys()
    for section, count in parts.items():
        assert sum(item.number.split(".")[0] == section for item in ITEMS) == count
    assert len({item.number for item in ITEMS}) == len(ITEMS) == 24
    for item in ITEMS:
        assert item.asks.strip(), item.number
        assert len(item.answer.split()) >= 5, item.number
        assert item.where, item.number
        assert all((ROOT / path).exists() for path in item.where), item


def test_the_log_is_in_order_of_date_names_roles_only_and_points_at_files() -> None:
    days = [entry.on for entry in assurance.LOG]
    assert days == sorted(days)
    assert days[0] > date(2026, 1, 1)
    roles = {role.lower() for role in assurance.ROLES}
    for entry in assurance.LOG:
        assert entry.by in roles
        assert entry.found
        assert all((ROOT / path).exists() for path in entry.where), entry
    assert roles == {"commissioner", "analyst", "analytical assurer", "approver"}
    assert assurance.NOT_DONE
