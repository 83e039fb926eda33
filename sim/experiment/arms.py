"""What exactly was asked? Names of scenarios, worlds and reforms become arms with plans, or every problem at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.evidence import Problem, read_toml, share_assumed
from sim.experiment.inputs import hashes
from sim.experiment.study import OPPOSITE, Arm, caveat, is_put_in
from sim.plan import Observation, Plan
from sim.scenario import Member, Scenario, ScenarioError, load_ensemble, load_scenario
from sim.scenario.beyond import Beyond
from sim.scenario.files import Baseline, Overlay, elsewhere, found, is_file, is_overlay, known_one, read, search_folders
from sim.scenario.load import header
from sim.scenario.opening_sheet import OpeningSheet
from sim.scenario.settings import AS_A_CHANGE
from sim.scenario.sheets import ENDINGS as SHEET_ENDINGS
from sim.scenario.staffing import Roster, Sheet, replaced

if TYPE_CHECKING:
    from sim.experiment.counted import Count
    from sim.experiment.members import Chosen  # not needed where no ensemble is asked for

TOGETHER = "+"
"""Joins what is laid over the base together, reforms and at most one staffing sheet: ``more_chairs+psu_training+plan.csv``."""


@dataclass(frozen=True)
class Question:
    """What arms have in common."""

    folder: Path | None
    """The user's own scenarios, which win over the shipped ones."""
    settings: Mapping[str, str]
    window_from: date | None = None
    window_to: date | None = None
    """The first day after the window."""
    opening: Path | None = None
    """A sheet of the cases open on the first day; every arm then begins on the `window_from` of its scenario."""
    members: int | None = None
    """How many members of the scenario's ensemble every arm is also played in; None for no ensemble."""
    unallocated: Mapping[str, str] = field(default_factory=dict)
    """Unallocated cases that the user has counted, by team and date (`sim/experiment/counted.py`): members are weighed again by them."""

    def __post_init__(self) -> None:
        if self.folder is not None and not self.folder.is_dir():
            raise ScenarioError(
                [
                    Problem(
                        file="--scenarios",
                        key=str(self.folder),
                        found="no such folder",
                        expected="a folder of scenarios",
                    )
                ]
            )


@dataclass(frozen=True)
class Asked:
    """Arms ready to be played."""

    title: str
    base: str
    worlds: tuple[str, ...]
    arms: tuple[Arm, ...]
    plans: Mapping[tuple[str, str], Plan]
    headers: Mapping[str, Overlay]
    share_assumed: float | None
    notes: tuple[str, ...]
    inputs: Mapping[str, str]
    """SHA-256 of each file that was read."""
    rosters: Mapping[tuple[str, str], tuple[Roster, ...]]
    """By label and world what its sheet, or turnover, does to each team."""
    sheets: Mapping[str, Sheet]
    """The staffing sheets, by name."""
    beyond: Mapping[tuple[str, str], tuple[Beyond, ...]]
    """By label and world, where an arm takes a number beyond what is known."""
    opening: OpeningSheet | None = None
    """The cases that are open on the first day of every arm."""
    not_run: tuple[str, ...] = ()
    """Worlds of the scenario that are not asked for."""
    chosen: Chosen | None = None
    """Members of an ensemble that every arm is also played in."""


@dataclass
class _Gathered:
    arms: list[Arm] = field(default_factory=list)
    plans: dict[tuple[str, str], Plan] = field(default_factory=dict)
    headers: dict[str, Overlay] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    rosters: dict[tuple[str, str], tuple[Roster, ...]] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    beyond: dict[tuple[str, str], tuple[Beyond, ...]] = field(default_factory=dict)
    opening: OpeningSheet | None = None

    def wrong(self, file: str, key: str, found: str, expected: str) -> None:
        self.problems.append(Problem(file=file, key=key, found=found, expected=expected))


def baseline(name: str, folder: Path | None) -> Baseline:
    """The header of a scenario, with what it is based on filled in. Nothing is built for it.

    Raises:
        ScenarioError: the header cannot be read; with every problem of the scenario.
    """
    try:
        return header(name, folder)
    except (ScenarioError, RecursionError):
        return load(Arm(_stem(name), name, ""), folder).baseline  # which says what else is wrong


def ask(
    scenario: str,
    others: Sequence[str] = (),
    *,
    question: Question,
    worlds: Sequence[str] = (),
    reforms: Sequence[str] = (),
    staffing: Sequence[Path] = (),
    alone: Sequence[str] = (),
    opposites: bool = True,
    members_of: Sequence[str] = (),
) -> Asked:
    """The arms of a study: the base, then each of the others, each in every world.

    Args:
        scenario: name or path of the base.
        others: reforms, several joined by ``+`` with each other or with a staffing sheet, or other scenarios.
        question: what all arms have in common.
        worlds: names of worlds; all of the scenario's if empty.
        reforms: laid over the base itself.
        staffing: sheets, each an arm of its own beside the others.
        alone: single changes as text, ``psu.investigators@2018-04-01=90``, each an arm of its own, called so.
        opposites: for each of the others that follows from assumption, also do the opposite, in the first world.
        members_of: the worlds whose members of the ensemble are played, where `question` asks for it; of all if empty.

    Raises:
        ScenarioError: with every problem of every arm.
    """
    gathered = _Gathered()
    try:
        worlds = _unique(worlds) or baseline(scenario, question.folder).worlds or ("",)
    except ScenarioError as error:
        gathered.problems += error.problems
        worlds = ("",)  # so that what else is wrong is found as well
    _same_names(worlds, "world", gathered)
    settings = tuple(question.settings.items())
    label = TOGETHER.join([_stem(scenario), *map(_stem, reforms)])
    opened = str(question.opening) if question.opening else ""
    bases = [Arm(label, scenario, world, tuple(reforms), settings, opening=opened) for world in worlds]
    first: Scenario | None = None
    for arm in bases:
        made = _take(arm, question, gathered)
        first = first or made
    asked_for = _unique(others)
    sheets = _unique([str(path) for path in staffing])
    labels = [TOGETHER.join(_stem(part.strip()) for part in other.split(TOGETHER)) for other in asked_for]
    singles, wrong = assignments_from(alone)
    gathered.problems += wrong
    _same_names([scenario, *labels, *sheets], "arm", gathered)
    for other in asked_for:
        named = _arm_of(other, replace(bases[0], world=""), question.folder, gathered)
        if named is None:
            continue
        for world in worlds:
            _take(replace(named, world=world), question, gathered)
        if opposites and named.reforms and not gathered.problems:
            _take_opposite(replace(named, world=worlds[0]), question, gathered)
    for sheet in sheets:
        for world in worlds:
            _take(replace(bases[0], label=_stem(sheet), world=world, staffing=sheet), question, gathered)
    for path, value in singles:
        arm = replace(bases[0], label=f"{path}={value}", own=((path, value),))
        for world in worlds:
            _take(replace(arm, world=world), question, gathered)
        _same_as_the_base(arm.label, label, gathered)
        if opposites and not gathered.problems:
            _take_opposite(replace(arm, world=worlds[0]), question, gathered)
    _of_one_day(gathered)
    counts = _counts(gathered, question) if question.unallocated else ()
    chosen = None
    if question.members is not None:
        try:
            chosen = _members(gathered, question, tuple(map(_stem, members_of)), counts)
        except ScenarioError as error:
            gathered.problems += error.problems
    if gathered.problems or first is None:
        raise ScenarioError(dict.fromkeys(gathered.problems))
    read = {value.name for value in first.plan.values}
    ran = tuple(_stem(world) for world in worlds)
    not_run = tuple(name for world in first.baseline.worlds or () if (name := _stem(world)) not in ran)
    gathered.notes += _replaced(gathered)
    told = caveat(gathered.arms, gathered.plans, gathered.headers, ran, not_run)
    return Asked(
        title=first.baseline.title,
        base=label,
        worlds=ran,
        arms=tuple(gathered.arms),
        plans=gathered.plans,
        headers=gathered.headers,
        share_assumed=share_assumed(number for key, number in first.evidence.numbers.items() if key in read),
        notes=(*gathered.notes, *([told] if told else [])),
        inputs=dict(sorted(gathered.inputs.items())),
        rosters=gathered.rosters,
        sheets=gathered.sheets,
        beyond=gathered.beyond,
        opening=gathered.opening,
        not_run=not_run,
        chosen=chosen,
    )


def _counts(gathered: _Gathered, question: Question) -> tuple[Count, ...]:
    """What the user has counted, to weigh members again by; what is wrong with it is gathered."""
    from sim.experiment.counted import OPTION, read_counts
    from sim.measures import labels

    if question.members is None:
        gathered.wrong(OPTION, "", "it without --ensemble", "with --ensemble, whose members are weighed by it")
    if question.opening is not None:
        wanted = "one of them: members that begin with the same open cases are not told apart by a count of them"
        gathered.wrong(OPTION, "", "it with --opening", wanted)
    plan = next(iter(gathered.plans.values()), None)
    counts, problems = read_counts(question.unallocated, plan, labels(plan)) if plan is not None else ((), [])
    gathered.problems += problems
    return counts


def _same_as_the_base(label: str, base: str, gathered: _Gathered) -> None:
    """A note on a single change that changes nothing."""
    mine = {world: plan for (name, world), plan in gathered.plans.items() if name == label}
    if mine and all(plan == gathered.plans.get((base, world)) for world, plan in mine.items()):
        gathered.notes.append(f"{label} changes nothing: it is what {base} has.")


def _members(
    gathered: _Gathered, question: Question, worlds: Sequence[str], counts: tuple[Count, ...]
) -> Chosen | None:
    """Every arm, opposites apart, in each member chosen; None where the arms themselves cannot be played.

    Raises:
        ScenarioError: there is no ensemble, or an arm cannot be played in a member.
    """
    from sim.experiment.members import NOT_FITTED, Chosen, numbers_that_differ, stratified, weighed

    if question.members is not None and question.members < 1:
        raise ScenarioError([Problem(file="--members", key="", found=str(question.members), expected="1 or more")])
    if gathered.problems or not gathered.arms:
        return None
    ensemble = load_ensemble(gathered.arms[0].scenario, question.folder)
    chosen = stratified(ensemble, question.members or 1, worlds)
    if not chosen:
        known = ", ".join(dict.fromkeys(member.world for member in ensemble.members))
        found = f"no member in {' or '.join(worlds)}"
        raise ScenarioError([Problem(file=str(ensemble.path), key="world", found=found, expected=f"worlds of {known}")])
    if ensemble.path is not None:
        content = ensemble.path.read_bytes()
        gathered.inputs[f"calibration/{ensemble.path.name}"] = hashlib.sha256(content).hexdigest()
    arms = {arm.label: arm for arm in reversed(gathered.arms) if not arm.opposite}
    base = gathered.arms[0].label
    plans: dict[tuple[str, str], Plan] = {}
    bases: list[Scenario] = []
    problems: list[Problem] = []
    members = weighed(ensemble, chosen)
    for member in members:
        for label, arm in reversed(arms.items()):
            try:
                made = load(replace(arm, world=member.world), question.folder, member)
                plans[label, member.name] = _in_window(made.plan, question)
                bases += [made] if label == base else []
            except ScenarioError as error:
                problems += error.problems
    if problems:
        raise ScenarioError(problems)
    parameters, grades = numbers_that_differ(bases)
    places = tuple(at for at, _ in chosen)
    provisional = bool(ensemble.record.get(NOT_FITTED))
    size = len(ensemble.members)
    return Chosen(ensemble.scenario, size, members, places, provisional, plans, parameters, grades, counts)


def _replaced(gathered: _Gathered) -> Iterator[str]:
    """What sheets put in place of posts that worlds have, a sentence for each sheet: worlds are then less apart than they were."""
    by_sheet: dict[str, dict[tuple[str, float, float], list[str]]] = {}
    for arm in gathered.arms:
        if not arm.staffing or arm.opposite:
            continue
        sheet = gathered.sheets[_stem(arm.staffing)]
        for (team, _), (own, told) in replaced(sheet, gathered.rosters[arm.label, arm.world]).items():
            worlds = by_sheet.setdefault(Path(sheet.path).name, {}).setdefault((team, own, told), [])
            worlds += [arm.world] if arm.world not in worlds else []
    for name, changes in by_sheet.items():
        parts = [
            f"{team} {own:g} by {told:g}" + (f" in {', '.join(filter(None, worlds))}" if any(worlds) else "")
            for (team, own, told), worlds in changes.items()
        ]
        yield (
            f"[!] The established rows of {name} replace posts that a world has: {'; '.join(parts)}. What changes there is that too, not only posts more."
        )


def _of_one_day(gathered: _Gathered) -> None:
    """A caseload is of one day, so arms that begin on another cannot begin with it."""
    if gathered.opening is None:
        return
    base = next(iter(gathered.plans.values())).starts_on
    for (label, _), plan in gathered.plans.items():
        if plan.starts_on != base:
            found = f"{label}, whose window begins on {plan.starts_on}"
            gathered.wrong("--opening", label, found, f"scenarios that begin on {base}, the day the caseload is of")


def _take(arm: Arm, question: Question, gathered: _Gathered) -> Scenario | None:
    """Load an arm and add it, or its problems."""
    try:
        made = load(arm, question.folder)
        plan = _in_window(made.plan, question)
    except ScenarioError as error:
        gathered.problems += error.problems
        return None
    if not arm.opposite:
        gathered.inputs |= hashes(arm.scenario, arm.world, arm.reforms, question.folder)
    arm = replace(arm, world=_stem(arm.world))
    gathered.arms.append(arm)
    gathered.plans[arm.label, arm.world] = plan
    gathered.rosters[arm.label, arm.world] = made.rosters
    gathered.beyond[arm.label, arm.world] = made.beyond
    if made.staffing is not None:
        gathered.sheets[made.staffing.name] = made.staffing
        gathered.inputs[f"staffing/{Path(made.staffing.path).name}"] = made.staffing.digest
    if made.opening is not None:
        gathered.opening = made.opening
        gathered.inputs[f"opening/{Path(made.opening.path).name}"] = made.opening.digest
    gathered.headers |= made.reforms
    if made.world is not None:
        gathered.headers[arm.world] = made.world
    return made


def _take_opposite(arm: Arm, question: Question, gathered: _Gathered) -> None:
    """The arm that does the opposite of an assumed effect, where there is one and it can be built."""
    assumed = [
        any(point.follows_from == "assumption" for point in gathered.headers[_stem(reform)].points)
        for reform in arm.reforms
    ]
    plan = gathered.plans[arm.label, _stem(arm.world)]
    assumed += [is_put_in(path, plan) for path, _ in arm.own]
    if not any(assumed):
        return
    without = "the sheet alone" if arm.staffing else "the base itself"
    told = f"{arm.label}: the effect follows from assumption; the run without effect is {without}"
    if not all(assumed):
        gathered.notes.append(
            f"{told}; the opposite is not run, since what follows from structure would turn round too."
        )
        return
    opposite = replace(arm, label=arm.label + OPPOSITE, opposite=True)
    trial = _Gathered()
    _take(opposite, question, trial)
    if trial.problems:
        first = trial.problems[0]
        told += f", and the opposite cannot be built ({first.key}: {first.found}; expected {first.expected})"
    elif trial.plans[opposite.label, _stem(arm.world)] == gathered.plans[arm.label, _stem(arm.world)]:
        told += ", and it has no opposite: it only sets values"
    else:
        gathered.arms += trial.arms
        gathered.plans |= trial.plans
        gathered.beyond |= trial.beyond
        told += f", the opposite one is {opposite.label!r}, in the first world only"
    gathered.notes.append(told + ".")


def load(arm: Arm, folder: Path | None, member: Member | None = None) -> Scenario:
    """The scenario of an arm, in a member of an ensemble if one is given.

    Raises:
        ScenarioError: with every problem found.
    """
    unknown = list(_unknown_measures(arm, folder))
    try:
        made = load_scenario(
            arm.scenario,
            world=arm.world or None,
            reforms=arm.reforms,
            settings=dict(arm.settings),
            own=dict(arm.own),
            opposite=arm.opposite,
            staffing=Path(arm.staffing) if arm.staffing else None,
            opening=Path(arm.opening) if arm.opening else None,
            folder=folder,
            member=member,
        )
    except RecursionError:
        circle = Problem(file=arm.scenario, key="based_on", found="a circle", expected="a scenario that ends somewhere")
        raise ScenarioError([circle]) from None
    except ScenarioError as error:
        raise ScenarioError([*error.problems, *unknown]) from None
    if unknown:
        raise ScenarioError(unknown)
    return made


def _unknown_measures(arm: Arm, folder: Path | None) -> Iterator[Problem]:
    """What reforms expect of measures that nothing measures."""
    if not arm.reforms:
        return
    from sim.measures import MEASURES  # here, so that what is there can be named without whatever measures

    for reform in arm.reforms:
        header, path, _ = read("reforms", reform, search_folders(folder))
        for at, one in enumerate(header.expected if isinstance(header, Overlay) else ()):
            if one.measure not in MEASURES:
                what = f"no measure called {one.measure!r}"
                yield Problem(
                    file=str(path), key=f"expected[{at}].measure", found=what, expected=known_one(one.measure, MEASURES)
                )


def _in_window(plan: Plan, question: Question) -> Plan:
    """The plan observed over the window asked for. Play itself does not change."""
    seen = plan.observation
    opens = plan.minute(question.window_from) if question.window_from else seen.window_from
    ends = plan.minute(question.window_to) if question.window_to else seen.window_to
    if not 0 <= opens < ends <= seen.extract_on:
        wanted = f"{plan.starts_on} <= from < to <= {plan.day(seen.extract_on)}, the days of {plan.name} that are known"
        given = f"from {plan.day(opens)} to {plan.day(ends)}"
        raise ScenarioError([Problem(file="--from, --to", key="window", found=given, expected=wanted)])
    return replace(plan, observation=Observation(opens, ends, seen.extract_on))


def _arm_of(other: str, base: Arm, folder: Path | None, gathered: _Gathered) -> Arm | None:
    """An arm by what the user calls it: reforms over the base, a staffing sheet with them or alone, or a scenario of its own."""
    folders = search_folders(folder)
    reforms, scenarios = found("reforms", folders), found("scenarios", folders)
    parts = [part.strip() for part in other.split(TOGETHER)]
    plans = [part for part in parts if _is_sheet(part)]
    if len(parts) == 1 and other not in reforms and (other in scenarios or _is_scenario_file(other)):
        return replace(base, label=_stem(other), scenario=other, reforms=())
    good = True
    for part in parts:
        if part not in reforms and part not in plans and not part.endswith(".toml"):
            known = [*reforms, *(scenarios if len(parts) == 1 else ())]
            wanted = _meant(part, folders) or known_one(part, known)
            gathered.wrong("reforms", "", f"no reform or scenario called {part!r}", wanted)
            good = False
    if len(set(parts)) < len(parts):
        gathered.wrong("reforms", "", f"a reform twice in {other!r}", "each once")
        good = False
    if len(set(plans)) > 1:
        found_here = f"{len(set(plans))} staffing sheets in {other!r}"
        wanted = "one: a sheet says all that is done to posts, so put the rows of both into one file"
        gathered.wrong("reforms", "", found_here, wanted)
        good = False
    if not good:
        return None
    laid = (part for part in parts if part not in plans)
    label = TOGETHER.join(map(_stem, parts))
    return replace(base, label=label, reforms=(*base.reforms, *laid), staffing=plans[0] if plans else "")


def _is_sheet(name: str) -> bool:
    """Whether a path names a staffing sheet, by how it ends."""
    return Path(name).suffix.lower() in SHEET_ENDINGS


def _meant(name: str, folders: tuple[Path, ...]) -> str:
    """What a name that is none may have meant: a single change, a sheet without its ending, a file that lies where none is looked for."""
    if "=" in name:
        return f"a single change given as an option: --arm {name}"
    if sheet := _sheet_called(name, folders):
        return f"a staffing sheet with its ending, {sheet}"
    return elsewhere("reforms", name, folders)


def _sheet_called(name: str, folders: Sequence[Path]) -> Path | None:
    """A staffing sheet that a name without its ending may have meant: in this folder, or in that of sheets beside scenarios."""
    places = [Path(), *(folder / "staffing" for folder in folders)]
    sheets = [place / f"{name}{ending}" for place in places for ending in SHEET_ENDINGS]
    return next((sheet for sheet in sheets if is_file(sheet)), None)


def _is_scenario_file(name: str) -> bool:
    """Whether a path names a scenario, not an overlay. An unreadable file is neither; loading it says why."""
    if not name.endswith(".toml"):
        return False
    content, problems = read_toml(Path(name))
    return not problems and not is_overlay(content)


def _same_names(names: Sequence[str], what: str, gathered: _Gathered) -> None:
    for twice in _doubles([_stem(name) for name in names]):
        gathered.wrong(
            f"{what}s", "", f"two called {twice!r}", "names that differ, since tables tell them apart by name"
        )


def _doubles(names: Sequence[str]) -> Iterator[str]:
    yield from sorted({name for name in names if names.count(name) > 1})


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _stem(name: str) -> str:
    """What tables call a scenario, world or reform given by name or path."""
    return Path(name).stem


PATH_AND_VALUE = f"path=value or path@date=value, such as psu.investigators@2018-04-01=90; a value is {AS_A_CHANGE}"


def assignments_from(texts: Sequence[str]) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Single changes as a command line gives them, each an arm of its own, and what cannot be read of them."""
    singles, problems = _paths_and_values("--arm", texts)
    return list(dict.fromkeys(singles)), problems


def settings_from(texts: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Settings as a command line gives them, ``path=value`` or ``path@date=value``, and what cannot be read of them."""
    found, problems = _paths_and_values("--set", texts)
    settings: dict[str, str] = {}
    for path, value in found:
        if path in settings:
            wanted = "one value for each path and date"
            problems.append(Problem(file="--set", key=path, found="a second value", expected=wanted))
        else:
            settings[path] = value
    return settings, problems


def _paths_and_values(option: str, texts: Sequence[str]) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Both sides of each assignment, and those that are none."""
    found, problems = [], []
    for text in texts:
        path, _, value = (part.strip() for part in text.partition("="))
        if path and value:
            found.append((path, value))
        else:
            problems.append(Problem(file=option, key="", found=repr(text), expected=PATH_AND_VALUE))
    return found, problems
