"""What is shown of a scenario beside its numbers? Its pathway as a picture, or one synthetic case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sim.evidence import Problem
from sim.experiment.one_future import play_one
from sim.report import diagram, one_case
from sim.report.arrows import Layout
from sim.report.style import save
from sim.report.write import write_table
from sim.scenario import Scenario, ScenarioError
from sim.scenario.files import known_one
from sim.scenario.load import PATHWAYS


def layout_of(scenario: Scenario) -> Layout:
    """The pathway of a scenario, read for drawing."""
    return Layout(PATHWAYS[scenario.baseline.pathway])


def write_diagram(layout: Layout, stage: str | None, folder: Path) -> list[Path]:
    """The picture of a pathway, or of one of its stages, as PNG and SVG, with the table of its arrows beside it.

    Args:
        layout: the pathway.
        stage: a stage's name or number; the whole pathway if not said.
        folder: where to write.

    Raises:
        ScenarioError: there is no such stage; nothing is written then.
    """
    table = layout.table()
    if stage is None:
        drawn, stem = diagram.draw_pathway(layout), f"{layout.pathway.name}_pathway"
    else:
        parts = layout.parts if layout.has_stages else ()
        part = next((one for one in parts if stage in (one.name, one.number)), None)
        if part is None:
            known = [one.name for one in parts]
            expected = f"a stage, {known_one(stage, known)}"
            raise ScenarioError([Problem(file="--stage", key="", found=repr(stage), expected=expected)])
        drawn, stem = diagram.draw_stage(layout, part), f"{layout.pathway.name}_stage_{part.name}"
        table = table[(table["from_stage"] == part.number) | (table["to_stage"] == part.number)]
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem.replace(" ", "_")
    heading = [f"{drawn.title}.", diagram.STAMP]
    return [*save(drawn, folder / stem), write_table(table, folder / f"{stem}.csv", heading)]


def find_case(
    scenario: Scenario,
    *,
    seed: int,
    replication: int,
    number: int,
    where: Sequence[str],
    engine: str | None,
    notice: Callable[[str], object],
) -> one_case.CaseStory:
    """Play one replication and tell one of its recorded cases.

    Args:
        scenario: what to play.
        seed: any whole number.
        replication: which future, from 0.
        number: which of the cases that fit, from 1, in the order of receipt.
        where: what the case must have, ``outcome=dismissed``.
        engine: what plays.
        notice: told what whoever waits should know.

    Raises:
        ScenarioError: a filter means nothing, or there is no such case; what is found says how many there are.
    """
    plan = scenario.plan
    filters, problems = one_case.read_filters(plan, where)
    if number < 1:
        problems.append(Problem(file="--number", key="", found=str(number), expected="1 for the first case"))
    if replication < 0:
        problems.append(
            Problem(file="--replication", key="", found=str(replication), expected="0 for the first future")
        )
    if problems:
        raise ScenarioError(problems)
    record = play_one(plan, seed, replication, engine, notice)
    cases = one_case.fitting(plan, record, filters)
    if number > len(cases):
        fit = f" with {', '.join(where)}" if where else ""
        few = f"{len(cases) or 'no'} recorded case{'' if len(cases) == 1 else 's'}{fit} in this replication"
        expected = f"1 to {len(cases)}" if cases else "another filter, seed or replication"
        raise ScenarioError([Problem(file="--number", key=str(number), found=few, expected=expected)])
    layout = layout_of(scenario)
    stages = {name: (part.number, part.title) for name, part in layout.part_of.items()} if layout.has_stages else {}
    labels = {key: one.label for key, one in scenario.evidence.numbers.items()}
    return one_case.tell_case(
        plan, record, cases[number - 1], number=number, of=len(cases), labels=labels, stages=stages
    )
