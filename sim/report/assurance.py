"""What does the model rest on, who has looked at it, and what may it be used for? `docs/assurance.md` and `docs/assumptions.csv`, made from evidence and pathway.

``make docs`` writes both; a test says that they are today's and complete: every assumed number that a shipped plan reads is in the register, every stage
of the pathway in the description, no item of the checklist without an answer. The roles are those of HM Treasury's Aqua Book.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sim.evidence import Evidence, Number, Step
from sim.pathway.misconduct import PATHWAY
from sim.report.stress import ITEMS, SECTIONS
from sim.scenario import load_scenario
from sim.scenario.files import shipped_folder
from sim.scenario.load import Change, evidence_of, names

ASSUMED = ("assumed", "elicited")
ROOT = "../"
"""From the page to the root of the project."""

# --- who could say better -------------------------------------------------------------------------------------------------

FORCE, LOCAL, CENTRE = "force: professional standards, analysis", "force: local units", "force: central directorate"
AUTHORITY, HEARINGS, PEOPLE = "force: appropriate authority", "force: hearings unit", "force: human resources"
MONEY, IOPC, CRIMINAL, POLICY = (
    "force: finance",
    "IOPC",
    "prosecutors and courts",
    "Home Office and College of Policing",
)

OWNER_ROLES: Mapping[str, str] = {
    "law": POLICY,
    "costs": MONEY,
    "capacity": MONEY,
    "iopc": IOPC,
    "iopc_caseworkers": IOPC,
    "referral": IOPC,
    "criminal": CRIMINAL,
    "pause": CRIMINAL,
    "psu": LOCAL,
    "practice": LOCAL,
    "file": LOCAL,
    "quality": LOCAL,
    "dormancy": LOCAL,
    "enquiries": LOCAL,
    "interview": LOCAL,
    "investigators": LOCAL,
    "initial": LOCAL,
    "dps": CENTRE,
    "specialist": CENTRE,
    "anti_corruption": CENTRE,
    "vetting": "force: vetting unit",
    "public": "force: complaints unit",
    "authority": AUTHORITY,
    "severity": AUTHORITY,
    "decision": AUTHORITY,
    "disposal": AUTHORITY,
    "suspension": AUTHORITY,
    "restriction": AUTHORITY,
    "accelerated": AUTHORITY,
    "hearing": HEARINGS,
    "hearings": HEARINGS,
    "case_managers": HEARINGS,
    "meeting": HEARINGS,
    "response": HEARINGS,
    "prehearing": HEARINGS,
    "outcome": HEARINGS,
    "appeal": HEARINGS,
    "workforce": PEOPLE,
    "staff": PEOPLE,
    "staffing": PEOPLE,
    "human_resources": PEOPLE,
    "leaving": PEOPLE,
    "severance": PEOPLE,
    "regulation_13": PEOPLE,
    "performance": PEOPLE,
    "force": FORCE,
    "demand": FORCE,
    "reporting": FORCE,
    "recording": FORCE,
    "triage": FORCE,
    "intake": FORCE,
    "source": FORCE,
    "breach": FORCE,
    "seriousness": FORCE,
    "strength": FORCE,
    "linkage": FORCE,
    "reopening": FORCE,
}
"""By the first word of a key the role that could replace an assumption by a fact: whom to ask. Roles, not people; none of them has been asked."""

READ_ELSEWHERE: Mapping[str, str] = {
    "costs": "measures of cost",
    "capacity": "posts and money against what was published",
    "law": "measures of limits",
    "staffing": "staffing sheets",
    "workforce": "people of the force",
    "force": "people of the force",
}
"""Who reads numbers that no node, team, diary or stream of the pathway names."""


_NAME = re.compile(r"[a-z]\w*(?:\.\w+)*")


def _texts(thing: object) -> Iterator[str]:
    """Every text in a tree of frozen data, names of numbers among them."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(thing, tuple | list | frozenset):
        for one in thing:
            yield from _texts(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _texts(getattr(thing, field.name))


@cache
def readers() -> Mapping[str, frozenset[str]]:
    """By name of a number, or of a family of numbers (``dps.by_severity``), the parts of the pathway that name it."""
    found: dict[str, set[str]] = {}

    def take(thing: object, reader: str) -> None:
        for text in _texts(thing):
            for name in _NAME.findall(text):  # a condition names a number in a sentence of three words
                found.setdefault(name, set()).add(reader)

    for stage in PATHWAY.stages:
        take(stage.nodes, f"stage {stage.number} {stage.name}")
    for team in PATHWAY.teams:
        take(team, f"team {team.name}")
    for diary in PATHWAY.diaries:
        take(diary, f"diary {diary.name}")
    for stream in PATHWAY.streams:
        take(stream, f"stream {stream.name}")
    for attribute in PATHWAY.attributes:
        take(attribute, f"draw of {attribute.name}")
    for clock in PATHWAY.clocks:
        take(clock, f"clock {clock.name}")
    take(PATHWAY.population, "people of the force")
    return {text: frozenset(who) for text, who in found.items()}


def read_by(key: str) -> tuple[str, ...]:
    """What reads a number: parts of the pathway, in order, or who does outside it; empty if nothing known does."""
    found = readers()
    words = key.split(".")
    who: set[str] = set()
    for length in range(len(words), 0, -1):
        who |= found.get(".".join(words[:length]), frozenset()) if length > 1 or len(words) == 1 else frozenset()
    if not who and words[0] in READ_ELSEWHERE:
        who = {READ_ELSEWHERE[words[0]]}
    return tuple(sorted(who, key=_in_order))


def _in_order(reader: str) -> tuple[int, str]:
    words = reader.split()
    return (int(words[1]), reader) if words[0] == "stage" else (99, reader)


# --- the register of assumptions ------------------------------------------------------------------------------------------

COLUMNS = (
    "key", "label", "laid_by", "from", "value", "low", "high", "unit", "because", "sources", "who_could_say", "read_by", "moved_by_calibration",
)  # fmt: skip


@dataclass(frozen=True)
class Assumption:
    """One assumed step of one number, or what a world takes in its place."""

    number: Number
    laid_by: str
    """``evidence``, or the file that lays it over."""
    since: date
    value: float
    operation: str
    low: float | None
    high: float | None
    because: str
    sources: tuple[str, ...]


def assumptions(evidence: Evidence) -> list[Assumption]:
    """Every assumed step of the evidence, by key, then what worlds and scenarios lay over any number."""
    found = [
        _of_step(number, step)
        for _, number in sorted(evidence.numbers.items())
        for step in number.steps
        if step.grade in ASSUMED
    ]
    return [*found, *_laid_over(evidence)]


def _of_step(number: Number, step: Step) -> Assumption:
    return Assumption(
        number, "evidence", step.from_, step.value, "set", step.low, step.high, step.because, tuple(step.source)
    )


def _laid_over(evidence: Evidence) -> Iterator[Assumption]:
    """What files of scenarios and worlds change: each change once, with what its file says of it."""
    seen: set[tuple[str, str, str, date]] = set()
    for name in sorted(names("scenarios")):
        for world in load_scenario(name).baseline.worlds or ("",):
            scenario = load_scenario(name, world=world or None)
            for change in scenario.changes:
                said = scenario.baseline.description
                if scenario.world is not None and Path(change.source).stem == world:
                    points = [point.text for point in scenario.world.points if change.key in point.changes]
                    said = " ".join(points)
                yield from _of_change(evidence, change, said, seen)


def _of_change(
    evidence: Evidence, change: Change, said: str, seen: set[tuple[str, str, str, date]]
) -> Iterator[Assumption]:
    where = "/".join(Path(change.source).parts[-2:])
    where = where if "worlds" in where else Path(change.source).name
    for day, amount in change.steps:
        at = (where, change.operation, change.key, day)
        if amount is None or at in seen:
            continue
        seen.add(at)
        number = evidence.numbers[change.key]
        step = number.at(day)
        keeps_range = change.operation == "set"
        low, high = (step.low, step.high) if keeps_range else (None, None)
        yield Assumption(number, where, day, amount, change.operation, low, high, said, ())


def moved_by_calibration(folder: Path) -> Mapping[str, str]:
    """By key the parameter of a calibration that moves it; empty while there is none.

    Args:
        folder: the scenario folder; parameters are those of ``calibration/parameters.toml`` in it.
    """
    path = folder / "calibration" / "parameters.toml"
    if not path.is_file():
        return {}
    declared = tomllib.loads(path.read_text(encoding="utf-8")).get("parameters", {})
    return {key: name for name, one in declared.items() for key in one.get("numbers", ())}


def register_csv(found: list[Assumption], moved: Mapping[str, str]) -> str:
    """The register as text of a CSV file: `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        key = one.number.key
        unit = one.number.unit if one.operation in ("set", "add") else f"times ({one.number.unit})"
        writer.writerow(
            [
                key, one.number.label, one.laid_by, one.since, f"{one.value:.10g}", *("" if end is None else f"{end:.10g}" for end in (one.low, one.high)),
                f"added ({unit})" if one.operation == "add" else unit, " ".join(one.because.split()), " ".join(one.sources),
                OWNER_ROLES[key.split(".")[0]], "; ".join(read_by(key)), moved.get(key, ""),
            ]
        )  # fmt: skip
    return text.getvalue()


# --- what was looked at, and what was not ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of the assurance log."""

    on: date
    looked_at: str
    by: str
    found: str
    where: tuple[str, ...]


ROLES: Mapping[str, tuple[str, str]] = {
    "Commissioner": (
        "Says what question is asked, what decision hangs on it and how sure it has to be.",
        "Nobody yet: questions so far are those of the published review of 2022. Whoever uses the model for a decision takes this role, in writing.",
    ),
    "Analyst": (
        "Builds, tests and runs the model, writes down what it assumes, answers for what is said with it.",
        "The contributors of the project.",
    ),
    "Analytical assurer": (
        "Looks at it independently of the analyst: is it the right model, is it built right, is it used within its limits?",
        "Nobody yet. What the log names was done by the contributors themselves: verification, not independent assurance.",
    ),
    "Approver": (
        "Says for a given use that its strength and limits are understood, and signs.",
        "Nobody yet: a check that passes approves no use.",
    ),
}
"""Role of the Aqua Book: what it does, and who holds it."""

LOG: tuple[Entry, ...] = (
    Entry(
        date(2026, 11, 22), "The first pathway against the published aggregates, one world at a time", "analyst",
        "Fitted by hand; three worlds come about equally near the main figures. Not a calibration: that of 26 November, below, weighs their families unequally.", ("scenarios/worlds", "results/reference/headline.csv"),
    ),
    Entry(
        date(2026, 11, 25), "Rules of the law and of the process, by hand-made cases", "analyst",
        "One file for each rule, with the sums; each goes another way when its rule is taken away.", ("tests/cases", "tests/test_cases.py"),
    ),
    Entry(
        date(2026, 11, 25), "The law by date against a hand-written book of 2008 and of today", "analyst",
        "The steps between the two books add up. No lawyer has looked at it.", ("docs/law.md", "tests/test_law.py"),
    ),
    Entry(
        date(2026, 11, 25), "Which way each reform should move its figures, said beforehand", "analyst",
        "Tested on paired futures of the small force, with the opposite where there is one.", ("docs/levers.md", "tests/test_levers.py"),
    ),
    Entry(
        date(2026, 11, 26), "The compiled engine against the reference engine, every world and reform", "analyst",
        "63 plays, 106 million rows, none differs; faults planted on purpose are found.", ("results/agreement/agreement.csv", "tests/test_planted_faults.py"),
    ),
    Entry(
        date(2026, 11, 26), "Speed, beside peers and a program in C", "analyst",
        "Measured, with what was missed.", ("results/benchmark/benchmark.md",),
    ),
    Entry(
        date(2026, 11, 26), "The year after September 2022, never fitted, as a back-test", "analyst",
        "Hits and misses, misses as large as hits, with what they suggest; nothing was repaired by them.", ("docs/backtest.md",),
    ),
    Entry(
        date(2026, 11, 26), "Conflicts of the literature, both readings", "analyst",
        "Which answers depend on the reading is said by a rule set beforehand.", ("docs/structure.md",),
    ),
    Entry(
        date(2026, 11, 26), "A calibration of 36 parameters, which move 46 unpublished numbers, to 41 published figures", "analyst",
        "An ensemble of 48. After two trials three assumed ranges were widened and one way for a case to end was added, because shares of meetings and numbers suspended or "
        "restricted were missed: those figures are no test of it.", ("docs/calibration.md", "scenarios/calibration/parameters.toml"),
    ),
    Entry(
        date(2026, 11, 26), "The ensemble against every published figure, calibration and hold-out apart", "analyst",
        "30 of 33 families that may be fitted are inside, 90% are needed; 13 of 27 held out. What followed September 2022 is missed by far.", ("docs/validation.md",),
    ),
)  # fmt: skip
"""In order of date. Only what was done."""

NOT_DONE: tuple[str, ...] = (
    "Review by anybody outside the project: of code, of evidence, of results.",
    "Review of the pathway by people who do the work: local units, the directorate, hearings, the federation, the IOPC.",
    "Legal review of the law by date; what is background knowledge is marked *to be verified*.",
    "Comparison with any record of the force: only published aggregates have been seen.",
    "Elicitation of assumed numbers from those who could know; no number has the grade *elicited*.",
    "A run by somebody else on their own machine, reported back.",
    "Approval for any use.",
)

MAY: tuple[str, ...] = (
    "To learn how queues, waits for others and steps done twice make days, and which of them a change would touch.",
    "To compare reforms in the same futures, in every world, where all worlds agree on the sign.",
    "To find which missing number would settle a question, and to ask for it.",
    "To check a claim of the form 'more of X makes cases faster' for what it silently assumes.",
)
MAY_NOT: tuple[str, ...] = (
    "To say, rank or predict anything about a person. Recurrence here is in being reported.",
    "To set a budget, a staffing level or a date in law by one number: levels are illustrative, and most assumptions are nobody's data.",
    "To conclude what chairs, training, thresholds or linkage do: their effects are put in.",
    "To seek more or fewer dismissals: a rate of decisions is never a goal.",
    "To explain disparity: ethnicity enters what is recorded and nothing after it.",
    "For another force, without its own staffing, inflow and units.",
)
POPULATIONS: tuple[str, ...] = (
    "In: officers and staff of one force like the Met; internal conduct matters; complaints by the public that indicate misconduct, and the rest of those investigated as load; probationers' matters under regulation 13.",
    "Out: special constables, complaints that are not investigated, chief officers' own matters, deaths and serious injuries as such, other forces.",
)
STAFFING = (
    "psu.investigators", "dps.investigators", "specialist.investigators", "anti_corruption.investigators", "iopc.investigators", "authority.posts", "intake.posts", "case_managers.posts",
    "vetting.reviewers", "hearings.legally_qualified_chairs", "hearings.chief_officer_chairs", "hearings.panel_members", "hearings.rooms", "hearings.counsel",
)  # fmt: skip
"""Numbers whose range bounds what may be asked of staffing."""


# --- the page -------------------------------------------------------------------------------------------------------------


def page(evidence: Evidence, found: list[Assumption], moved: Mapping[str, str]) -> str:
    """The whole page, in Markdown."""
    parts = [
        *_opening(),
        *_use(evidence),
        *_roles(),
        *_register(evidence, found, moved),
        *_stages(found),
        *_checklist(),
    ]
    return "\n".join(parts) + "\n"


def _opening() -> Iterator[str]:
    yield "# Assurance"
    yield ""
    yield "Made from the evidence and the pathway by `make docs`; tests keep it today's and complete. What the model was held against is in"
    yield "[the back-test](backtest.md) and in the page on validation; [structure](structure.md) says where the literature conflicts."
    yield ""


def _use(evidence: Evidence) -> Iterator[str]:
    yield "## Intended use and limits of use"
    yield ""
    yield "**Intended use.** To help those who plan for, work in or scrutinise police misconduct systems to see what a dated change would do to the time"
    yield "cases take, to who waits for whom and to what that costs, with the ignorance shown. Results of worlds fitted by hand are illustrative; a calibrated ensemble stands beside them, and no use is approved."
    yield ""
    yield "It may be used:"
    yield ""
    yield from (f"- {text[0].lower()}{text[1:]}" for text in MAY)
    yield ""
    yield "It may not be used:"
    yield ""
    yield from (f"- {text[0].lower()}{text[1:]}" for text in MAY_NOT)
    yield ""
    yield "**Populations.** " + " ".join(POPULATIONS)
    yield ""
    yield "**Dates.** Results count from and to:"
    yield ""
    yield "| scenario | played from | results from | until | beyond |"
    yield "|---|---|---|---|---|"
    for name in sorted(names("scenarios")):
        base = load_scenario(name).baseline
        last = max(step.from_ for number in evidence.numbers.values() for step in number.steps)
        beyond = (
            f"no number changes after {last}: what comes later is held on"
            if base.ends_on and base.ends_on > last
            else "not played"
        )
        yield f"| `{name}` | {base.starts_on} | {base.window_from} | {base.extract_on} | {beyond} |"
    yield ""
    yield "**Staffing.** The range is what the evidence holds possible; a reform beyond it extrapolates, and a world that is beyond it says so."
    yield ""
    yield "| number | what | from | value | lowest | highest | grade |"
    yield "|---|---|---|--:|--:|--:|---|"
    for key in STAFFING:
        for step in evidence.numbers[key].steps:
            yield f"| `{key}` | {evidence.numbers[key].label} | {step.from_} | {step.value:g} | {step.low:g} | {step.high:g} | {step.grade} |"
    yield ""


def _roles() -> Iterator[str]:
    yield "## Roles and log"
    yield ""
    yield "Roles of the Aqua Book (HM Treasury). They are roles; nobody is named because nobody has been appointed."
    yield ""
    yield "| role | what it does | who holds it |"
    yield "|---|---|---|"
    for role, (does, held) in ROLES.items():
        yield f"| {role} | {does} | {held} |"
    yield ""
    yield "| date | what was looked at | by | found | where |"
    yield "|---|---|---|---|---|"
    for one in LOG:
        yield f"| {one.on} | {one.looked_at} | {one.by} | {one.found} | {_links(one.where)} |"
    yield ""
    yield "**Not done:**"
    yield ""
    yield from (f"- {text}" for text in NOT_DONE)
    yield ""


def _links(where: tuple[str, ...]) -> str:
    return ", ".join(f"[`{path}`]({ROOT}{path})" for path in where)


def _register(evidence: Evidence, found: list[Assumption], moved: Mapping[str, str]) -> Iterator[str]:
    of_evidence = [one for one in found if one.laid_by == "evidence"]
    keys = {one.number.key for one in of_evidence}
    yield "## The register of assumptions"
    yield ""
    yield "Every assumed number, with value, unit, range, reason, who could say better, what reads it and whether a calibration moves it, is in"
    yield f"[assumptions.csv](assumptions.csv): {len(of_evidence)} dated values of {len(keys)} numbers of {len(evidence.numbers)}, and {len(found) - len(of_evidence)} that scenarios and"
    yield f"worlds lay over them. {len(keys & moved.keys())} of these numbers are moved by a calibration; for the rest nothing seen says whether they are right."
    yield ""
    yield "| who could say better | assumed numbers | of them moved by a calibration | widest, of ten or more (highest over lowest) |"
    yield "|---|--:|--:|---|"
    roles = Counter(OWNER_ROLES[key.split(".")[0]] for key in keys)
    for role, count in sorted(roles.items(), key=lambda item: (-item[1], item[0])):
        mine = [key for key in keys if OWNER_ROLES[key.split(".")[0]] == role]
        wide = sorted(((_width(evidence.numbers[key]), key) for key in mine), reverse=True)
        said = ", ".join(f"`{key}` ({width:,.0f})" for width, key in wide[:3] if width >= 10)
        yield f"| {role} | {count} | {sum(key in moved for key in mine)} | {said or 'none'} |"
    yield ""


def _width(number: Number) -> float:
    """The widest range of its assumed steps, highest over lowest; 0 where the lowest is 0."""
    return max((step.high / step.low for step in number.steps if step.grade in ASSUMED and step.low > 0), default=0.0)


def _stages(found: list[Assumption]) -> Iterator[str]:
    reads = Counter(
        reader for key in {one.number.key for one in found if one.laid_by == "evidence"} for reader in read_by(key)
    )
    yield "## The pathway, stage by stage"
    yield ""
    yield "| # | stage | what happens there | assumed numbers it reads |"
    yield "|--:|---|---|--:|"
    for stage in sorted(PATHWAY.stages, key=lambda stage: stage.number):
        yield f"| {stage.number} | `{stage.name}`: {stage.title} | {' '.join(stage.meaning.split())} | {reads[f'stage {stage.number} {stage.name}']} |"
    yield ""


def _checklist() -> Iterator[str]:
    answered = sum(item.complete for item in ITEMS)
    yield "## STRESS-DES"
    yield ""
    yield f"The reporting checklist for discrete-event simulation (Monks and others, 2019), item by item: {answered} of {len(ITEMS)} answered in full."
    for number, title in SECTIONS.items():
        yield ""
        yield f"### {number}. {title}"
        yield ""
        yield "| item | asks for | answer | where |"
        yield "|---|---|---|---|"
        for item in ITEMS:
            if item.number.split(".")[0] == number:
                answer = " ".join(item.answer.split()) + ("" if item.complete else " *In part.*")
                yield f"| {item.number} | {item.asks} | {answer} | {_links(item.where)} |"


def made() -> tuple[str, str]:
    """The page and the register as they should be today."""
    folder = shipped_folder()
    evidence = evidence_of((folder,))
    found, moved = assumptions(evidence), moved_by_calibration(folder)
    return page(evidence, found, moved), register_csv(found, moved)


if __name__ == "__main__":
    (docs,) = [Path(word) for word in sys.argv[1:]] or [Path("docs")]
    for text, name in zip(made(), ("assurance.md", "assumptions.csv"), strict=True):
        (docs / name).write_text(text, encoding="utf-8", newline="\n")
