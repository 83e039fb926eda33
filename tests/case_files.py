"""What does a file of `tests/cases` say? Read into frozen data, with every problem of the file at once.

A file tells one rule, and one case (or a few) in which it shows:

| key | what it says |
|---|---|
| `rule`, `source` | the rule in a sentence, and the instrument or the register's id |
| `scenario` | in which shipped scenario it is played |
| `takes` | numbers set for this case, with their units: ``recording.time: 2 working days`` |
| `law_instead` | numbers of the law set otherwise than it is: a reform |
| `people` or `person` | who they are: attributes without their scope |
| `cases`, or the fields of the only one | `received` (a day: 17:00, as offices close), `stream`, `case` (attributes), `subjects` or `subject` and `allegations`, `path`, `ends` |
| `ways` | which way a decision goes: for the file, a case, a subject or an allegation; the nearest to the row holds. Of a list, the one that the rules leave open; by day where it changes |
| `path` | ``DATE STEP: why that date``, ``DATE STEP = BRANCH: why``, ``DATE STEP sits: why``, ``never STEP: why``; in order, not every step |
| `ends` | what rows are when play ends, ``subject.outcome: dismissed``; under a case or a subject |
| `would_fail_if` | numbers of the law under which the case must not go this way: each on its own |
| `arithmetic` | the sums, to be checked by hand |

`plain_case.yaml` says what every case is and takes unless it says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from sim.evidence import Problem
from sim.scenario.words import nearest

FOLDER = Path(__file__).parent / "cases"
PLAIN = FOLDER / "plain_case.yaml"
CLOSE_OF_OFFICE = time(17, 0)
"""When a case is received whose day alone is told: working days are then counted from the next one, as lawyers do."""

Given = str | int | date
"""A level by name, a whole number, or a day (a day with a time, if it is told)."""
Schedule = tuple[tuple[date | None, tuple[str, ...]], ...]
"""Branches, of which whichever is open is taken, with the day from which they are."""
Ways = Mapping[str, Schedule]
"""Decision -> what is taken there."""
Numbers = Mapping[str, tuple[float, str]]
"""Key -> amount and unit (empty where none is told)."""


class CaseError(Exception):
    """A file cannot be used: every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Step:
    """One line of a path. `on` is None for ``never``."""

    said: str
    node: str
    on: date | None
    branch: str | None
    sits: bool
    because: str


@dataclass(frozen=True)
class Allegation:
    given: Mapping[str, Given]
    ways: Ways


@dataclass(frozen=True)
class Subject:
    person: str
    given: Mapping[str, Given]
    allegations: tuple[Allegation, ...]
    ways: Ways
    ends: Mapping[str, Given]


@dataclass(frozen=True)
class Case:
    name: str
    received: datetime
    stream: str | None
    given: Mapping[str, Given]
    subjects: tuple[Subject, ...]
    ways: Ways
    path: tuple[Step, ...]
    ends: Mapping[str, Given]


@dataclass(frozen=True)
class Plain:
    """What every case is and takes unless it says otherwise; attributes as ``scope.name``."""

    stream: str
    given: Mapping[str, Given]
    takes: Numbers
    ways: Ways


@dataclass(frozen=True)
class CaseFile:
    path: Path
    rule: str
    source: str
    scenario: str
    arithmetic: str
    takes: Numbers
    law_instead: Numbers
    would_fail_if: Numbers
    people: Mapping[str, Mapping[str, Given]]
    ways: Ways
    cases: tuple[Case, ...]


# --- text -----------------------------------------------------------------------------------------------------------


class _Strict(yaml.SafeLoader):
    """YAML in which `yes` and `no` are words, as levels are called, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Strict.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

ONLY_CASE = ("received", "stream", "case", "person", "subject", "allegations", "subjects", "path", "ends")
OF_A_CASE = ("received", "stream", "case", "subject", "allegations", "subjects", "ways", "path", "ends")
OF_A_FILE = (
    "rule", "source", "scenario", "takes", "law_instead", "people", "cases", "ways", "would_fail_if", "arithmetic",
)  # fmt: skip
OF_A_SUBJECT = ("subject", "allegations", "ways", "ends")
OF_PLAIN = ("stream", "person", "case", "subject", "allegation", "takes", "ways")
SCOPES = ("person", "case", "subject", "allegation")
STEP = re.compile(r"(?:(?P<never>never)|(?P<on>\S+)) +(?P<node>\w+)(?: *= *(?P<branch>\w+)| +(?P<sits>sits))?")
AMOUNT = re.compile(r"(?P<amount>-?\d+(?:\.\d+)?) +(?P<unit>[a-z_]+(?: [a-z_]+)*)")


@dataclass
class _Reader:
    """Reads one file; `problems` gathers what is wrong with it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, key: str, found: str, expected: str) -> None:
        self.problems.append(Problem(file=self.file, key=key, found=found, expected=expected))

    def table(self, key: str, value: Any, known: Iterable[str] | None = None) -> dict[str, Any]:
        """A mapping with text for keys, of known ones where these are told."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(key, repr(value), "a mapping")
            return {}
        inside = f"{key}." if key else ""
        result = {}
        for name, item in value.items():
            if not isinstance(name, str):
                self.wrong(f"{inside}{name}", f"the key {name!r}", "a word; quote it if it is one")
            elif known is not None and name not in known:
                self.wrong(f"{inside}{name}", "an unknown key", nearest(name, tuple(known), "key"))
            else:
                result[name] = item
        return result

    def text(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, repr(value), "some words")
            return ""
        return " ".join(value.split()) if key != "arithmetic" else value

    def given(self, key: str, value: Any) -> dict[str, Given]:
        """Attributes and what they are."""
        result: dict[str, Given] = {}
        for name, item in self.table(key, value).items():
            if isinstance(item, str | date | int):
                result[name] = item
            else:
                self.wrong(f"{key}.{name}", repr(item), "a level, a whole number or a day")
        return result

    def numbers(self, key: str, value: Any, *, of_the_law: bool) -> dict[str, tuple[float, str]]:
        result = {}
        for name, item in self.table(key, value).items():
            matched = AMOUNT.fullmatch(item) if isinstance(item, str) else None
            if name.startswith("law.") != of_the_law:
                what = "a number of the law" if of_the_law else "none of the law: a reform stands under 'law_instead'"
                self.wrong(f"{key}.{name}", "this number", what)
            elif matched:
                result[name] = (float(matched["amount"]), matched["unit"].replace(" ", "_"))
            elif isinstance(item, int | float):
                result[name] = (float(item), "")
            else:
                self.wrong(f"{key}.{name}", repr(item), "a number, or one with its unit such as '3 working days'")
        return result

    def ways(self, key: str, value: Any) -> dict[str, Schedule]:
        result: dict[str, Schedule] = {}
        for name, item in self.table(key, value).items():
            by_day = item if isinstance(item, dict) else {None: item}
            schedule = [(day, [told] if isinstance(told, str) else told) for day, told in by_day.items()]
            days = [day for day, _ in schedule]
            if (
                not schedule
                or not all(
                    isinstance(told, list) and told and all(isinstance(b, str) for b in told) for _, told in schedule
                )
                or (isinstance(item, dict) and (any(type(day) is not date for day in days) or days != sorted(days)))
            ):
                self.wrong(
                    f"{key}.{name}", repr(item), "a branch, a list of them, or either by the day from which it is taken"
                )
            else:
                result[name] = tuple((day, tuple(told)) for day, told in schedule)
        return result

    def path(self, key: str, value: Any) -> tuple[Step, ...]:
        steps: list[Step] = []
        if value is not None and not isinstance(value, list):
            self.wrong(key, repr(value), "a list of steps")
            return ()
        for at, item in enumerate(value or ()):
            step = self._step(item)
            if step is None:
                self.wrong(f"{key}[{at}]", repr(item), "'DATE STEP: why', or 'never STEP: why'")
            else:
                steps.append(step)
        days = [step.on for step in steps if step.on]
        if days != sorted(days):
            self.wrong(key, "days out of order", "each step on the day of the one before it, or later")
        return tuple(steps)

    def _step(self, item: Any) -> Step | None:
        if not isinstance(item, dict) or len(item) != 1:
            return None
        [(said, because)] = item.items()
        matched = STEP.fullmatch(said) if isinstance(said, str) else None
        if not matched or not isinstance(because, str) or not because.strip():
            return None
        try:
            on = None if matched["never"] else date.fromisoformat(matched["on"])
        except ValueError:
            return None
        if matched["never"] and matched["sits"]:
            return None
        return Step(said, matched["node"], on, matched["branch"], bool(matched["sits"]), because)

    def ends(self, key: str, value: Any) -> dict[str, Given]:
        result = self.given(key, value)
        for name in result:
            if name.partition(".")[0] not in SCOPES:
                self.wrong(f"{key}.{name}", "no scope", f"an attribute with its scope, one of {', '.join(SCOPES)}")
        return result

    # --- rows -------------------------------------------------------------------------------------------------------

    def allegations(self, key: str, value: Any) -> tuple[Allegation, ...]:
        if not isinstance(value, list) or not value:
            self.wrong(key, repr(value), "a list of allegations, at least one; {} is a plain one")
            return ()
        made = []
        for at, item in enumerate(value):
            raw = self.table(f"{key}[{at}]", item)
            ways = self.ways(f"{key}[{at}].ways", raw.pop("ways", None))
            made.append(Allegation(self.given(f"{key}[{at}]", raw), ways))
        return tuple(made)

    def case(self, key: str, name: str, raw: Mapping[str, Any], people: tuple[str, ...]) -> Case:
        inside = f"{key}." if key else ""
        path = self.path(f"{inside}path", raw.get("path"))
        ends = self.ends(f"{inside}ends", raw.get("ends"))
        subjects: list[Subject] = []
        if "subjects" in raw:
            for twice in ("subject", "allegations"):
                if twice in raw:
                    self.wrong(f"{inside}{twice}", "this beside 'subjects'", "it under one of the subjects")
            for who, item in self.table(f"{inside}subjects", raw["subjects"], people).items():
                here = f"{inside}subjects.{who}"
                subjects.append(self._subject(here, who, self.table(here, item, OF_A_SUBJECT)))
        elif len(people) == 1:
            of_subject = {field: raw[field] for field in ("subject", "allegations") if field in raw}
            subjects.append(self._subject(key, people[0], of_subject))
        else:
            self.wrong(f"{inside}subjects", "none", f"which of {', '.join(people)} the case is about")
        if not path and not ends and not any(subject.ends for subject in subjects):
            self.wrong(f"{inside}path", "nothing to see", "a path, or how it ends")
        return Case(
            name=name,
            received=self._received(f"{inside}received", raw.get("received")),
            stream=self.text(f"{inside}stream", raw["stream"]) if "stream" in raw else None,
            given=self.given(f"{inside}case", raw.get("case")),
            subjects=tuple(subjects),
            ways=self.ways(f"{inside}ways", raw.get("ways")) if key else {},
            path=path,
            ends=ends,
        )

    def _subject(self, key: str, who: str, raw: Mapping[str, Any]) -> Subject:
        inside = f"{key}." if key else ""
        return Subject(
            person=who,
            given=self.given(f"{inside}subject", raw.get("subject")),
            allegations=self.allegations(f"{inside}allegations", raw.get("allegations")),
            ways=self.ways(f"{inside}ways", raw.get("ways")),
            ends=self.ends(f"{inside}ends", raw.get("ends")),
        )

    def _received(self, key: str, value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime.combine(value, CLOSE_OF_OFFICE)
        self.wrong(key, repr(value), "a day such as 2018-01-08")
        return datetime.combine(date.min, CLOSE_OF_OFFICE)


def _load(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Strict)  # a safe loader, made stricter
    except (yaml.YAMLError, ValueError, UnicodeDecodeError, RecursionError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise CaseError([Problem(file=path.name, key="", found=said, expected="YAML that can be read")]) from None


def read_plain(path: Path = PLAIN) -> Plain:
    """What is plain.

    Raises:
        CaseError: with every problem of the file.
    """
    reader = _Reader(path.name)
    raw = reader.table("", _load(path), OF_PLAIN)
    given = {
        f"{scope}.{name}": value for scope in SCOPES for name, value in reader.given(scope, raw.get(scope)).items()
    }
    plain = Plain(
        stream=reader.text("stream", raw.get("stream")),
        given=given,
        takes=reader.numbers("takes", raw.get("takes"), of_the_law=False),
        ways=reader.ways("ways", raw.get("ways")),
    )
    if reader.problems:
        raise CaseError(reader.problems)
    return plain


def read_case(path: Path) -> CaseFile:
    """What a file says.

    Raises:
        CaseError: with every problem of the file.
    """
    reader = _Reader(path.name)
    content = _load(path)
    several = isinstance(content, dict) and "cases" in content
    raw = reader.table("", content, (*OF_A_FILE, "person") if several else (*OF_A_FILE, *ONLY_CASE))
    if "people" in raw and "person" in raw:
        reader.wrong("person", "this beside 'people'", "one of the two")
    given = reader.table("people", raw.get("people", {"person": raw.get("person")}))
    people = {who: reader.given(f"people.{who}", item) for who, item in given.items()}
    if not people:
        reader.wrong("people", "nobody", "somebody")
    if several:
        of_cases = reader.table("cases", raw["cases"])
        cases = tuple(
            reader.case(f"cases.{name}", name, reader.table(f"cases.{name}", item, OF_A_CASE), tuple(people))
            for name, item in of_cases.items()
        )
        if not cases:
            reader.wrong("cases", "none", "at least one")
    else:
        cases = (reader.case("", "case", {key: raw[key] for key in ONLY_CASE if key in raw}, tuple(people)),)
    made = CaseFile(
        path=path,
        **{key: reader.text(key, raw.get(key)) for key in ("rule", "source", "scenario", "arithmetic")},
        takes=reader.numbers("takes", raw.get("takes"), of_the_law=False),
        law_instead=reader.numbers("law_instead", raw.get("law_instead"), of_the_law=True),
        would_fail_if=reader.numbers("would_fail_if", raw.get("would_fail_if"), of_the_law=True),
        people=people,
        ways=reader.ways("ways", raw.get("ways")),
        cases=cases,
    )
    if reader.problems:
        raise CaseError(reader.problems)
    return made


def case_files() -> list[Path]:
    """Every file that tells a case, by name."""
    return sorted(path for path in FOLDER.glob("*.yaml") if path != PLAIN)
