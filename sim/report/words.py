"""How is it said? Names of the model's tables in the words of the field."""

from __future__ import annotations

from datetime import date

KINDS = {
    "own_work": "being worked on",
    "waiting_for_own_staff": "waiting for its own staff",
    "another_body": "with another body",
    "officer_and_representatives": "waiting for the officer",
    "victim_and_witnesses": "waiting for witnesses",
    "legal_pause": "paused by law",
    "listing": "listing and hearing",
}
"""What a kind of time means, said of the owner."""

NAMES_ITSELF = ("another_body", "officer_and_representatives", "victim_and_witnesses")
"""Kinds of time that the owner's name already says."""

TEAMS = {
    "psu": "Local professional standards units",
    "dps": "Directorate of Professional Standards",
    "appropriate_authority": "Appropriate authority",
    "intake": "Intake and severity assessors",
    "case_managers": "Case managers and lawyers",
}

BREACHES = {
    "": "All allegations",
    "equality_and_diversity": "Equality and diversity",
    "sexual_misconduct": "Sexual misconduct",
    "use_of_force": "Use of force",
    "other": "Other breaches",
}

AGES = {
    "over_2_years": "over 2 years",
    "1_to_2_years": "1 to 2 years",
    "6_to_12_months": "6 to 12 months",
    "under_6_months": "under 6 months",
}

ROLES = {
    "calibrate": "may be fitted",
    "validate": "held back, not fitted",
    "conflict": "sources disagree",
    "context": "beside it, not scored",
}


ABBREVIATIONS = {"iopc": "IOPC", "psu": "PSU", "dps": "DPS"}


def owner_and_kind(owner: str, kind: str) -> str:
    """ "force", "own_work" -> "Force: being worked on"."""
    name = owner[:1].upper() + owner[1:]
    return name if kind in NAMES_ITSELF else f"{name}: {KINDS.get(kind, plain(kind))}"


def plain(name: str) -> str:
    """A name of a table as words."""
    return name.replace("_", " ")


def short(name: str) -> str:
    """A name of a table as words, those that are letters only in capitals: "IOPC caseworkers"."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in plain(name).split(" "))


def sentence(name: str) -> str:
    """A name of a table as the beginning of a line."""
    words = short(name)
    return words[:1].upper() + words[1:]


def team(name: str) -> str:
    return TEAMS.get(name, sentence(name))


def day(when: date) -> str:
    """1 July 2022."""
    return f"{when.day} {when:%B %Y}"


def listed(names: tuple[str, ...] | list[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
