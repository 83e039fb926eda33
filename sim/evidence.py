"""What do we know? A number with unit, start date, source, grade and range.

A folder of evidence holds three kinds of TOML file:

* ``register.toml``: what was published, one table per figure, as printed, with its role. A figure whose
  role is ``validate`` is kept back to test the model and may never become one of its inputs;
* ``targets.toml``: the published figures that a measure of the model is held against;
* every other file: the numbers the model reads, for example::

      [hearings.rooms]
      label = "Hearing rooms that can sit at once"
      unit = "rooms"
      [[hearings.rooms.values]]
      from = 2023-10-01             # holds from 00:00 of this day until the next step
      value = 4
      low = 2
      high = 4
      grade = "published"
      source = "hrg_rooms_max"      # an id of the register, or a list of them

A step may also name the ``instrument`` that put it there, such as a statutory instrument, and the ``regime`` of which it is part; of a
law (a key that opens with ``law.``) a step that is published or derived has to.

``load_evidence`` reads whole folders and, if anything is wrong, raises one ``EvidenceError`` that names every
problem.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

Grade = Literal["published", "derived", "elicited", "assumed"]
Role = Literal["calibrate", "validate", "conflict", "context"]
Quality = Literal["A", "B", "C"]
Counted = Literal["allegation", "case", "subject", "person", "hearing"]
Basis = Literal[
    "received_cohort", "received_in_period", "finalised_in_period", "survival", "in_period", "at_period_end"
]


def _one_line(text: str) -> str:
    """Text as read, however the file broke its lines."""
    return " ".join(text.split())


Prose = Annotated[str, AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_one_line)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Attached = Annotated[str, StringConstraints(pattern=r"^(now|(person|case|subject|allegation)\.[a-z][a-z0-9_]*)$")]

MAXIMUM_BYTES = 2_000_000
MAXIMUM_LINE = 4_000  # the TOML reader takes quadratic time over one very long dotted key
MAXIMUM_DEPTH = 6
REGISTER_FILE = "register.toml"
LAW = "law."
"""What the keys of laws open with."""
TARGETS_FILE = "targets.toml"


class Unit(NamedTuple):
    """What a number of this unit may be: no number of the model is below zero."""

    highest: float = float("inf")
    whole: bool = False


# Units stop at the border: a share is a fraction, a switch is 0 or 1, a rate names its denominator.
UNITS: Mapping[str, Unit] = {
    "switch": Unit(highest=1, whole=True),
    "share": Unit(highest=1),
    "ratio": Unit(),
    "people": Unit(),
    "posts": Unit(highest=100_000),
    "cases": Unit(),
    "allegations": Unit(),
    "hearings": Unit(),
    "cases_per_post": Unit(),
    "count": Unit(whole=True),
    "rooms": Unit(whole=True),
    "chairs": Unit(whole=True),
    "members": Unit(whole=True),
    "minutes": Unit(),
    "hours": Unit(),
    "hours_per_day": Unit(highest=24),
    "hours_per_week": Unit(highest=168),
    "hours_per_year": Unit(highest=8784),
    "working_days": Unit(),
    "days": Unit(),
    "weeks": Unit(),
    "months": Unit(),
    "years": Unit(),
    "rate_per_year": Unit(),
    "per_person_year": Unit(),
    "GBP": Unit(),
    "GBP_per_hour": Unit(),
    "GBP_per_day": Unit(),
    "GBP_per_year": Unit(),
}

_FOREIGN_UNITS = {
    "percent": "'share', a fraction: 8 percent is 0.08",
    "%": "'share', a fraction: 8 percent is 0.08",
    "boolean": "'switch', 0 or 1",
    "date": "no number: a day on which rules change belongs to a reform, as in_force_on",
    "category": "no number: a choice between two is a 'switch', 0 or 1",
}


class Problem(BaseModel):
    """One thing wrong with one entry of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    key: str
    "Dotted name of the entry; empty when the whole file is meant."
    found: str
    expected: str
    "What would be right, with the nearest right thing where there is one."

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: found {self.found}; expected {self.expected}"


class EvidenceError(Exception):
    """The evidence cannot be used: every problem of every file, in the order of reading."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        return "\n".join([f"{count} problem{'s' if count != 1 else ''} in the evidence", *map(str, self.problems)])


class Fault(NamedTuple):
    """A rule broken inside one entry; with the file and the key it becomes a Problem."""

    field: str
    found: str
    expected: str


class Checked(BaseModel):
    """Frozen, strict, and held to ``faults`` however it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        """Rules between fields, judged only on the fields that are right in themselves."""
        faults = []
        if {"low", "value"} <= good.keys() and good["low"] > good["value"]:
            faults.append(Fault("low", f"{good['low']:g}", f"at most the value, {good['value']:g}"))
        if {"high", "value"} <= good.keys() and good["high"] < good["value"]:
            faults.append(Fault("high", f"{good['high']:g}", f"at least the value, {good['value']:g}"))
        return faults

    @model_validator(mode="after")
    def _has_no_faults(self) -> Self:
        faults = self.faults(dict(self))
        if faults:
            text = "; ".join(f"{fault.field}: found {fault.found}, expected {fault.expected}" for fault in faults)
            raise PydanticCustomError("faults", "{text}", {"text": text, "faults": faults})
        return self


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Ids = Annotated[tuple[Text, ...], BeforeValidator(_as_list), Field(strict=False)]


class Step(Checked):
    """A value that holds from 00:00 of ``from_`` until the next step.

    The range ``low`` to ``high`` is ignorance, not chance. A published or derived value without a range is
    taken as exactly known; an elicited or assumed one must state its range.
    """

    from_: date = Field(validation_alias="from", serialization_alias="from")
    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    grade: Grade
    source: Ids = ()
    "Ids of the register."
    because: Prose = ""
    "Why this value and no other (assumed), or the arithmetic (derived)."
    instrument: Prose = ""
    "What put it there: a statutory instrument, a judgment, a policy."
    regime: str = ""
    "The event it is part of: R0, R1a... a regime of law, E1... a judgment or an event, M1... a decision of the force."

    @model_validator(mode="before")
    @classmethod
    def _exactly_known(cls, raw: object) -> object:
        if isinstance(raw, Mapping) and raw.get("grade") in ("published", "derived") and "value" in raw:
            return {"low": raw["value"], "high": raw["value"], **raw}
        return raw

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        faults = super().faults(good)
        grade = good.get("grade")
        if grade in ("published", "derived", "elicited") and "source" in good and not good["source"]:
            faults.append(Fault("source", "nothing", f"the id of a row of the register: the grade is {grade!r}"))
        wanted = {
            "assumed": "why this value and not another",
            "derived": "the arithmetic, with the ids it uses",
        }
        if grade in wanted and "because" in good and not good["because"].strip():
            faults.append(Fault("because", "nothing", f"{wanted[grade]}: the grade is {grade!r}"))
        if good.get("regime") and not re.fullmatch(r"[REM]\d+[a-z]?", good["regime"]):
            faults.append(Fault("regime", show(good["regime"]), "R, E or M and a number, such as 'R7'"))
        return faults


class _Heading(Checked):
    """What a number says of itself before its values."""

    label: Text
    unit: str
    "One of UNITS."
    attach: Attached = "now"
    "Which date of a case the value is read at: the name of a date attribute of the model, or ``now``."

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        unit = good.get("unit")
        if unit is None or unit in UNITS:
            return []
        return [Fault("unit", show(unit), _FOREIGN_UNITS.get(unit) or one_of(unit, UNITS))]


class Number(_Heading):
    """One number the model reads, under its dotted key, as dated steps."""

    key: str
    steps: tuple[Step, ...] = Field(min_length=1, strict=False)
    file: str
    "Folder and name of the file that states it."

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        steps = list(enumerate(good.get("steps", ())))
        return (
            super().faults(good) + _faults_in_series(good.get("unit"), steps) + _faults_in_law(good.get("key"), steps)
        )

    def at(self, on: date) -> Step:
        """The step that holds on a day.

        Raises LookupError before the first step: nothing is known then, and nothing is guessed.
        """
        for step in reversed(self.steps):
            if step.from_ <= on:
                return step
        raise LookupError(f"{self.key} is not known on {on}: it starts on {self.steps[0].from_}")


class SourceRow(Checked):
    """One published figure of the register, as printed: percentages stay percentages, in the printed unit."""

    id: str
    role: Role
    same_fact_as: Ids = ()
    "Rows that state the same fact from another place."
    derived_from: Ids = ()
    "Rows this one was computed from; the arithmetic is in ``locator``."
    label: Text
    value: FiniteFloat | None = None
    text: str | None = None
    "What is printed where it is no single number."
    unit: str
    period: str
    population: str
    quality: Quality
    "A: read in the source. B: read in a report of the source. C: computed or inferred here."
    title: Text
    link: str = ""
    locator: str = ""
    note: Prose = ""

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        if {"value", "text"} <= good.keys() and (good["value"] is None) == (good["text"] is None):
            found = "neither" if good["value"] is None else "both"
            return [Fault("value", found, "either a number as value or words as text")]
        return []


class Target(Checked):
    """A published figure and the measure of the model that answers it, in the unit of the measure."""

    key: str
    label: Text
    ids: Ids
    "Rows of the register that state it, the plainest first."
    role: Role
    "That of the rows. ``context`` is shown beside the results, never scored."
    family: Name
    "Targets of one family are readings of one fact: never count them as separate evidence."
    measure: Name
    counted: Counted
    basis: Basis
    group: str = ""
    and_groups: Ids = ()
    "Further groups of the measure whose counts are added: ``stream=public`` where the published figure has public complaints in it."
    and_measures: Ids = ()
    "Further measures whose counts are added."
    share_of: Ids = ()
    "Measures whose counts, of the same groups and window, add up to what it is a share of."
    against_from: date | None = None
    "The answer is divided by the same of an earlier window, another group or another measure: a growth, an excess, a mean."
    against_to: date | None = None
    against_group: str | None = None
    against_measure: str = ""
    against_counted: Counted | None = None
    unit: Literal["days", "share", "ratio", "count", "rate_per_year"]
    "``count`` for numbers of things in the window, or at its end; ``rate_per_year`` for yearly means over it."
    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    discrepancy: FiniteFloat = 0.0
    "How far a right model of this simplicity may lie from the truth, as one standard deviation in the unit of the target."
    discrepancy_because: Prose = ""
    because: Text
    "Where the tolerance comes from: rounding, wording, sampling."
    window_from: date
    window_to: date
    "First day after the window."
    scenario: Text = "casey_2022"
    "The scenario that plays the window."
    strength: Literal["firm", "weak"] = "firm"
    "Weak: one unreliable source; report with and without it."

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        faults = super().faults(good)
        if {"window_from", "window_to"} <= good.keys() and good["window_to"] <= good["window_from"]:
            faults.append(Fault("window_to", str(good["window_to"]), f"a date after {good['window_from']}"))
        if "ids" in good and not good["ids"]:
            faults.append(Fault("ids", "nothing", "the id of a row of the register"))
        against = [name for name in ("against_from", "against_to") if good.get(name)]
        if len(against) == 1:
            faults.append(Fault(against[0], "alone", "both against_from and against_to, or neither"))
        elif len(against) == len(("from", "to")) and good["against_to"] <= good["against_from"]:
            faults.append(Fault("against_to", str(good["against_to"]), f"a date after {good['against_from']}"))
        if good.get("discrepancy", 0) < 0:
            faults.append(Fault("discrepancy", f"{good['discrepancy']:g}", "0 or more"))
        if good.get("discrepancy") and not good.get("discrepancy_because", "x").strip():
            faults.append(Fault("discrepancy_because", "nothing", "why a right model may lie so far from the truth"))
        if good.get("unit") == "share":
            outside = [name for name in ("value", "low", "high") if name in good and not 0 <= good[name] <= 1]
            faults += [Fault(name, f"{good[name]:g}", "a fraction from 0 to 1") for name in outside]
        return faults


@dataclass(frozen=True)
class Evidence:
    """Everything known: numbers by dotted key, the register by id, targets by name."""

    numbers: Mapping[str, Number]
    register: Mapping[str, SourceRow]
    targets: Mapping[str, Target]

    def targets_met_by_input(self) -> frozenset[str]:
        """Targets whose fact is itself an input: meeting one tests only the plumbing of the model.

        A published or derived value tells the facts its sources were computed from. An assumed one tells only those it names: what was
        computed from a fact bounds it and is not the fact.
        """
        same = _said_the_same(self.register)
        told: set[str] = set()
        for step in (step for number in self.numbers.values() for step in number.steps):
            for source in step.source:
                told |= {source} if step.grade == "assumed" else _rests_on(source, self.register, same)
        return frozenset(
            key for key, target in self.targets.items() if told & _rests_on(target.ids[0], self.register, same)
        )


def load_evidence(*folders: Path) -> Evidence:
    """Everything in the ``*.toml`` files of these folders.

    A later folder overrides an earlier one, number by number and target by target, so a user's own folder
    comes last. It may add rows to the register but not redefine one: no role changes quietly.

    Raises EvidenceError with every problem of every file.
    """
    reader = _Reader()
    for folder in folders:
        reader.read_folder(folder)
    return reader.finish()


def load_targets(folder: Path) -> Mapping[str, Target]:
    """The targets of one folder, checked against its register.

    Raises EvidenceError with every problem of the two files.
    """
    reader = _Reader()
    reader.read_folder(folder, only=(REGISTER_FILE, TARGETS_FILE))
    return reader.finish().targets


def share_assumed(numbers: Iterable[Number]) -> float | None:
    """Share of the dated values that are graded assumed; None when there are no values."""
    grades = [step.grade for number in numbers for step in number.steps]
    return grades.count("assumed") / len(grades) if grades else None


# ------------------------------------------------------------------------------------------------------------
# Reading files


class Entry(NamedTuple):
    path: Path
    key: str
    table: Any
    "A table when the file is right; anything TOML can hold when it is not."

    def problem(self, field: str, found: str, expected: str) -> Problem:
        key = ".".join(name for name in (self.key, field) if name)
        return Problem(file=str(self.path), key=key, found=found, expected=expected)


def read_toml(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The contents of a TOML file; nothing and the problem if it cannot be read. Never raises for what is in the file."""

    def wrong(found: str, expected: str) -> tuple[dict[str, Any], list[Problem]]:
        return {}, [Problem(file=str(path), key="", found=found, expected=expected)]

    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
        if len(content) > MAXIMUM_BYTES:
            return wrong(f"more than {MAXIMUM_BYTES:,} bytes", "a smaller file")
        if any(len(line) > MAXIMUM_LINE for line in content.split(b"\n")):
            return wrong(f"a line of more than {MAXIMUM_LINE:,} bytes", "shorter lines")
        return tomllib.loads(content.decode("utf-8")), []
    except OSError as error:
        return wrong(error.strerror or "an unreadable file", "a readable file")
    except UnicodeDecodeError as error:
        return wrong(f"a byte that is not UTF-8 at position {error.start}", "UTF-8 text")
    except RecursionError:
        return wrong("brackets nested too deeply", "tables of plain values")
    except ValueError as error:  # TOMLDecodeError, and numbers Python will not read
        return wrong(f"TOML that cannot be read ({short(str(error))})", "TOML")


class _Reader:
    """Gathers entries and problems from folder after folder, then checks what only the whole can tell."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rows: dict[str, tuple[Entry, SourceRow]] = {}
        self.targets: dict[str, tuple[Entry, Target]] = {}
        self.numbers: dict[str, tuple[Entry, Number]] = {}

    def read_folder(self, folder: Path, only: tuple[str, ...] = ()) -> None:
        if not folder.is_dir():
            self._whole_file(folder, "no such folder", "a folder of evidence files (*.toml)")
            return
        seen: dict[tuple[str, str], Path] = {}
        for path in sorted(folder.glob("*.toml")):
            if only and path.name not in only:
                continue
            kind, take = self._kind(path)
            for entry in self._entries(path, flat=kind != "number"):
                first = seen.setdefault((kind, entry.key), path)
                if first == path:
                    take(entry)
                else:
                    expected = f"one only: it is stated in {first}"
                    self.problems.append(entry.problem("", "a second statement", expected))

    def _kind(self, path: Path) -> tuple[str, Callable[[Entry], None]]:
        if path.name == REGISTER_FILE:
            return "row", self._take_row
        if path.name == TARGETS_FILE:
            return "target", self._take_target
        return "number", self._take_number

    def _entries(self, path: Path, flat: bool) -> Iterator[Entry]:
        """The tables of one file: the outermost when flat, else those that hold more than tables."""
        example = "[hrg_rooms_max]" if flat else "[hearings.rooms]"
        waiting = [Entry(path, name, table) for name, table in reversed(self._parse(path).items())]
        while waiting:
            entry = waiting.pop()
            if not isinstance(entry.table, dict) or not entry.table:
                found = "an empty table" if entry.table == {} else show(entry.table)
                self.problems.append(entry.problem("", found, f"a table with fields, such as {example}"))
            elif flat or not all(isinstance(value, dict) for value in entry.table.values()):
                yield entry
            elif entry.key.count(".") + 1 >= MAXIMUM_DEPTH:
                expected = f"at most {MAXIMUM_DEPTH} names in a key"
                self.problems.append(entry.problem("", "tables within tables", expected))
            else:
                inner = reversed(entry.table.items())
                waiting += [Entry(path, f"{entry.key}.{name}", table) for name, table in inner]

    def _parse(self, path: Path) -> dict[str, Any]:
        """The contents of a file, or nothing and a problem."""
        content, problems = read_toml(path)
        self.problems += problems
        return content

    def _take_row(self, entry: Entry) -> None:
        row, problems = from_table(SourceRow, entry, {"id": entry.key})
        self.problems += problems
        if row is None:
            return
        first, stated = self.rows.setdefault(row.id, (entry, row))
        if stated != row:
            expected = f"a new id: {first.path} states this row otherwise, and a role cannot be changed"
            self.problems.append(entry.problem("", "another row with this id", expected))

    def _take_target(self, entry: Entry) -> None:
        target, problems = from_table(Target, entry, {"key": entry.key})
        self.problems += problems
        if target is not None:
            self.targets[target.key] = (entry, target)

    def _take_number(self, entry: Entry) -> None:
        number, problems = _build_number(entry)
        self.problems += problems
        if number is None:
            return
        _, earlier = self.numbers.get(number.key, (entry, number))
        if earlier.unit != number.unit:
            expected = f"{earlier.unit!r}, the unit of the number this one overrides ({earlier.file})"
            self.problems.append(entry.problem("unit", show(number.unit), expected))
        self.numbers[number.key] = (entry, number)

    def finish(self) -> Evidence:
        register = {row_id: row for row_id, (_, row) in self.rows.items()}
        for entry, row in self.rows.values():
            for field, ids in (("same_fact_as", row.same_fact_as), ("derived_from", row.derived_from)):
                unknown = [row_id for row_id in ids if row_id not in register]
                self.problems += [entry.problem(field, *_not_in(register, row_id)) for row_id in unknown]
        for entry, target in self.targets.values():
            for row_id in target.ids:
                if row_id not in register:
                    self.problems.append(entry.problem("ids", *_not_in(register, row_id)))
                elif register[row_id].role != target.role:
                    expected = f"{register[row_id].role!r}, the role of {row_id}"
                    self.problems.append(entry.problem("role", show(target.role), expected))
        kept_back = _all_kept_back(register)
        for entry, number in self.numbers.values():
            for index, step in enumerate(number.steps):
                faults = _faults_in_sources(step, register, kept_back)
                self.problems += [entry.problem(f"values[{index}].source", *fault) for fault in faults]
        if self.problems:
            raise EvidenceError(self.problems)
        return Evidence(
            numbers={key: number for key, (_, number) in self.numbers.items()},
            register=register,
            targets={key: target for key, (_, target) in self.targets.items()},
        )

    def _whole_file(self, path: Path, found: str, expected: str) -> None:
        self.problems.append(Problem(file=str(path), key="", found=found, expected=expected))


def _build_number(entry: Entry) -> tuple[Number | None, list[Problem]]:
    """A number from its table. Each step is judged alone first, so that a bad one hides no other problem."""
    heading = dict(entry.table)
    rows = heading.pop("values", [])
    problems = []
    if not all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in entry.key.split(".")):
        expected = "names of small letters, digits and _, such as hearings.rooms"
        problems.append(entry.problem("", show(entry.key), expected))
    headed, heading_problems = from_table(_Heading, entry._replace(table=heading), {}, apart=("values",))
    problems += heading_problems
    if not isinstance(rows, list) or not rows:
        expected = f"at least one dated value: [[{entry.key}.values]]"
        problems.append(entry.problem("values", show(rows) if rows != [] else "nothing", expected))
        rows = []
    steps = []
    for index, row in enumerate(rows):
        place = Entry(entry.path, f"{entry.key}.values[{index}]", row)
        if isinstance(row, dict):
            step, step_problems = from_table(Step, place, {})
            problems += step_problems
            steps += [(index, step)] if step else []
        else:
            problems.append(place.problem("", show(row), f"a table: [[{entry.key}.values]]"))
    faults = _faults_in_series(heading.get("unit"), steps) + _faults_in_law(entry.key, steps)
    problems += [entry.problem(*fault) for fault in faults]
    if problems or headed is None:
        return None, problems
    file = "/".join(entry.path.parts[-2:])
    return Number(**dict(headed), key=entry.key, file=file, steps=tuple(step for _, step in steps)), []


_Model = TypeVar("_Model", bound=Checked)


def from_table(
    model: type[_Model], entry: Entry, added: Mapping[str, str], apart: tuple[str, ...] = ()
) -> tuple[_Model | None, list[Problem]]:
    """The model, or every problem of its table: wrong fields, and rules broken between the right ones.

    ``added`` are fields the file may not set; ``apart`` are names it may set that are read elsewhere.
    """
    fields = {str(field.validation_alias or name): name for name, field in model.model_fields.items()}
    writable = [written for written in fields if written not in added]
    # Names that only Python or the reader may set would pass the model, so they are refused here.
    closed = [name for name in entry.table if name in model.model_fields and name not in writable]
    faults = [Fault(name, "an unknown name", one_of(name, [*writable, *apart])) for name in closed]
    raw = {**entry.table, **added}
    try:
        built = model.model_validate(raw)
        if not faults:
            return built, []
    except ValidationError as error:
        # A range copied from a wrong value is no second mistake.
        written = {*raw, None}
        errors = [
            detail
            for detail in error.errors(include_url=False)
            if detail["type"] == "missing" or next(iter(detail["loc"]), None) in written
        ]
        for detail in errors:
            if detail["type"] == "faults":
                faults += detail["ctx"]["faults"]
            else:
                faults.append(_fault(detail, [*writable, *apart]))
        bad = {detail["loc"][0] for detail in errors if detail["loc"]}
        if bad:  # pydantic stops at wrong fields; the rules between the others still have something to say
            right = {name: field.default for name, field in model.model_fields.items() if not field.is_required()}
            right |= {fields[name]: value for name, value in raw.items() if name in fields}
            faults += model.faults({name: right[name] for name in right if not bad & {name, name.strip("_")}})
    return None, [entry.problem(*fault) for fault in faults]


_EXPECTED = {
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "small letters, digits and _",
    "float_type": "a number",
    "int_type": "a whole number",
    "finite_number": "a finite number",
    "date_type": "a date without quotes, such as 2022-04-01",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def _fault(detail: ErrorDetails, writable: list[str]) -> Fault:
    """One pydantic error in the words of this project."""
    field = _dotted(detail["loc"])
    if detail["type"] == "missing":
        return Fault(field, "nothing", f"{field}, which must be given")
    if detail["type"] == "extra_forbidden":
        return Fault(field, "an unknown name", one_of(field, writable))
    if detail["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        return Fault(field, show(detail["input"]), one_of(detail["input"], choices))
    return Fault(field, show(detail["input"]), _EXPECTED.get(detail["type"], detail["msg"]))


def _dotted(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _faults_in_series(unit_name: object, steps: Iterable[tuple[int, Step]]) -> list[Fault]:
    """Dates out of order and values the unit does not allow; each step comes with its place in the file."""
    unit = UNITS.get(unit_name) if isinstance(unit_name, str) else None
    faults = []
    earlier: date | None = None
    for index, step in steps:
        place = f"values[{index}]"
        if earlier is not None and step.from_ <= earlier:
            faults.append(Fault(f"{place}.from", str(step.from_), f"a date after {earlier}"))
        earlier = step.from_
        for field, value in (("value", step.value), ("low", step.low), ("high", step.high)):
            wrong = outside(value, unit) if unit else ""
            if wrong:
                faults.append(Fault(f"{place}.{field}", f"{value:g}", f"{wrong}: the unit is {unit_name!r}"))
    return faults


def _faults_in_law(key: object, steps: Iterable[tuple[int, Step]]) -> list[Fault]:
    """Steps of a law that state a fact and do not say what made it one."""
    if not (isinstance(key, str) and key.startswith(LAW)):
        return []
    expected = "what put it there, such as 'SI 2020/4, Police (Conduct) Regulations 2020': the step is {} and of a law"
    return [
        Fault(f"values[{index}].instrument", "nothing", expected.format(step.grade))
        for index, step in steps
        if step.grade in ("published", "derived") and not step.instrument
    ]


def outside(value: float, unit: Unit) -> str:
    """What a value of this unit should have been; empty when it is right."""
    if not 0 <= value <= unit.highest:
        return f"from 0 to {unit.highest:g}" if unit.highest < float("inf") else "0 or more"
    if unit.whole and value != int(value):
        return "a whole number"
    return ""


# ------------------------------------------------------------------------------------------------------------
# Facts that must not be used twice


def _said_the_same(register: Mapping[str, SourceRow]) -> Mapping[str, list[str]]:
    """By row the rows that say of themselves that they state the same fact as it."""
    said: dict[str, list[str]] = {}
    for other, row in register.items():
        for row_id in row.same_fact_as:
            said.setdefault(row_id, []).append(other)
    return said


def _rests_on(
    row_id: str, register: Mapping[str, SourceRow], same: Mapping[str, Sequence[str]] | None = None
) -> frozenset[str]:
    """The row, rows that state the same fact, and rows they were computed from, at any distance; `same` is `_said_the_same`."""
    same = _said_the_same(register) if same is None else same
    reached: set[str] = set()
    waiting = [row_id]
    while waiting:
        current = waiting.pop()
        if current in register and current not in reached:
            reached.add(current)
            waiting += [*register[current].same_fact_as, *register[current].derived_from]
            # Being the same fact has no direction: whichever of two rows says so, both mean it.
            waiting += same.get(current, ())
    return frozenset(reached)


def _all_kept_back(register: Mapping[str, SourceRow]) -> Mapping[str, str]:
    """By row the row of role ``validate`` that it is, repeats or was computed from."""
    same = _said_the_same(register)
    kept_back = {}
    for row_id in register:
        validating = sorted(one for one in _rests_on(row_id, register, same) if register[one].role == "validate")
        if validating:
            kept_back[row_id] = row_id if row_id in validating else validating[0]
    return kept_back


def _faults_in_sources(
    step: Step, register: Mapping[str, SourceRow], kept_back: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What was found and expected, for each row that a value rests on and must not."""
    # The arithmetic of a derived value names rows too; an assumed value may name one in order to disown it.
    named = re.findall(r"\w+", step.because) if step.grade == "derived" else []
    faults = []
    for row_id in dict.fromkeys([*step.source, *(word for word in named if word in register)]):
        if row_id not in register:
            faults.append(_not_in(register, row_id))
        elif row_id in kept_back:
            via = "" if kept_back[row_id] == row_id else f" since it repeats or rests on {kept_back[row_id]}"
            expected = "a row that is not kept back to validate the model"
            faults.append((f"{show(row_id)}, which is kept back{via}", expected))
    return faults


# ------------------------------------------------------------------------------------------------------------
# Words for problems


def _not_in(register: Iterable[str], row_id: str) -> tuple[str, str]:
    close = get_close_matches(row_id, list(register), n=1)
    return show(row_id), "the id of a row of the register" + (f"; did you mean {close[0]!r}?" if close else "")


def one_of(found: object, choices: Iterable[str]) -> str:
    names = list(choices)
    close = get_close_matches(found, names, n=1) if isinstance(found, str) else []
    return f"one of {', '.join(names)}" + (f"; did you mean {close[0]!r}?" if close else "")


def show(value: object) -> str:
    """A short picture of any value; whole structures and endless numbers are named, not printed."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        return short(repr(value))
    except ValueError:  # Python refuses to print very long whole numbers
        return "a very long number"


def short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
