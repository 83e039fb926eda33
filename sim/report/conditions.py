"""How is a condition said? The three words of a declaration as a clause that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterable

from sim.report.words import plain

SCOPES = ("person", "case", "subject", "allegation")
LAW = "law."
COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
OF_DAYS = {
    "=": "is the same day as",
    "!=": "is another day than",
    "<": "is before",
    "<=": "is not after",
    ">": "is after",
    ">=": "is not before",
}
AGAINST_NOW = {"<": "is past", "<=": "has come", ">": "is still to come", ">=": "is not past", "=": "is now"}
DAY = "_on"
"""How the name of a date ends."""


def clauses(conditions: Iterable[str]) -> str:
    """Several conditions that must all hold; empty where there are none."""
    return " and ".join(clause(condition) for condition in conditions)


def clause(condition: str) -> str:
    """ "all person.gone != no" -> "every person's gone is not no"; a switch of the law by its name.

    A condition that is not three words (and perhaps ``any`` or ``all``) is given back as it is.
    """
    words = condition.split()
    quantifier = words.pop(0) if words and words[0] in ("any", "all") else ""
    if len(words) != 3:
        return condition
    left, sign, right = words
    if left.partition(".")[0] not in SCOPES:
        return _of_value(left, sign, right)
    subject = _attribute(left, quantifier)
    if right == "unset":
        return f"{subject} {'is not set' if sign == '=' else 'is set'}"
    if right == "now" and sign in AGAINST_NOW:
        return f"{subject} {AGAINST_NOW[sign]}"
    compared = OF_DAYS if left.endswith(DAY) else COMPARED
    other = _attribute(right, "") if right.partition(".")[0] in SCOPES and "." in right else plain(right)
    return f"{subject} {compared[sign]} {other}"


def _attribute(name: str, quantifier: str) -> str:
    """ "subject.referred_on" -> "the subject's day of “referred”"."""
    scope, _, short = name.partition(".")
    whose = {"all": f"every {scope}'s", "any": f"any {scope}'s", "": f"the {scope}'s"}[quantifier]
    return f"{whose} day “{plain(short.removesuffix(DAY))}”" if short.endswith(DAY) else f"{whose} {plain(short)}"


def _of_value(key: str, sign: str, right: str) -> str:
    """A number of the evidence; what the law says yes or no to is under a rule, or without it."""
    if key.startswith(LAW) and sign == "=" and right in ("0", "1"):
        return f"{'under' if right == '1' else 'without'} the rule “{plain(key.removeprefix(LAW))}”"
    return f"“{plain(key)}” {COMPARED[sign]} {right}"
