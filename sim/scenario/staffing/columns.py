"""What may a staffing sheet say? One row for each change of a team's posts, and for each column what its cells may hold.

There is no place for a name, a number of a person or a remark: every cell is a date, a number or a word of a short list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sim.scenario.files import as_date, known_one
from sim.scenario.sheets import Cell, known_word, shown, written_as_iso

AS_IT_IS = "as_it_is"
HOWS: Mapping[str, str] = {
    AS_IT_IS: "the team stays as the scenario and its world have it; no posts",
    "established": "posts there are from this day, at full speed, in place of the number of every world",
    "recruit": "posts funded from this day and filled after recruitment, vetting and training",
    "transfer": "posts filled from within after vetting and training; below zero, posts given up on this day",
    "secondee": "as transfer, until the day before `until`",
    "leaver": "people who leave on this day, below zero; each is replaced as a recruit would come",
    "turnover": "from this day people leave at the rate in `turnover`, and are replaced; no posts",
    "pool": "all units of the team work as one after a time of setting up; no posts",
}
SKILLS: Mapping[str, str] = {
    "none": "neither; trained first",
    "accredited": "accredited for professional standards; no training first",
    "detective": "a trained detective; no training first",
}
REASONS: Mapping[str, str] = {
    "present": "how things stand: posts there are, people who leave",
    "growth": "posts that were not there",
    "replacement": "fills a post that is funded and vacant, so it funds none",
    "surge": "for a while",
    "reorganisation": "moved by a reorganisation",
    "reform": "part of a reform",
}
FROM_UNITS: Mapping[str, str] = {
    "front_line": "response and neighbourhood policing",
    "bcu": "other work of a basic command unit",
    "other_crime": "investigators of other crime",
    "external": "from outside the force",
}
STANDS = ("established", "leaver", "turnover", AS_IT_IS)
"""Ways that tell how things stand, so that their reason is `present` if not said."""
MOST_POSTS = 10_000
MOST_TURNOVER = 2.0


class CellError(ValueError):
    """A cell that is not of its column's kind; the message says what would be right."""


@dataclass(frozen=True)
class Column:
    """A column of a staffing sheet."""

    name: str
    meaning: str
    read: Callable[[str], Cell]
    words: Mapping[str, str] | None = None
    required: bool = False
    """Whether a sheet must have the column, and each of its cells something in it."""


@dataclass(frozen=True)
class Row:
    """One line of a staffing sheet; a column that was left out or empty has its default here."""

    team: str
    on: date
    posts: float
    """Of `established` the posts funded; else posts more, or below zero fewer."""
    how: str
    in_post: float | None = None
    """Of `established`: how many of the posts are filled; all if not said."""
    fte: float = 1.0
    """Full-time equivalent of each post."""
    skill: str = "none"
    until: date | None = None
    """The day a secondee is back where they came from."""
    reason: str = "growth"
    from_unit: str = "external"
    """Who gives them up, or below zero who gets them."""
    turnover: float | None = None
    """Of `established` and `turnover`: people who leave in a year, of each person; the scenario's own number if not said."""

    @property
    def rests_on_terms(self) -> bool:
        """Whether what it does rests on the numbers of staffing: how long posts take to fill, how fast newcomers are, who replaces leavers, what a pool takes."""
        comes = self.posts > 0 and self.how in ("recruit", "transfer", "secondee")
        return comes or self.how in ("leaver", "turnover", "pool") or bool(self.turnover)


def _one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        word = known_word(text, words)
        if word not in words:
            raise CellError(known_one(text, words))
        return word

    return read


def _day(text: str) -> date:
    day = as_date(text)
    if day is None:
        told = written_as_iso(text)
        raise CellError(f"a date such as 2027-04-01{f': {told}' if told else ''}")
    return day


def _number(lowest: float, highest: float, what: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise CellError(what) from None
        if not (math.isfinite(number) and lowest <= number <= highest):
            raise CellError(what)
        return number + 0.0  # no minus before a zero

    return read


_A_TEAM = "the team's name"

COLUMNS: tuple[Column, ...] = (
    Column("team", "which team the posts belong to", str, required=True),
    Column("date", "the day it is funded, given up or in force, as 2027-04-01", _day, required=True),
    Column("posts", "posts there are (established), else posts more or, below zero, fewer", _number(-MOST_POSTS, MOST_POSTS, f"a number from -{MOST_POSTS} to {MOST_POSTS}"), required=True),
    Column("how", "how they come or go", _one_of(HOWS), HOWS, required=True),
    Column("in_post", "established only: how many of them are filled; all if empty", _number(0, MOST_POSTS, f"a number from 0 to {MOST_POSTS}")),
    Column("fte", "full-time equivalent of each post; 1 if empty", _number(0.05, 1, "a number from 0.05 to 1")),
    Column("skill", "what they bring; none if empty", _one_of(SKILLS), SKILLS),
    Column("until", "secondees only: the day they are back, as 2028-04-01", _day),
    Column("reason", "what it is for; growth if empty, present for as_it_is, established, leaver and turnover", _one_of(REASONS), REASONS),
    Column("from_unit", "who gives them up, or gets those given up; external if empty", _one_of(FROM_UNITS), FROM_UNITS),
    Column("turnover", "established and turnover only: people who leave in a year, of each person; the scenario's own if empty", _number(0, MOST_TURNOVER, f"a number from 0 to {MOST_TURNOVER:g}")),
)  # fmt: skip
"""In the order in which they are written."""


def dictionary() -> list[tuple[str, str, str]]:
    """Name, meaning and words of each column, a line for each word."""
    lines = []
    for column in COLUMNS:
        lines.append((column.name, "", column.meaning))
        lines += [(column.name, word, meaning) for word, meaning in (column.words or {}).items()]
    return lines


def faults(row: Row, pools: bool) -> list[tuple[str, str, str]]:
    """Column, what was found and what would be right, for cells that are right alone and wrong together.

    Args:
        row: a line of the sheet.
        pools: whether the row's team has units that can be pooled.
    """
    found: list[tuple[str, str, str]] = []

    def wrong(column: str, has: object, right: str) -> None:
        found.append((column, "nothing" if has is None else shown(str(has)), f"{right}, with how = {row.how}"))

    whole = row.posts == int(row.posts)
    right = {
        "established": (row.posts >= 0, "a number of posts, 0 or more"),
        "recruit": (whole and row.posts >= 1, "a whole number of posts, 1 or more"),
        "secondee": (whole and row.posts >= 1, "a whole number of posts, 1 or more"),
        "transfer": (whole and row.posts != 0, "a whole number of posts, not 0"),
        "leaver": (whole and row.posts <= -1, "a whole number of people, -1 or below"),
        "turnover": (row.posts == 0, "0 posts"),
        "pool": (row.posts == 0, "0 posts"),
        AS_IT_IS: (row.posts == 0, "0 posts"),
    }
    good, expected = right[row.how]
    if not good:
        wrong("posts", f"{row.posts:g}", expected)
    if row.how == "established":
        if row.in_post is not None and row.in_post > row.posts:
            wrong("in_post", f"{row.in_post:g}", f"at most the posts, {row.posts:g}")
        if row.skill != "none":
            wrong("skill", row.skill, "none: the scenario's numbers hold what its people can do")
    else:
        if row.in_post is not None:
            wrong("in_post", f"{row.in_post:g}", "nothing")
    if row.how == "turnover" and row.turnover is None:
        wrong("turnover", None, "a rate")
    if row.how not in ("established", "turnover") and row.turnover is not None:
        wrong("turnover", f"{row.turnover:g}", "nothing")
    if row.how == "established" and row.reason != "present":
        wrong("reason", row.reason, "present")
    if row.how not in STANDS and row.reason == "present":
        wrong("reason", row.reason, "any other reason")
    if row.how == "secondee" and (row.until is None or row.until <= row.on):
        wrong("until", row.until, f"a day after {row.on}")
    if row.how != "secondee" and row.until is not None:
        wrong("until", row.until, "nothing")
    if row.reason == "replacement" and not (row.how in ("recruit", "transfer") and row.posts > 0):
        wrong("reason", row.reason, "another reason: recruits and transfers fill vacant posts")
    if row.how == "pool" and not pools:
        wrong("how", row.how, f"another way: {row.team} has no units to bring together")
    return found
