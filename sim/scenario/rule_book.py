"""Which rules were in force on a day, which date does each look at, and what put it there?

The rules are the numbers whose keys open with ``law.``. ``rule_book`` reads them as a scenario has laid them, so that reforms and settings show;
``page`` tells the law by date from the evidence alone. ``python -m sim.scenario.rule_book docs/law.md`` writes that page again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

from sim.evidence import LAW, Number, Problem, Step
from sim.scenario.build import ScenarioError
from sim.scenario.load import Change, Scenario

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Who decides": ("referral_within", "iopc_views", "call_in", "regulation_13_delegable"),
    "Notice and clocks": (
        "notice_service",
        "representations",
        "delay_reports",
        "delay_report_first",
        "delay_report_again",
        "response",
        "witness_lists",
        "prehearing_within",
        "meeting_within",
        "hearing_within",
        "accelerated_notice",
        "accelerated_latest",
        "outcome_report",
    ),
    "Leaving": (
        "resignation_barred",
        "former_officers",
        "former_officers_accelerated",
        "disapproved_register",
        "barred_list",
    ),
    "Panels": ("legally_qualified_chairs", "chief_officer_chairs", "panel_reads_referral", "public_notice"),
    "Outcomes": (
        "reflective_practice",
        "dismissal_with_notice",
        "reduction_in_rank",
        "written_warning_lasts",
        "final_warning_lasts",
        "presumption_of_dismissal",
        "civil_test_of_force",
    ),
    "Appeals": ("meeting_appeal_notice", "meeting_appeal_decision", "tribunal_notice", "tribunal_papers"),
    "Suspension": ("suspension_duty", "suspension_review", "suspension_decision"),
    "Vetting and performance": (
        "vetting_route",
        "severity_may_refer_to_vetting",
        "vetting_appeal",
        "performance_stages",
        "probation",
    ),
    "Criminal proceedings": ("charging_test", "indictable_conviction_is_gross"),
    "Re-opening": ("reinvestigation",),
    "Off unless a reform turns them on": (
        "tribunal_open_to_chief_officers",
        "force_may_reopen",
        "time_limit",
        "time_limit_gives_priority",
        "time_limit_discontinues",
        "time_limit_ends_adjournments",
    ),
}
"""Where a rule stands in the book: names without ``law.``, in the order of telling."""
OTHER = "Other rules"
"""Where a rule stands that `GROUPS` does not know, such as one of the user's own."""

NEEDS: Mapping[str, str] = {
    "delay_report_first": "delay_reports",
    "delay_report_again": "delay_reports",
    "severity_may_refer_to_vetting": "vetting_route",
    "vetting_appeal": "vetting_route",
    "time_limit_gives_priority": "time_limit",
    "time_limit_discontinues": "time_limit",
    "time_limit_ends_adjournments": "time_limit",
}
"""Rules that mean nothing while another is off."""
YIELDS: Mapping[str, str] = {"legally_qualified_chairs": "chief_officer_chairs", "disapproved_register": "barred_list"}
"""Rules that stay on and give way to another where that is on."""

READINGS: Mapping[str, str] = {
    "subject.panel_on": "panel_reads_referral",
}
"""Dates that are read in two ways, and the rule that chooses: 0 the day the investigation began, 1 the day of referral to the panel."""
NOW = "now"
BEGAN, REFERRED = "the day the investigation began", "the day of referral to the panel"
LOOKS_AT: Mapping[str, str] = {
    NOW: "the day it is asked",
    "case.received_on": "the day the matter came to attention",
    "case.conduct_on": "the day of the conduct",
}
CATCHES: Mapping[str, str] = {
    NOW: "what happens from that day on, in every open case",
    "case.received_on": "matters that came to attention from that day on",
    "case.conduct_on": "conduct from that day on",
}

NOT_RULES: Mapping[str, str] = {
    "R1": "2012: the same structure under another local body, which is no part of the model",
    "R6": "2018: the IPCC becomes the IOPC, with one director; it decides as before",
    "R7a": "2021: chiefs are asked to hold more accelerated hearings, under the same rule; a reform asks what more of them do",
    "R8": "2023: an announcement, which changes no rule",
    "R12": "2026: a white paper, which proposes",
    "E1": "2022: legally qualified chairs stay away, which is a matter of their diary",
    "E4": "2025: a review is accepted, which announces R14",
    "E5": "2025 or 2026: the Court of Appeal on unproven allegations in vetting; its day is not known for sure",
}
"""Events of the years 2008 to 2026 that change no rule of this book, and why."""
NOT_MODELLED = (
    "what hearing in public changes: only the length of the notice is here",
    "attendance and rights of complainants; the victims' right to review of 2026",
    "anonymity of firearms officers, of 2026",
    "special constables",
    "panels of senior officers, who are judged by another force or the inspectorate; a chair from outside on the IOPC's recommendation",
    "the condition under which a matter that surfaces long after an officer has left may still be heard",
    "final written warnings extended to five years",
    "the advisory list beside the barred list",
    "the list of offences for which arrest alone requires suspension: one switch stands for the whole duty",
    "vetting within six months of appointment, and licences to practise",
    "what the use-of-force test of 2026 leaves to the older test",
    "consent to leave between 2015 and 2017, given to officers who were medically unfit or in other exceptional circumstances; and the days before "
    "severity was assessed, when leaving was barred too",
    "a full hearing for a former officer who asks for one or whom the appropriate authority sends to one: since May 2025 only those who are heard "
    "together with others, or whose gross misconduct was not proved on the papers, have one",
    "which offences only the Crown Court tries: a conviction in a matter of misconduct of high seriousness stands for them",
    "that whoever had a final written warning when severity was assessed may not be given another",
    "a reduction in rank at an accelerated hearing",
    "that an officer is redeployed, where that will do, before suspension is considered",
    "an appeal of somebody who was not dismissed, or is a former officer, ending in a lesser sanction: it is dismissed or sent back",
    "transitional rules for a second allegation that belongs to an older matter, and for re-investigations",
    "judicial review",
)
MOST_CHANGES = 10
"""Changes to come that are shown under a book."""


@dataclass(frozen=True)
class Rule:
    """One rule as it stands on a day."""

    key: str
    label: str
    group: str
    value: float
    unit: str
    attach: str
    """The date it looks at: an attribute of the model, or ``now``."""
    looks_at: str
    """The same in words."""
    since: date
    instrument: str
    """What put it there; for a rule that was laid over, the reform, world or setting. Empty where the evidence names none."""
    regime: str
    grade: str
    """Of the evidence; ``laid over`` where a reform, world or setting made it."""
    remark: str
    """When it says nothing, or gives way; empty as a rule."""

    @property
    def words(self) -> str:
        """The value as one would say it."""
        return in_words(self.value, self.unit)


@dataclass(frozen=True)
class Turn:
    """A change of one rule on a day."""

    key: str
    on: date
    before: str
    after: str
    instrument: str


def rule_book(scenario: Scenario, on: date) -> tuple[Rule, ...]:
    """The rules that stand on a day, in the order of the book.

    A rule stands on a day whether or not a case is caught by it yet: `looks_at` says which date of a case has to lie on or after `since`. The day may lie
    beyond the run of the scenario, at either end.

    Raises:
        ScenarioError: for a day before the law is known.
    """
    keys = in_order(scenario.numbers)
    histories = {key: _history(scenario, key) for key in keys}
    first = max((history[0][0] for history in histories.values()), default=on)
    if on < first:
        raise ScenarioError(
            [Problem(file="--on", key="", found=str(on), expected=f"{first} or later, from when the law is known")]
        )
    values = {key: _standing(histories[key], on)[1] for key in keys}
    return tuple(_rule(scenario, key, on, histories[key], values) for key in keys)


def next_changes(scenario: Scenario, on: date) -> tuple[Turn, ...]:
    """Every change after a day, by date."""
    turns = []
    for key in in_order(scenario.numbers):
        unit = scenario.numbers[key].unit
        turns += [
            Turn(key, day, in_words(before, unit), in_words(after, unit), _by(scenario, key, day))
            for (_, before), (day, after) in pairwise(_history(scenario, key))
            if day > on
        ]
    return tuple(sorted(turns, key=lambda turn: (turn.on, turn.key)))


def in_words(value: float, unit: str) -> str:
    """A value of a rule as one would say it: ``on``, ``15 working days``, ``none``."""
    if unit == "switch":
        return "on" if value else "off"
    if unit == "count":
        return f"{value:g}"
    if value == 0:
        return "none"
    name = unit.replace("_", " ")
    return f"{value:g} {name.removesuffix('s') if value == 1 else name}"


def book_lines(scenario: Scenario, on: date, mentions: str = "") -> Iterator[str]:
    """The book of a day for people to read, by group, and the changes that come next; `mentions` leaves only rules that mention it.

    Raises:
        ScenarioError: for a day before the law is known.
    """
    book = rule_book(scenario, on)
    shown = [
        (rule, lines) for rule in book if mentions.casefold() in "\n".join(lines := list(_rule_lines(rule))).casefold()
    ]
    yield f"Rules in force on {_day(on)}: {' + '.join([scenario.name, *scenario.reforms])}"
    yield f"A rule looks at {LOOKS_AT[NOW]}, unless another day is named."
    if not shown:
        yield f"    No rule mentions {mentions!r}." if book else "    No rule is known."
    for group, rules in groupby(shown, key=lambda one: one[0].group):
        yield ""
        yield group
        for _, lines in rules:
            yield from lines
    yield ""
    yield f"Next changes after {_day(on)}"
    keys = {rule.key for rule, _ in shown}
    turns = [turn for turn in next_changes(scenario, on) if turn.key in keys]
    if not turns:
        yield "    None is known."
    for turn in turns[:MOST_CHANGES]:
        by = f", by {turn.instrument}" if turn.instrument else ""
        yield f"    {turn.on}  {turn.key}: {turn.before} -> {turn.after}{by}"
    if len(turns) > MOST_CHANGES:
        yield f"    and {len(turns) - MOST_CHANGES} later ones."


def _rule_lines(rule: Rule) -> Iterator[str]:
    yield f"    {rule.words:<16}  since {rule.since}  {rule.label} [{rule.key}]"
    regime = f" ({rule.regime})" if rule.regime else ""
    by = f"by {rule.instrument}{regime}" if rule.instrument else f"no instrument named{regime}"
    looks_at = f"; looks at {rule.looks_at}" if rule.attach != NOW else ""
    remark = f"; {rule.remark}" if rule.remark else ""
    yield f"{'':22}{by}; {rule.grade}{looks_at}{remark}"


# --- reading a scenario -------------------------------------------------------------------------------------------------


def _history(scenario: Scenario, key: str) -> tuple[tuple[date, float], ...]:
    """The steps of a rule as laid, with those of the evidence from before the scenario begins, which the laid ones may have dropped."""
    laid = scenario.numbers[key].steps
    steps = scenario.evidence.numbers[key].steps
    return (*((step.from_, step.value) for step in steps if step.from_ < laid[0][0]), *laid)


def _standing(history: tuple[tuple[date, float], ...], on: date) -> tuple[date, float]:
    return next((day, value) for day, value in reversed(history) if day <= on)


def _laid_over(scenario: Scenario, key: str, on: date) -> tuple[Change, ...]:
    """What holds over a rule on a day."""
    return tuple(
        change
        for change in scenario.changes
        if change.key == key and next((amount for day, amount in reversed(change.steps) if day <= on), None) is not None
    )


def _by(scenario: Scenario, key: str, on: date) -> str:
    """What makes a rule stand as it does on a day."""
    over = _laid_over(scenario, key, on)
    if over:
        return ", ".join(dict.fromkeys(_called(change.source) for change in over))
    return _step(scenario, key, on).instrument


def _step(scenario: Scenario, key: str, on: date) -> Step:
    """The step of the evidence that holds on a day; before the first, that one."""
    steps = scenario.evidence.numbers[key].steps
    return next((step for step in reversed(steps) if step.from_ <= on), steps[0])


def _called(source: str) -> str:
    """A file by its name; an option as it is."""
    return Path(source).stem if source.endswith(".toml") else source


def _rule(
    scenario: Scenario, key: str, on: date, history: tuple[tuple[date, float], ...], values: Mapping[str, float]
) -> Rule:
    number, name = scenario.evidence.numbers[key], key.removeprefix(LAW)
    over = _laid_over(scenario, key, on)
    step, (since, value) = _step(scenario, key, on), _standing(history, on)
    return Rule(
        key=key,
        label=number.label,
        group=group_of(key),
        value=value,
        unit=number.unit,
        attach=number.attach,
        looks_at=_looks_at(number.attach, values),
        since=since if over else step.from_,
        instrument=_by(scenario, key, on),
        regime="" if over else step.regime,
        grade="laid over" if over else step.grade,
        remark=_remark(name, values),
    )


def in_order(keys: Iterable[str]) -> tuple[str, ...]:
    """The rules among some keys, in the order of the book."""
    order = {f"{LAW}{name}": at for at, name in enumerate(name for names in GROUPS.values() for name in names)}
    laws = (key for key in keys if key.startswith(LAW))
    return tuple(sorted(laws, key=lambda key: (order.get(key, len(order)), key)))


def group_of(key: str) -> str:
    """Where a rule stands in the book."""
    return next((group for group, names in GROUPS.items() if key.removeprefix(LAW) in names), OTHER)


def _looks_at(attach: str, values: Mapping[str, float]) -> str:
    if attach in READINGS:
        chosen = REFERRED if values.get(f"{LAW}{READINGS[attach]}") else BEGAN
        return f"{chosen} ({LAW}{READINGS[attach]})"
    return LOOKS_AT.get(attach, attach)


def _remark(name: str, values: Mapping[str, float]) -> str:
    needed, stronger = NEEDS.get(name), YIELDS.get(name)
    if needed and not values.get(f"{LAW}{needed}"):
        return f"it says nothing while {LAW}{needed} is off"
    if stronger and values.get(f"{LAW}{name}") and values.get(f"{LAW}{stronger}"):
        return f"{LAW}{stronger} prevails for those it catches"
    return ""


def _day(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"


# --- the law by date, as a page -------------------------------------------------------------------------------------------


def page(numbers: Mapping[str, Number]) -> str:
    """The law by date in Markdown, from the numbers of the evidence."""
    laws = [numbers[key] for key in in_order(numbers)]
    return "\n".join([*_opening(laws), *_timeline(laws), *_what_is_left_out()]) + "\n"


def _opening(laws: list[Number]) -> Iterator[str]:
    first = min(number.steps[0].from_ for number in laws)
    yield "# The law by date"
    yield ""
    yield "Made from `scenarios/evidence/law.toml` by `make docs`; a test keeps the two the same."
    yield "`misconduct show SCENARIO --on DATE` prints the book of any day, with reforms laid over it."
    yield ""
    yield "Each rule looks at one date: the day it is asked, or a date that the case carries. So one law catches some open cases and not others."
    yield "*Published* means that a source of the register states it; *assumed* that it is background knowledge, to be verified, or our own."
    yield "One transitional rule is held in two readings, and `law.panel_reads_referral` chooses:"
    yield f"{BEGAN}, or {REFERRED}."
    yield ""
    yield f"## The book of {_day(first)}"
    yield ""
    yield "| about | rule | value | looks at | grade |"
    yield "|---|---|---|---|---|"
    for number in laws:
        step = number.steps[0]
        yield f"| {group_of(number.key)} | {number.label} (`{number.key}`) | {in_words(step.value, number.unit)} | {_either(number.attach, LOOKS_AT)} | {step.grade} |"
    yield ""


def _timeline(laws: list[Number]) -> Iterator[str]:
    yield "## What changed, by date"
    yield ""
    yield "| date | regime | instrument | what changes | which cases it catches | grade |"
    yield "|---|---|---|---|---|---|"
    turns = [(later, number, earlier) for number in laws for earlier, later in pairwise(number.steps)]
    for step, number, earlier in sorted(turns, key=lambda turn: (turn[0].from_, turn[0].instrument, turn[1].key)):
        what = f"{number.label} (`{number.key}`): {_from_to(earlier, step, number.unit)}"
        catches = _either(number.attach, CATCHES)
        yield f"| {step.from_} | {step.regime} | {step.instrument or 'none named'} | {what} | {catches} | {step.grade} |"
    yield ""


def _from_to(before: Step, after: Step, unit: str) -> str:
    one, other = in_words(before.value, unit), in_words(after.value, unit)
    return f"stays {other}" if one == other else f"{one} to {other}"


def _either(attach: str, words: Mapping[str, str]) -> str:
    """A date in words; one that is read in two ways, both."""
    if attach not in READINGS:
        return words.get(attach, attach)
    if words is CATCHES:
        return "those whose investigation began, or who were referred to the panel, from that day on (two readings)"
    return f"{BEGAN}, or {REFERRED} (two readings)"


def _what_is_left_out() -> Iterator[str]:
    yield "## Events that change no rule here"
    yield ""
    for event, why in NOT_RULES.items():
        yield f"- {event}. {why[0].upper()}{why[1:]}."
    yield ""
    yield "## What is not modelled"
    yield ""
    for what in NOT_MODELLED:
        yield f"- {what[0].upper()}{what[1:]}."


if __name__ == "__main__":
    from sim.scenario.files import shipped_folder
    from sim.scenario.load import evidence_of

    (target,) = sys.argv[1:] or ("docs/law.md",)
    Path(target).write_text(page(evidence_of((shipped_folder(),)).numbers), encoding="utf-8")
