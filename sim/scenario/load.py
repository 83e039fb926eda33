"""From names to a plan: a baseline, a world, reforms and single settings, laid over the evidence.

There are two layers. The lower is the baseline, what it is based on, and the world, laid together: the world's `set` takes the place of the
baseline's, and a baseline may `scale` what its worlds `set`. The upper is the reforms and settings. What one arm of a comparison changes alone
is laid over both, and a staffing sheet over all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sim.evidence import Evidence, EvidenceError, Problem, load_evidence
from sim.pathway.kinds import Pathway
from sim.pathway.misconduct import PATHWAY
from sim.plan import Plan
from sim.scenario import files
from sim.scenario.beyond import REPLACED, Beyond, beyond
from sim.scenario.build import Frame, ScenarioError, Series, build
from sim.scenario.files import Baseline, Overlay
from sim.scenario.lay import Laid, base_series, clashes, from_day, lay, read_change
from sim.scenario.opening import Table, opening_rows
from sim.scenario.opening_sheet import OpeningSheet, opening_and_problems, problems_at
from sim.scenario.settings import operations
from sim.scenario.staffing import Roster, Sheet, elsewhere, read_sheet, replaced, staff, staffed_teams

if TYPE_CHECKING:
    from sim.scenario.ensemble import Member  # which reads scenarios

PATHWAYS = {"misconduct": PATHWAY}
LONGEST_YEARS = 100
ANY_DAY = date(2000, 1, 1)
"""Where times are counted from in a file whose own day cannot be told: its amounts are judged all the same."""


@dataclass(frozen=True)
class Change:
    """What one overlay does to one number, for people to read."""

    source: str
    operation: str
    key: str
    steps: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True)
class _Base:
    """What overlays are laid over: the baseline by its name and those of what it is based on, nearest first."""

    names: tuple[str, ...]
    """Empty where it cannot be read."""
    starts_on: date
    ends_on: date


@dataclass(frozen=True, repr=False)
class Scenario:
    """A plan and where it came from. Shown at a prompt it is two lines."""

    name: str
    plan: Plan
    baseline: Baseline
    world: Overlay | None
    reforms: Mapping[str, Overlay]
    """As for this baseline: `in_force_on` and `announced_on` are its own days."""
    numbers: Mapping[str, Series]
    """As laid: what the plan runs on."""
    evidence: Evidence
    changes: tuple[Change, ...]
    unread: tuple[str, ...]
    """Numbers of the evidence that the plan was built without: changing them would do nothing."""
    staffing: Sheet | None = None
    rosters: tuple[Roster, ...] = ()
    """What the staffing sheet, and turnover, do to each team that can be staffed."""
    opening: OpeningSheet | None = None
    """The cases that are open on the first day, where a file says them."""
    member: Member | None = None
    """The member of an ensemble that is laid into it."""
    beyond: tuple[Beyond, ...] = ()
    """Where reforms, settings and sheet take a number beyond what is known."""

    def __repr__(self) -> str:
        plan = self.plan
        world = f" in {plan.world}" if plan.world else ""
        laid = f"; reforms: {', '.join(self.reforms)}" if self.reforms else ""
        return (
            f"{self.name}{world}: {self.baseline.title}\n"
            f"played from {plan.starts_on} until {plan.day(plan.ends_at)}; {len(self.numbers)} numbers, {len(self.changes)} changes of them{laid}"
        )


class _Watched(Mapping[str, Series]):
    """Numbers that remember which of them were read."""

    def __init__(self, numbers: Mapping[str, Series]) -> None:
        self.numbers = numbers
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Series:
        series = self.numbers[key]
        self.read.add(key)
        return series

    def __contains__(self, key: object) -> bool:
        return key in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


@cache
def _evidence(folders: tuple[Path, ...]) -> Evidence:
    return load_evidence(*folders)


def evidence_of(folders: tuple[Path, ...]) -> Evidence:
    """The evidence of all scenario folders; the user's own wins.

    Raises:
        ScenarioError: with every problem of every file.
    """
    own = tuple(folder / "evidence" for folder in reversed(folders) if (folder / "evidence").is_dir())
    try:
        return _evidence(own)
    except EvidenceError as error:
        raise ScenarioError(error.problems) from None


def load_scenario(
    name: str,
    *,
    world: str | None = None,
    reforms: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    opposite: bool = False,
    staffing: Path | None = None,
    folder: Path | None = None,
    opening: Table | Path | None = None,
    member: Member | None = None,
    own: Mapping[str, str] | None = None,
) -> Scenario:
    """A scenario ready to run.

    Args:
        name: a baseline by name, or the path of its file.
        world: one of the scenario's worlds; its first if not said and it has any.
        reforms: names or paths of reforms, in any order; a single one may stand as it is.
        settings: single changes, ``{"psu.investigators@2018-04-01": "90"}``; without a date from the first day, with a sign as changes of
            what there is otherwise (`sim/scenario/settings.py`).
        opposite: scale by the inverse and add the negative of what the reforms, and `own`, do: the opposite of an assumed effect.
        staffing: a staffing sheet, laid over all else.
        folder: the user's own scenario folder, which is looked in first.
        opening: the cases that are open on the first day (`sim/scenario/opening.py`), or the file of a sheet of them. The scenario is then played
            from its `window_from` on, the day they are counted on: nothing before it is played. None if not said, and it begins at `starts_on`.
        member: a member of an ensemble, laid into the layer of baseline and world; its world is played if none is said.
        own: single changes as `settings`, laid over those and the reforms: what one arm of a comparison changes, and its base does not.

    Raises:
        ScenarioError: with every problem found.
    """
    reforms = [reforms] if isinstance(reforms, str) else reforms
    try:
        return _load(name, world, reforms, settings or {}, opposite, staffing, folder, opening, member, own or {})
    except ScenarioError as error:
        if opening is None or not (world or reforms or settings or staffing or member or own):
            raise
        # The caseload is read against a plan, and none was built: without what is laid over the scenario there may be one.
        problems = list(error.problems)
        try:
            _load(name, None, (), {}, False, None, folder, opening, None, {})
        except ScenarioError as alone:
            problems += [problem for problem in alone.problems if problem not in problems]
        raise ScenarioError(problems) from None


def _load(
    name: str,
    world: str | None,
    reforms: Sequence[str],
    settings: Mapping[str, str],
    opposite: bool,
    staffing: Path | None,
    folder: Path | None,
    opening: Table | Path | None,
    member: Member | None,
    own: Mapping[str, str],
) -> Scenario:
    problems: list[Problem] = []
    if folder is not None and not folder.is_dir():
        problems.append(Problem(file=str(folder), key="", found="no such folder", expected="a folder of scenarios"))
    folders = files.search_folders(folder)
    baseline, own_changes, found, lineage = _baseline(name, folders)
    problems += found
    try:
        evidence = evidence_of(folders)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    if opening is not None and baseline is not None:
        baseline = baseline.model_copy(update={"starts_on": baseline.window_from})
    # Without a baseline the other files are still read, so that their problems come at the same time.
    start = baseline.starts_on if baseline and baseline.starts_on else date.max
    end = baseline.ends_on if baseline and baseline.ends_on else date.max
    base = _Base(lineage if baseline else (), start, end)
    pathway = PATHWAYS[baseline.pathway if baseline else "misconduct"]
    if member is not None and member.world:
        if world is not None and Path(world).stem != member.world:
            found_world, wanted = f"the world {Path(world).stem!r}", f"{member.world!r}, which it was fitted in"
            problems.append(Problem(file=f"member {member.name}", key="world", found=found_world, expected=wanted))
        world = world or member.world
    if world is None and baseline and baseline.worlds:
        world = baseline.worlds[0]
    below: list[Laid] = []
    for source, change in own_changes:
        below += _laid(source, change, evidence, start, None, problems)
    overlay = None
    if world is not None:
        overlay, laid = _overlay("worlds", world, folders, evidence, base, problems)
        below += laid
    if member is not None:
        for operation, amounts in (("set", member.set), ("scale", member.scale)):
            for key, amount in amounts.items():
                below += _laid(f"member {member.name}", (operation, key, amount), evidence, start, None, problems)
    above: list[Laid] = []
    named: dict[str, Overlay] = {}
    for reform in reforms:
        one, laid = _overlay("reforms", reform, folders, evidence, base, problems)
        key = Path(reform).stem
        if key in named:
            problems.append(
                Problem(file=reform, key="", found=f"two reforms called {key!r}", expected="each reform once")
            )
        elif one is not None:
            named[key] = one
        above += [_opposite(change) for change in laid] if opposite else laid
    above += _settings("--set", settings, evidence, start, problems)
    alone = _settings("--arm", own, evidence, start, problems)
    alone = [_opposite(change) for change in alone] if opposite else alone
    sheet = None
    if staffing is not None:
        try:
            sheet = read_sheet(staffing, staffed_teams(pathway), lambda cells: elsewhere(cells, pathway, folders))
        except ScenarioError as error:
            problems += error.problems
    caseload, of_its_file = (
        opening_and_problems(opening, files.found("worlds", folders)) if isinstance(opening, Path) else (None, [])
    )
    problems += clashes(above)
    problems += _outside_the_run([*above, *alone], baseline)
    problems += _too_late([*below, *above, *alone], pathway, start)
    if problems or baseline is None:
        raise ScenarioError([*problems, *of_its_file])

    numbers, before = {}, {}
    for key, number in evidence.numbers.items():
        series, found = lay(base_series(number), [one for one in below if one.key == key])
        problems += found
        series = from_day(series, start)
        before[key] = series = replace(series, highest_before_reforms=max(value for _, value in series.steps))
        numbers[key], found = lay(series, [one for one in above if one.key == key])
        problems += found
        if mine := [one for one in alone if one.key == key]:
            numbers[key], found = lay(numbers[key], mine)
            problems += found
    above += alone
    problems += _not_known(evidence, below, start, name)
    if problems:
        raise ScenarioError(problems)
    watched = _Watched(numbers)
    assert baseline.ends_on is not None
    on_top, rosters, problems = staff(pathway, watched, sheet, start, baseline.ends_on)
    for top in on_top:
        numbers[top.key], found = lay(numbers[top.key], [top])
        problems += found
    if problems:
        raise ScenarioError(problems)
    plan = build(pathway, watched, _frame(name, baseline, world))
    if opening is not None:
        table = caseload.table if caseload else opening
        assert not isinstance(table, Path)
        rows, problems = opening_rows(table, pathway, plan)
        if problems or of_its_file:
            raise ScenarioError([*of_its_file, *(problems_at(caseload, problems) if caseload else problems)])
        plan = replace(plan, opening=rows)
    of_the_scenario = [one for one in below if one.source in {source for source, _ in own_changes}]
    of_teams = {team.posts for team in pathway.teams}
    theirs = {key: series for key, series in before.items() if key in of_teams or any(one.key == key for one in above)}
    crossed = beyond(theirs, numbers, evidence.numbers, of_the_scenario, of_teams, start, baseline.ends_on)
    if sheet is not None:
        key_of = {team.name: team.posts for team in pathway.teams}
        told = replaced(sheet, rosters).items()
        crossed += tuple(Beyond(REPLACED, key_of[team], "posts", on, posts, own) for (team, on), (own, posts) in told)
    changes = tuple(Change(one.source, one.operation, one.key, one.steps) for one in [*below, *above, *on_top])
    unread = tuple(sorted(numbers.keys() - watched.read))
    return Scenario(
        Path(name).stem,
        plan,
        baseline,
        overlay,
        named,
        numbers,
        evidence,
        changes,
        unread,
        sheet,
        rosters,
        caseload,
        member,
        crossed,
    )


def _too_late(laid: Iterable[Laid], pathway: Pathway, start: date) -> list[Problem]:
    """Changes, after the first day, of numbers that are read once for the whole run: they would quietly do nothing."""
    people = pathway.population
    once = {stream.spread for stream in pathway.streams} | {team.places for team in pathway.teams}
    once |= {people.places, people.marks_after} if people else set()
    return [
        Problem(
            file=one.source,
            key=f"{one.operation}.{one.key}",
            found=f"a change on {day}",
            expected=f"none after {start}: this number is read once, when a run begins",
        )
        for one in laid
        if one.key in once
        for day, _ in one.steps
        if day > start
    ]


def _not_known(evidence: Evidence, below: Sequence[Laid], start: date, name: str) -> list[Problem]:
    """Numbers of which nothing is known on the first day: nothing is guessed."""
    told = {one.key for one in below if one.operation == "set" and one.at(start) is not None}
    late = [number for number in evidence.numbers.values() if number.steps[0].from_ > start and number.key not in told]
    if not late:
        return []
    latest = max(late, key=lambda number: number.steps[0].from_)
    expected = f"{latest.steps[0].from_} or later, from when {latest.key} is known ({len(late)} such)"
    return [Problem(file=name, key="starts_on", found=str(start), expected=expected)]


def _frame(name: str, baseline: Baseline, world: str | None) -> Frame:
    assert baseline.starts_on is not None
    assert baseline.ends_on is not None
    assert baseline.window_from is not None
    assert baseline.window_to is not None
    assert baseline.extract_on is not None
    return Frame(
        name=Path(name).stem,
        title=baseline.title,
        world=Path(world).stem if world else "",
        starts_on=baseline.starts_on,
        ends_on=baseline.ends_on,
        window_from=baseline.window_from,
        window_to=baseline.window_to,
        extract_on=baseline.extract_on,
    )


def _baseline(
    name: str, folders: tuple[Path, ...], above: tuple[Path, ...] = ()
) -> tuple[Baseline | None, list[tuple[str, tuple[str, str, files.Change]]], list[Problem], tuple[str, ...]]:
    """A baseline with what it is based on filled in, the changes of both, the older first, and the names of both, the nearer first.

    `above` are the files that are based on it.
    """
    made, path, problems = files.read("scenarios", name, folders)
    if path is None and above:
        problems = [Problem(file=str(above[-1]), key="based_on", found=p.found, expected=p.expected) for p in problems]
    if made is None or path is None:
        return None, [], problems, ()
    assert isinstance(made, Baseline)
    lineage: tuple[str, ...] = (path.stem,)
    own, found = files.changes(made, path)
    problems += found
    changes = [(str(path), change) for change in own]
    if made.based_on:
        chain = (*above, path)
        if path.resolve() in {one.resolve() for one in above}:
            circle = " > ".join(one.stem for one in chain)
            expected = "a scenario that is not based on this one"
            return (
                None,
                [],
                [*problems, Problem(file=str(path), key="based_on", found=f"a circle: {circle}", expected=expected)],
                (),
            )
        beside = path.parent / made.based_on if made.based_on.endswith(".toml") else made.based_on
        parent, older, found, earlier = _baseline(str(beside), folders, chain)
        problems += found
        if parent is None:
            return None, changes, problems, ()
        lineage += earlier
        made = parent.model_copy(update={field: getattr(made, field) for field in made.model_fields_set})
        changes = older + changes
    if not above:
        problems += _wrong_dates(made, path)
    return (None if problems else made), changes, problems, lineage


def _wrong_dates(made: Baseline, path: Path) -> list[Problem]:
    """Dates missing, out of order or too far apart, once what a baseline is based on is filled in."""
    fields = ("starts_on", "window_from", "window_to", "extract_on", "ends_on")
    problems = [
        Problem(file=str(path), key=field, found="nothing", expected=f"{field}, which must be given")
        for field in fields
        if getattr(made, field) is None
    ]
    for earlier, later in pairwise(fields):
        first, second = getattr(made, earlier), getattr(made, later)
        if first and second and (second < first or (second == first and later == "window_to")):
            expected = f"a date {'after' if later == 'window_to' else 'not before'} {earlier}, {first}"
            problems.append(Problem(file=str(path), key=later, found=str(second), expected=expected))
    if made.starts_on and made.ends_on and made.ends_on.year - made.starts_on.year > LONGEST_YEARS:
        expected = f"at most {LONGEST_YEARS} years after starts_on, {made.starts_on}"
        problems.append(Problem(file=str(path), key="ends_on", found=str(made.ends_on), expected=expected))
    return problems


def _overlay(
    kind: files.Kind, name: str, folders: tuple[Path, ...], evidence: Evidence, base: _Base, problems: list[Problem]
) -> tuple[Overlay | None, list[Laid]]:
    """A world or reform as it is for a baseline, and its changes."""
    made, path, found = files.read(kind, name, folders)
    problems += found
    if made is None or path is None:
        for change in files.changes_at(path) if path else ():  # so that what is wrong with them is said as well
            _laid(str(path), change, evidence, ANY_DAY, None, problems)
        return None, []
    assert isinstance(made, Overlay)
    written, found = files.changes(made, path)
    problems += found
    in_force_on, announced_on, found = _days(kind, made, path, base)
    problems += found
    earliest = min((day for day in (announced_on, in_force_on) if day), default=None)
    laid: list[Laid] = []
    for change in written:
        laid += _laid(str(path), change, evidence, in_force_on or base.starts_on, earliest, problems)
    told = {key for point in made.points for key in point.changes}
    done = {key for _, key, _ in written}
    for key in sorted(told ^ done):
        what = "a point about a number that is not changed" if key in told else "a change that no point tells of"
        problems.append(Problem(file=str(path), key=key, found=what, expected="each change told by one of the points"))
    return made.model_copy(update={"in_force_on": in_force_on, "announced_on": announced_on}), laid


def _days(kind: files.Kind, made: Overlay, path: Path, base: _Base) -> tuple[date | None, date | None, list[Problem]]:
    """From when an overlay is in force, and when it is announced, for a baseline."""
    problems = []

    def wrong(key: str, found: str, expected: str) -> None:
        problems.append(Problem(file=str(path), key=key, found=found, expected=expected))

    # Where the baseline cannot be read, any of the days lets the rest of the file be judged.
    in_force_on = files.day_of(made.in_force_on, base.names or made.applies_to)
    announced_on = files.day_of(made.announced_on, base.names or made.applies_to)
    if kind == "reforms" and made.in_force_on is None:
        wrong("in_force_on", "nothing", "in_force_on, which must be given")
    elif made.applies_to and base.names and not (in_force_on and base.starts_on <= in_force_on < base.ends_on):
        found = f"no date from {base.starts_on} to before {base.ends_on} for {' or '.join(base.names)}"
        based = "it" if len(made.applies_to) == 1 else "one of them"
        wrong("in_force_on", found, f"{' or '.join(made.applies_to)}, or a scenario based on {based} and played then")
        return None, None, problems
    if announced_on and in_force_on and announced_on > in_force_on:
        wrong("announced_on", str(announced_on), f"a date not after in_force_on, {in_force_on}")
    return in_force_on, announced_on, problems


def _laid(
    source: str,
    change: tuple[str, str, files.Change],
    evidence: Evidence,
    start: date,
    earliest: date | None,
    problems: list[Problem],
) -> list[Laid]:
    operation, key, value = change
    number = evidence.numbers.get(key)
    if number is None:
        expected = files.known_one(key, evidence.numbers)
        problems.append(
            Problem(file=source, key=f"{operation}.{key}", found=f"no number called {key!r}", expected=expected)
        )
        return []
    laid, found = read_change(source, operation, key, value, number, start, earliest)
    problems += found
    return [laid] if laid else []


def _settings(
    option: str, settings: Mapping[str, str], evidence: Evidence, start: date, problems: list[Problem]
) -> list[Laid]:
    """Single changes given on the command line; several dates of one key are one change, or one for each operation."""
    laid: list[Laid] = []
    for change in operations(settings, start.isoformat()):
        laid += _laid(option, change, evidence, start, None, problems)
    return laid


def _outside_the_run(laid: list[Laid], baseline: Baseline | None) -> list[Problem]:
    """Changes that begin before the run does, or that begin only when it is over."""
    if baseline is None or not baseline.starts_on or not baseline.ends_on:
        return []
    problems = []
    for one in laid:
        first = one.steps[0][0]
        if not baseline.starts_on <= first < baseline.ends_on:
            when = (
                "before the run begins"
                if first < baseline.starts_on
                else "when the run is over: it would change nothing"
            )
            expected = f"a date from {baseline.starts_on} to before {baseline.ends_on}"
            problems.append(
                Problem(
                    file=one.source,
                    key=f"{one.operation}.{one.key}",
                    found=f"a change on {first}, {when}",
                    expected=expected,
                )
            )
    return problems


def _opposite(laid: Laid) -> Laid:
    """The inverse of a scaling and the negative of an addition; a set stays what it is."""
    if laid.operation == "scale":
        return replace(laid, steps=tuple((day, 1 / amount if amount else amount) for day, amount in laid.steps))
    if laid.operation == "add":
        return replace(laid, steps=tuple((day, None if amount is None else -amount) for day, amount in laid.steps))
    return laid


def names(kind: files.Kind, folder: Path | None = None) -> Iterable[str]:
    """The names of scenarios, worlds or reforms that can be used."""
    return files.found(kind, files.search_folders(folder))


def header(name: str, folder: Path | None = None) -> Baseline:
    """What the file of a scenario says of itself, with what it is based on filled in.

    Raises:
        ScenarioError: with every problem of the files.
    """
    return _heading(name, folder)[0]


def lineage(name: str, folder: Path | None = None) -> tuple[str, ...]:
    """The names of a scenario and of those it is based on, the nearer first.

    Raises:
        ScenarioError: with every problem of the files.
    """
    return _heading(name, folder)[1]


def _heading(name: str, folder: Path | None) -> tuple[Baseline, tuple[str, ...]]:
    baseline, _, problems, names = _baseline(name, files.search_folders(folder))
    if problems or baseline is None:
        raise ScenarioError(problems)
    return baseline, names


def reforms_for(scenario: str, folder: Path | None = None) -> tuple[str, ...]:
    """The names of the reforms that come into force while a scenario is played.

    Files that cannot be read are left out; to load them says why.
    """
    folders = files.search_folders(folder)
    baseline, _, _, lineage = _baseline(scenario, folders)
    found = []
    for name in files.found("reforms", folders):
        made, _, _ = files.read("reforms", name, folders)
        day = files.day_of(made.in_force_on, lineage) if isinstance(made, Overlay) else None
        if (
            day
            and baseline
            and baseline.starts_on
            and baseline.ends_on
            and baseline.starts_on <= day < baseline.ends_on
        ):
            found.append(name)
    return tuple(found)
