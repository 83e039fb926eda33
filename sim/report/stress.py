"""How does the project answer the STRESS-DES checklist? Its items, each with the answer and where to look.

The items are those of the guideline for discrete-event simulation: Monks, Currie, Onggo, Robinson, Kunc and Taylor, Strengthening the reporting of
empirical simulation studies: introducing the STRESS guidelines, Journal of Simulation 13 (2019), https://doi.org/10.1080/17477778.2018.1442155.
They are named in our own words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One item of the checklist."""

    number: str
    asks: str
    answer: str
    where: tuple[str, ...]
    """Files and folders of the project, from its root."""
    complete: bool = True
    """False where the answer says itself what is missing."""


SECTIONS = {
    "1": "Objectives",
    "2": "Logic",
    "3": "Data",
    "4": "Experimentation",
    "5": "Implementation",
    "6": "Code access",
}

ITEMS: tuple[Item, ...] = (
    Item(
        "1.1",
        "Purpose of the model",
        """What a change in staffing, training or the law would do to the days that misconduct cases take and to dismissal rates, from which date and
for which cases, in a force like the Met.""",
        ("DESIGN.md", "README.md"),
    ),
    Item(
        "1.2",
        "Outputs, and how each is calculated",
        """Every measure has a name, a unit, what it counts, its bases and a definition, in one list that tables and commands are made from; days are
those on the published basis, with the uncensored figure beside them.""",
        ("sim/measures/registry.py", "sim/measures/cohort.py"),
    ),
    Item(
        "1.3",
        "Aims of experimentation",
        """Paired comparison of a baseline with dated reforms in several worlds; a back-test of the year after September 2022; conflicts of the literature
played both ways. Nothing is optimised: a rate of decisions is never a goal.""",
        ("docs/levers.md", "docs/backtest.md", "docs/structure.md"),
    ),
    Item(
        "2.1",
        "Diagram of the base model",
        "Drawn from the declaration by `misconduct show SCENARIO --diagram`; the stages are listed on this page and in the coverage page.",
        ("sim/report/diagram.py", "docs/coverage.md"),
    ),
    Item(
        "2.2",
        "Logic of the base model",
        """Declared once as data, stage by stage; what each of ten kinds of node means is in the design, and the rules of time, ties included, are
numbered sentences with a test each.""",
        ("sim/pathway/misconduct", "DESIGN.md", "sim/plan.py"),
    ),
    Item(
        "2.3",
        "Logic of scenarios",
        """A scenario is dates, worlds and overlays on the numbers; a reform is a file of dated changes whose header says which lever it pulls, what follows
from structure and what from assumption, and which way figures should go.""",
        ("scenarios", "docs/levers.md"),
    ),
    Item(
        "2.4",
        "Algorithms",
        """Queue order, booking of consecutive sitting days in common, guards, handover, joint hearings and joining are given as rules of time and as
small classes of the reference engine; the compiled engine has to agree row by row.""",
        ("sim/plan.py", "sim/engines/reference.py", "tests/test_rules_of_time.py"),
    ),
    Item(
        "2.5.1",
        "Entities",
        "People, cases, subjects (a person in a case) and allegations, with their attributes, levels and how they are drawn.",
        ("sim/pathway/misconduct/attributes.py",),
    ),
    Item(
        "2.5.2",
        "Activities",
        "Work, waits, holds, bookings and decisions by node, each with the number that sets its length or weights.",
        ("sim/pathway/misconduct", "docs/assumptions.csv"),
    ),
    Item(
        "2.5.3",
        "Resources",
        "Teams with posts, caseload places, local units and calendars, and diaries of chairs, panel members, rooms and counsel; all sizes are dated.",
        ("sim/pathway/misconduct/resources.py",),
    ),
    Item(
        "2.5.4",
        "Queues",
        """Cases wait for a place in a caseload, then for attention; hearings for days in common. One number orders each queue: a reference date less a
head start by level, then case, then token.""",
        ("sim/engines/servers.py", "DESIGN.md"),
    ),
    Item(
        "2.5.5",
        "Entry and exit points",
        "Three streams (internal, public, probationers) come in at rates thinned by who comes forward; a token ends at a named exit, and every way out is counted.",
        ("sim/pathway/misconduct/reporting.py", "sim/pathway/misconduct/exits.py"),
    ),
    Item(
        "3.1",
        "Data sources",
        "A register of published figures, as printed, each with title, link, place, quality and role; what may be fitted and what is kept back is said there.",
        ("scenarios/evidence/register.toml",),
    ),
    Item(
        "3.2",
        "Pre-processing",
        """None of records: only published aggregates are used. Arithmetic from them is written beside the number it gives (grade *derived*), and rows computed
from others name them, so that a figure kept back cannot come in by the back door.""",
        ("scenarios/evidence", "sim/evidence.py"),
    ),
    Item(
        "3.3",
        "Input parameters",
        "Every number with unit, dates, range, grade, source or reason; `misconduct show SCENARIO` prints them as a scenario lays them.",
        ("scenarios/evidence", "docs/assumptions.csv"),
    ),
    Item(
        "3.4",
        "Assumptions",
        "The register of assumed numbers is made from the evidence and is complete by test; assumptions of structure are in the design, section 7.",
        ("docs/assumptions.csv", "DESIGN.md"),
    ),
    Item(
        "4.1",
        "Initialisation",
        """Play begins on 1 December 2008, four years and four months before the window of 2013 to 2022, which fill queues, records and warnings; `today` begins in
April 2019. A run may instead begin with a table of open cases.""",
        ("scenarios/casey_2022.toml", "scenarios/today.toml", "sim/scenario/opening.py"),
    ),
    Item(
        "4.2",
        "Run length",
        "Until the extract date of the scenario; received cohorts are seen at that date, as in the data, and the share still open stands beside the mean.",
        ("scenarios", "sim/measures/cohort.py"),
    ),
    Item(
        "4.3",
        "Estimation",
        """Independent replications, paired between arms by named draws; means with 95% t intervals (computing) and, from ten replications, the 10% and 90%
points of single futures (chance). The range over worlds is shown and is not called an interval.""",
        ("sim/experiment/intervals.py", "DESIGN.md"),
    ),
    Item(
        "5.1",
        "Software and language",
        "Python 3.11 or newer; SimPy for the reference engine and, as an extra, numba for the compiled one. Versions are locked with hashes.",
        ("pyproject.toml", "requirements/run.txt"),
    ),
    Item(
        "5.2",
        "Random sampling",
        """Draws have no state: each is a hash of the seed, the replication, the row, the node, the purpose and the visit, so that one more case disturbs no
other draw.""",
        ("sim/engines/draws.py",),
    ),
    Item(
        "5.3",
        "Execution",
        "By event in both engines, in whole minutes, all that falls due in an instant in the order of the rules of time; replications in threads or processes, to the same digits.",
        ("sim/engines/fast/kernel.py", "sim/experiment/pools.py"),
    ),
    Item(
        "5.4",
        "System specification",
        "Any machine that runs Python; run times and the machine they were measured on are in the benchmark table.",
        ("results/benchmark/benchmark.md",),
    ),
    Item(
        "6.1",
        "How to obtain and run the model",
        "All code, scenarios, evidence and results are in this repository under the MIT licence; `make compare` installs and runs it. No archived release with a DOI exists yet.",
        ("README.md", "LICENSE", "CITATION.cff"),
        complete=False,
    ),
)
