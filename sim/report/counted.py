"""Which members agree with what the user has counted? Unallocated cases by family of the ensemble, beside the count, and weights before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from sim.experiment.counted import (
    AGREES,
    AGREES_WITHIN,
    MEASURE,
    NEAR,
    OUTSIDE,
    RULED_OUT,
    Weighed,
    shown_by,
    spans_of,
    worst,
)
from sim.experiment.counted import Count as Asked
from sim.experiment.study import Played
from sim.report import tables, words

TEAMS = ("psu", "dps")
"""Whose unallocated cases tell the families apart."""
FEW = 3.0
"""Members left, counted as ones of equal weight, of which an interval of the mean says next to nothing."""
SPANS = ("team", "on", "world", "mean", "low", "high", "members")
"""Of the base: unallocated cases of a team on a day, by family: mean, and between which values four in five single futures of its members lie."""


def family_table(weighed: Weighed) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: for each family what its members show of each count, how many of them are left, weight before and after."""
    columns = [f"{one.team}, {one.on.isoformat()}" for one in weighed.counts]
    rows = [["your count", *(f"{one.cases:,.0f}\n+-{one.error:,.0f}" for one in weighed.counts), "", "", ""]]
    for world, mine in weighed.families.groupby("world", sort=False):
        first = mine.iloc[0]
        cells = [f"{row['mean']:,.0f}\n{span_words(row)}" for _, row in mine.iterrows()]
        weights = [tables.number(float(first[name]), "fraction") for name in ("weight_before", "weight_after")]
        rows.append([str(world) or "its world", *cells, f"{first['left']} of {first['members']}", *weights])
    return [*columns, "members left", "weight before", "after"], rows


def span_words(row: pd.Series) -> str:
    """Between which whole numbers of cases."""
    return f"{row['low']:,.0f}..{row['high']:,.0f}"


def sentences(played: Played, base: str) -> Iterator[str]:
    """Who agrees and who does not, and what that is worth."""
    weighed = played.weighed
    if weighed is None:
        return
    yield (
        f"Counted alike: cases of every stream that wait, in {base}, for a place with an investigator of the team at the end of that day. In the model's rows the mean, and "
        "between which values four in five single futures lie."
    )
    yield from _agreeing(weighed)
    by_hand = weighed.table[weighed.table["member"] == ""]
    verdicts = {str(world): worst(list(mine["verdict"])) for world, mine in by_hand.groupby("world", sort=False)}
    if verdicts and any(verdicts):
        agree = [world for world, one in verdicts.items() if one == AGREES]
        told = words.listed(agree) if agree else "none"
        yield f"Of the worlds fitted by hand, which the tables above and the quarters and teams below are of and no weights touch, these agree: {told}."
    if not weighed.agrees:
        yield (
            "Weights are left as they were. Either something else was counted, or this ensemble does not hold a force with such queues: then it can say nothing of yours, and "
            "what follows is of published totals alone."
        )
        return
    as_good_as = 1 / float((weighed.weights**2).sum())
    yield (
        f"{_members(len(played.members))} left for what follows, worth as much as {as_good_as:.1f} of equal weight."
        + (
            f" The ensemble has {played.size}; --members {played.size} plays them all."
            if len(weighed.weights) < played.size
            else ""
        )
    )
    if as_good_as < FEW:
        yield "So few carry no interval of their mean: read their range, under ignorance, and not settled as not known from so few."
    yield (
        "The members were calibrated to published totals; weighing them again is to the number you gave, which is in no source here and which no check was of. It says whose queues are like "
        "the ones counted. It does not say what caused them."
    )


def _agreeing(weighed: Weighed) -> Iterator[str]:
    """Names of the members that agree, the families that do not, and what each count would say alone."""
    mine = weighed.table[weighed.table["member"] != ""]
    verdicts = {str(name): worst(list(rows["verdict"])) for name, rows in mine.groupby("member", sort=False)}
    agree, near = ([name for name, one in verdicts.items() if one == wanted] for wanted in (AGREES, NEAR))
    told = [f"within {AGREES_WITHIN:g} standard deviations {words.listed(agree)}"] if agree else []
    told += [f"within {RULED_OUT:g} {words.listed(near)}"] if near else []
    without = [
        str(world) or "its world"
        for world, rows in weighed.families.groupby("world", sort=False)
        if rows["left"].iloc[0] == 0
    ]
    if not weighed.agrees:
        yield f"No member agrees with {'all that was' if len(weighed.counts) > 1 else 'what was'} counted."
        yield from (_alone(mine, one) for one in weighed.counts if len(weighed.counts) > 1)
        return
    yield f"Members that agree: {'; '.join(told)}."
    if without:
        yield f"Families that do not match, no member of which is left: {words.listed(without)}. They have no column below."


def _alone(mine: pd.DataFrame, count: Asked) -> str:
    """Which families have members that agree with one count, whatever the others say."""
    rows = mine[(mine["team"] == count.team) & (mine["on"] == count.on.isoformat()) & (mine["verdict"] != OUTSIDE)]
    families = [f"{world} ({_members(len(own))})" for world, own in rows.groupby("world", sort=False)]
    return f"Alone, {count.cases:,.0f} of {count.team} would leave {words.listed(families) if families else 'none'}."


def _members(number: int) -> str:
    return f"{number} member{'s' if number != 1 else ''}"


# --- on the page of ignorance -----------------------------------------------------------------------------------------


def family_spans(played: Played, base: str) -> pd.DataFrame:
    """`SPANS`: of the base in the members, for each of `TEAMS` on the last day there is; empty where nothing waits for a place."""
    from datetime import date

    figures = played.figures[base]
    mine = figures.names[figures.names["measure"] == MEASURE]
    rows = []
    for team in TEAMS:
        days = sorted(mine.loc[mine["group"] == f"team={team}", "period"])
        for day in days[-1:]:
            shown = shown_by(figures, Asked(team, date.fromisoformat(day), 0.0, 0.0), len(played.members))
            for world, span in spans_of(shown, played.worlds, played.weights).items():
                rows.append((team, day, world, *span, played.worlds.count(world)))
    return pd.DataFrame(rows, columns=list(SPANS))


def page_lines(spans: pd.DataFrame, base: str, size: int, worlds: Sequence[str]) -> Iterator[str]:
    """Markdown: what each family would have a force count, and how to put in what it did count."""
    yield "## Unallocated cases, by team and family\n"
    yield (
        "What a force would count in each family of the ensemble on that day: cases of every stream that wait for a place with an investigator of the team. The mean of the members, and in brackets "
        "between which values four in five single futures of theirs lie. It is what the model shows of numbers that nobody publishes, and no count.\n"
    )
    yield f"| waiting for | on | {' | '.join(world or 'its world' for world in worlds)} |"
    yield "|---|---|" + "--:|" * len(worlds)
    for _, mine in spans.groupby(["team", "on"], sort=False):
        by_world = {str(row["world"]): f"{row['mean']:,.0f} ({span_words(row)})" for _, row in mine.iterrows()}
        cells = [by_world[world] for world in worlds]
        yield f"| {words.team(str(mine['team'].iloc[0]))} | {mine['on'].iloc[0]} | {' | '.join(cells)} |"
    yield ""
    first = spans.iloc[0]
    yield (
        f"A force that has counted its own puts it in, and the members are weighed again by how well they agree: `misconduct compare {base} more_psu_investigators --ensemble --members {size} "
        f"--unallocated {first['team']}@{first['on']}=540`. Families that do not match are named and left out. Nothing about causes follows.\n"
    )
