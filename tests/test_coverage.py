"""Every stage is in docs/coverage.md, and every file, stage, node, reform and measure that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.measures.registry import MEASURES
from sim.pathway import misconduct
from sim.pathway.misconduct import PATHWAY
from sim.scenario.load import names

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "coverage.md").read_text(encoding="utf-8")
HOME = Path(misconduct.__file__).parent
NODES = {node.name for node in PATHWAY.nodes}
STAGES = {stage.name: stage for stage in PATHWAY.stages}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    body = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_each_stage_has_its_row_with_its_number_and_the_file_that_declares_it() -> None:
    found = {}
    for number, stage, file, *_ in rows("The way of a case"):
        (name,) = quoted(stage)
        (path,) = quoted(file)
        found[name] = int(number)
        assert f'name="{name}"' in (HOME / path).read_text(encoding="utf-8"), (name, path)
    assert found == {stage.name: stage.number for stage in PATHWAY.stages}


def test_nodes_named_beside_a_stage_are_its_nodes() -> None:
    for _, stage, _, what, *_ in rows("The way of a case"):
        inside = {node.name for node in STAGES[quoted(stage)[0]].nodes}
        assert {*quoted(what)} <= inside, stage


@pytest.mark.parametrize("row", rows("What the review named"), ids=lambda row: row[0])
def test_what_the_review_named_has_its_place(row: list[str]) -> None:
    _, stages, nodes, levers = row
    assert {*quoted(stages)} <= STAGES.keys()
    assert {*quoted(levers)} <= {*names("reforms")}
    if nodes.startswith("measure"):
        assert {*quoted(nodes)} <= MEASURES.keys()
    else:
        assert quoted(nodes)
        assert {*quoted(nodes)} <= {node.name for name in quoted(stages) for node in STAGES[name].nodes}


def test_the_measures_of_success_are_measures() -> None:
    for _, measures in rows("The review's own measures of success"):
        assert {*quoted(measures)} <= MEASURES.keys()
