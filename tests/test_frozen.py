"""Targets are written down before the calibration: whatever changes afterwards is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.calibration.frozen import FILE, SCORED, changes, digests, freeze, read_frozen, scored
from sim.evidence import Evidence, _rests_on, load_evidence
from sim.scenario.files import found, shipped_folder

DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence(shipped_folder() / "evidence")


def frozen_at(evidence: Evidence, folder: Path) -> Path:
    path = folder / FILE
    path.write_text(freeze(evidence, DAY), encoding="utf-8")
    return path


def with_target(evidence: Evidence, key: str, **fields: object) -> Evidence:
    return replace(evidence, targets={**evidence.targets, key: evidence.targets[key].model_copy(update=fields)})


def test_the_shipped_targets_are_those_that_were_frozen(evidence: Evidence) -> None:
    path = shipped_folder() / "calibration" / FILE
    assert changes(evidence, read_frozen(path), path) == []


def test_what_is_frozen_is_read_again(evidence: Evidence, tmp_path: Path) -> None:
    path = frozen_at(evidence, tmp_path)
    frozen = read_frozen(path)
    assert frozen is not None
    assert frozen.on == DAY
    assert set(frozen.digests) == set(scored(evidence))
    assert changes(evidence, frozen, path) == []


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"value": 401.0}, "another tolerance"),
        ({"high": 420.0}, "another tolerance"),
        ({"discrepancy": 40.0}, "another tolerance"),
        ({"group": "team=psu"}, "another definition"),
        ({"window_to": date(2021, 4, 1)}, "another definition"),
        ({"family": "other"}, "another definition"),
        ({"role": "validate"}, "another definition"),
    ],
)
def test_a_change_after_the_freeze_is_named(
    evidence: Evidence, tmp_path: Path, fields: dict[str, object], what: str
) -> None:
    path = frozen_at(evidence, tmp_path)
    (problem,) = changes(with_target(evidence, "mean_days", **fields), read_frozen(path), path)
    assert (problem.key, problem.found) == ("mean_days", what)
    assert str(DAY) in problem.expected


def test_another_reading_of_a_row_is_named_and_a_better_sentence_is_none(evidence: Evidence, tmp_path: Path) -> None:
    path = frozen_at(evidence, tmp_path)
    row = evidence.register["dur_mean_all_days"]
    other = replace(evidence, register={**evidence.register, row.id: row.model_copy(update={"value": 390.0})})
    assert [problem.found for problem in changes(other, read_frozen(path), path)] == ["another published"]
    said = with_target(evidence, "mean_days", because="Better said.", label="Mean")
    assert digests(said.targets["mean_days"], said) == digests(evidence.targets["mean_days"], evidence)


def test_targets_that_come_or_go_are_named(evidence: Evidence, tmp_path: Path) -> None:
    path = frozen_at(evidence, tmp_path)
    fewer = replace(evidence, targets={key: one for key, one in evidence.targets.items() if key != "mean_days"})
    assert [(one.key, one.found) for one in changes(fewer, read_frozen(path), path)] == [
        ("mean_days", "no such target")
    ]
    path = frozen_at(fewer, tmp_path)
    assert [(one.key, one.found) for one in changes(evidence, read_frozen(path), path)] == [
        ("mean_days", "a new target")
    ]


@pytest.mark.parametrize("text", ["", "frozen_on = 2026-11-01\n", "not toml"])
def test_without_a_file_everything_is_stale(evidence: Evidence, tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE
    assert read_frozen(path) is None
    path.write_text(text)
    (problem,) = changes(evidence, read_frozen(path), path)
    assert "sim.calibration.frozen" in problem.expected


# --- the list of targets ----------------------------------------------------------------------------------------------


def test_at_least_sixty_targets_are_scored_each_with_a_tolerance_and_a_discrepancy_that_has_a_reason(
    evidence: Evidence,
) -> None:
    held = {key: one for key, one in evidence.targets.items() if one.role in ("calibrate", "validate")}
    assert len(held) >= 60
    for key, one in scored(evidence).items():
        assert one.discrepancy > 0, key
        assert one.discrepancy_because, key
        assert one.low < one.value < one.high, key


def test_the_two_roles_are_apart_by_fact_and_not_by_id(evidence: Evidence) -> None:
    """Whatever a target that may be fitted rests on, however far back, is nothing that is held out."""
    facts = {
        role: {
            row
            for one in evidence.targets.values()
            if one.role == role
            for id_ in one.ids
            for row in _rests_on(id_, evidence.register)
        }
        for role in SCORED
    }
    assert not facts["calibrate"] & facts["validate"]
    assert all(evidence.register[row].role != "validate" for row in facts["calibrate"])
    families = {role: {one.family for one in evidence.targets.values() if one.role == role} for role in SCORED}
    assert not families["calibrate"] & families["validate"]


def test_rows_that_state_one_fact_are_of_one_family(evidence: Evidence) -> None:
    """A row that prints one number, and those that repeat it, speak in one family; one that prints several may speak in more."""
    families: dict[str, set[str]] = {}
    for one in scored(evidence).values():
        for id_ in one.ids:
            row = evidence.register[id_]
            if row.value is not None:
                for same in {id_, *row.same_fact_as}:
                    families.setdefault(same, set()).add(one.family)
    assert {row: of for row, of in families.items() if len(of) > 1} == {}


def test_every_target_names_a_scenario_that_is_there(evidence: Evidence) -> None:
    known = found("scenarios", (shipped_folder(),))
    assert {one.scenario for one in evidence.targets.values()} <= set(known)
