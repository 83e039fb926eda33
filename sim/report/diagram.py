"""What does the pathway look like? Its stages, or the nodes of one stage, as boxes and arrows: drawn from the declaration alone.

Nothing is placed by hand (`flow.py`), no number is read, and no way is shown as taken more often than another: only which there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sim.pathway import kinds
from sim.report import words
from sim.report.arrows import (
    Arrow,
    Layout,
    Part,
    Way,
    branch_condition,
    bundles,
    factor_keys,
    node_parts,
    weight_key,
)
from sim.report.conditions import clauses
from sim.report.flow import Box, Flow, Link, Place, Style, Trunk, place
from sim.report.style import BLUE, INK, OCHRE, PAPER, PLUM, SETTINGS, SKY, SOFT, Drawn, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, OCHRE, PLUM, SKY, "#4f7a5b", "#8a6f3a", "#3f7f8c", "#94533f", "#6b6f9c")
"""Of owners, in the order in which the declaration names them."""
LANE = "#f3f4f6"
BOX, SIDE_BOX, NODE_BOX = 6.2, 4.4, 6.6
"""Widths, inches."""
PAD, HEADER = 0.07, 0.235
SMALL, TITLE, LABEL = 6.6, 8.0, 6.2
LINE = 0.128
SWATCH = 0.14
STAMP = (
    "Drawn from the declaration alone: what may happen, not how often or how long. Illustrative, not calibrated. "
    "The table beside this picture has every arrow with its condition in words and the key of its weight."
)
STYLES = {Style.SOLID: (0.0, ()), Style.DASHED: (0, (4.5, 2.2)), Style.DOTTED: (0, (1.0, 1.8))}
THIN, THICK = 0.9, 2.6
KINDS = {
    kinds.Set: "note",
    kinds.Decide: "decision",
    kinds.Work: "work",
    kinds.Wait: "wait",
    kinds.Hold: "held until",
    kinds.Assign: "caseload",
    kinds.Book: "sitting days",
    kinds.Fork: "fork",
    kinds.Join: "join",
    kinds.Exit: "end",
}
"""What each kind of node is called in the corner of its box."""


class Piece(NamedTuple):
    """Words of one look."""

    text: str
    bold: bool = False
    soft: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a box."""

    pieces: tuple[Piece, ...]
    swatch: str = ""
    """A colour before it."""
    ring: bool = False
    """The mark of an end before it."""
    indent: float = 0.0


@dataclass(frozen=True)
class Card:
    """What is written in a box."""

    name: str
    number: str
    title: str
    corner: str
    colour: str
    lines: tuple[Line, ...]
    side: bool

    @property
    def height(self) -> float:
        return HEADER + (PAD * 1.6 + LINE * len(self.lines) if self.lines else 0.0)


# --- the pictures -----------------------------------------------------------------------------------------------------


def draw_pathway(layout: Layout) -> Drawn:
    """The whole pathway: a box for each stage, or for each node where it has no stages."""
    if not layout.has_stages:
        title = f"The pathway “{layout.pathway.name}”, node by node"
        return _draw_nodes(layout, layout.parts, title)
    part_of = {name: part.name for name, part in layout.part_of.items()}
    counted = bundles((arrow for arrow in layout.arrows if not _ends_a_side_track(layout, arrow)), part_of)
    side = {part.name: _runs_beside(layout, part) for part in layout.parts}
    cards = [_stage_card(layout, part, side[part.name]) for part in layout.parts]
    title = f"The pathway “{layout.pathway.name}”: {len(layout.parts)} stages, {len(layout.pathway.nodes)} nodes, {len(layout.arrows)} arrows"
    return _draw(layout, cards, _links(counted, [part.name for part in layout.parts], side), title, BOX)


def _runs_beside(layout: Layout, part: Part) -> bool:
    """Whether a stage is a side track: all the time that passes in it does so there, or if none does, all of its nodes lie there."""
    timed = [node for node in part.nodes if whose(node, layout.teams)]
    return not any(node.name in layout.main for node in timed or part.nodes)


def draw_stage(layout: Layout, part: Part) -> Drawn:
    """The nodes inside one stage; where an arrow leaves the stage, the box says where to."""
    title = f"Stage {part.number} of the pathway “{layout.pathway.name}”: {part.title}"
    return _draw_nodes(layout, node_parts(part.nodes, f"{part.number}."), title, part.meaning)


def _draw_nodes(layout: Layout, parts: Sequence[Part], title: str, meaning: str = "") -> Drawn:
    part_of = {part.name: part.name for part in parts}
    counted = bundles(layout.arrows, part_of)
    side = {part.name: part.name not in layout.main for part in parts}
    if layout.has_stages and sum(side.values()) * 2 > len(side):
        side = dict.fromkeys(side, False)  # a stage that runs beside the case has no main line to stand beside
    number = {part.name: part.number for part in parts}
    rules = _rules(layout, number)
    cards = [_node_card(layout, part, number, side[part.name], rules) for part in parts]
    if rules:
        cards.append(_rules_card(rules))
    links = _links(counted, [part.name for part in parts], side)
    return _draw(layout, cards, links, title, NODE_BOX, meaning)


def _links(
    counted: Mapping[tuple[str, str, Way], int], order: Sequence[str], side: Mapping[str, bool]
) -> tuple[Link, ...]:
    """Arrows between boxes, one for each pair, style and direction; the longest way through the main lane is thick."""
    place_of = {name: at for at, name in enumerate(order)}
    merged: dict[tuple[str, str, Style, bool], int] = {}
    for (start, end, way), count in counted.items():
        goes_back = place_of[end] < place_of[start]
        style = Style.SOLID
        if way is Way.CALLED:
            style = Style.DOTTED
        elif goes_back or way is Way.SIDE:
            style = Style.DASHED
        key = (start, end, style, goes_back or way is Way.CALLED)
        merged[key] = merged.get(key, 0) + count
    onward = [(s, e) for (s, e, style, _) in merged if style is Style.SOLID and not side[s] and not side[e]]
    thick = longest_way(order, onward)
    return tuple(
        Link(start, end, style, count, style is Style.SOLID and (start, end) in thick, back)
        for (start, end, style, back), count in merged.items()
    )


def longest_way(order: Sequence[str], onward: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The steps of the way that passes the most boxes; of several, the one through the earliest."""
    before: dict[str, list[str]] = {}
    for start, end in onward:
        before.setdefault(end, []).append(start)
    length = dict.fromkeys(order, 0)
    came: dict[str, str] = {}
    for name in order:
        for start in sorted(before.get(name, ()), key=order.index):
            if length[start] + 1 > length[name]:
                length[name], came[name] = length[start] + 1, start
    steps = set()
    at = max(order, key=lambda name: length[name], default="")
    while at in came:
        steps.add((came[at], at))
        at = came[at]
    return steps


# --- what is written in a box -----------------------------------------------------------------------------------------


def owner_colours(pathway: kinds.Pathway) -> dict[str, str]:
    """A colour for each owner of time, in the order in which the declaration names them."""
    teams = {team.name: team for team in pathway.teams}
    owners = dict.fromkeys(mine[0] for node in pathway.nodes if (mine := whose(node, teams)))
    return {owner: COLOURS[at % len(COLOURS)] for at, owner in enumerate(owners)}


def whose(node: kinds.Node, teams: Mapping[str, kinds.Team]) -> tuple[str, str] | None:
    """Whose time passes at a node, and what it is, in words; None where none passes."""
    if isinstance(node, kinds.Wait | kinds.Hold | kinds.Book):
        return node.owner, words.owner_and_kind(node.owner, node.time_is)
    if isinstance(node, kinds.Work | kinds.Assign) and node.team:
        team = teams[node.team]
        doing = "queue, then work" if isinstance(node, kinds.Work) else "queue for a place in a caseload"
        return team.owner, f"{words.sentence(team.owner)}, {words.team(team.name)}: {doing}"
    return None


def _stage_card(layout: Layout, part: Part, side: bool) -> Card:
    colours = owner_colours(layout.pathway)
    groups: dict[tuple[str, str], list[str]] = {}
    for node in part.nodes:
        if mine := whose(node, layout.teams):
            groups.setdefault(mine, []).append(words.sentence(node.name))
    most: dict[str, int] = {}
    for (owner, _), nodes in groups.items():
        most[owner] = most.get(owner, 0) + len(nodes)
    width = (SIDE_BOX if side else BOX) - 2 * PAD
    lines = [*wrapped([Piece(part.meaning, soft=True)], width)] if part.meaning else []
    for (owner, said), nodes in groups.items():
        lines += wrapped([Piece(said, bold=True), Piece(" · ".join(nodes))], width, swatch=colours[owner])
    for said, ends in _ends(layout, part).items():
        lines += wrapped([Piece(said, bold=True), Piece(" · ".join(ends))], width, ring=True)
    if not groups:
        lines += wrapped([Piece("No time passes here", soft=True)], width)
    colour = colours[max(most, key=lambda owner: most[owner])] if most else SOFT
    size = f"{len(part.nodes)} node{'s' if len(part.nodes) != 1 else ''}"
    return Card(part.name, part.number, part.title, size, colour, tuple(lines), side)


def _ends(layout: Layout, part: Part) -> dict[str, list[str]]:
    """The exits of a part, and those that its side tracks come to in other parts, by what ends there."""
    mine = {node.name for node in part.nodes}
    exits = [node for node in part.nodes if isinstance(node, kinds.Exit)]
    elsewhere = [
        a.end for a in layout.arrows if a.start in mine and a.end not in mine and _ends_a_side_track(layout, a)
    ]
    found: dict[str, list[str]] = {}
    for node in [*exits, *(layout.nodes[name] for name in dict.fromkeys(elsewhere))]:
        found.setdefault(_ending(layout, node), []).append(words.sentence(node.name))
    return found


def _ends_a_side_track(layout: Layout, arrow: Arrow) -> bool:
    """Whether an arrow leads to where side tracks end: that is marked in the box it starts in, and no line is drawn."""
    return isinstance(layout.nodes[arrow.end], kinds.Exit) and arrow.end not in layout.main


def _ending(layout: Layout, node: kinds.Node) -> str:
    if node.name in layout.case_itself:
        return "The case ends"
    return "A part that is waited for ends" if node.name in layout.main else "The side track ends"


def _rules(layout: Layout, number: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """A letter for each rule by which a signal calls a token away from a node shown: where to, and when."""
    called = [a for a in layout.arrows if a.way is Way.CALLED and a.start in number]
    found = dict.fromkeys((_where(layout, a.end, number), a.condition) for a in called)
    return {rule: f"rule {at}" for at, rule in enumerate(found, start=1)}


def _rules_card(rules: Mapping[tuple[str, str], str]) -> Card:
    """The rules that call away, told once for all boxes."""
    lines = [
        line
        for (where, when), name in rules.items()
        for line in wrapped([Piece(f"{name}: to {where}", bold=True), Piece(when, soft=True)], NODE_BOX - 2 * PAD)
    ]
    return Card("", "", "What calls a case, or a part of it, away from here", "", SOFT, tuple(lines), side=False)


def _node_card(
    layout: Layout, part: Part, number: Mapping[str, str], side: bool, rules: Mapping[tuple[str, str], str]
) -> Card:
    (node,) = part.nodes
    width = (SIDE_BOX if side else NODE_BOX) - 2 * PAD
    colours = owner_colours(layout.pathway)
    mine = whose(node, layout.teams)
    lines = wrapped([Piece(part.meaning, soft=True)], width) if part.meaning else []
    if mine:
        lines += wrapped([Piece(mine[1], bold=True), Piece(_length(node))], width, swatch=colours[mine[0]])
    for said in _does(layout, node):
        lines += wrapped([Piece(said)], width, ring=isinstance(node, kinds.Exit))
    for pieces in _ways_out(layout, node, number):
        lines += wrapped(pieces, width, indent=0.06)
    called = [a for a in layout.arrows if a.way is Way.CALLED and a.start == node.name]
    if names := list(dict.fromkeys(rules[_where(layout, a.end, number), a.condition] for a in called)):
        lines += wrapped(
            [Piece("may be called away", bold=True), Piece(f"by {words.listed(names)}", soft=True)], width, indent=0.06
        )
    colour = colours[mine[0]] if mine else SOFT
    return Card(node.name, part.number, part.title, KINDS[type(node)], colour, tuple(lines), side)


def _length(node: kinds.Node) -> str:
    """By which numbers time passes."""
    if isinstance(node, kinds.Work):
        return _keys(("effort", node.effort))
    if isinstance(node, kinds.Wait):
        until = f"; no later than {words.plain(node.no_later_than.partition('.')[2])}" if node.no_later_than else ""
        return _keys(("lasts", node.lasts)) + until
    if isinstance(node, kinds.Hold):
        return f"until {clauses(node.until)}" + (f"; {_keys(('at most', node.cut_off))}" if node.cut_off else "")
    if isinstance(node, kinds.Book):
        diaries = ", ".join(f"{places} of {words.plain(name)}" for name, places in node.diaries)
        return f"{diaries}; {_keys(('notice', node.notice), ('length', node.length))}"
    return ""


def _keys(*durations: tuple[str, kinds.Duration]) -> str:
    return "; ".join(f"{said} {duration.mean}" for said, duration in durations)


def _does(layout: Layout, node: kinds.Node) -> Iterator[str]:
    """What happens at a node, beside time passing."""
    if isinstance(node, kinds.Set):
        for write in node.writes:
            when = f", if {clauses(write.when)}" if write.when else ""
            yield f"{_attribute(write.attribute)}: {_target(write)}{when}"
        for signal in node.raises:
            when = f", if {clauses(signal.when)}" if signal.when else ""
            yield f"raises “{words.plain(signal.name)}” in {'the case' if signal.to == 'case' else 'every case of the person'}{when}"
    elif isinstance(node, kinds.Assign) and node.team is None:
        yield "gives its place in a caseload back"
    elif isinstance(node, kinds.Decide) and node.each:
        only = f", if {clauses(node.when)}" if node.when else ""
        yield f"{_attribute(str(node.into))}, for each {node.each}{only}:"
        for branch in node.branches:
            parts = (
                words.plain(branch.name),
                branch_condition(branch),
                _weighed(weight_key(branch), factor_keys(branch)),
            )
            yield "– " + "; ".join(part for part in parts if part)
    elif isinstance(node, kinds.Exit):
        yield _ending(layout, node)


def _attribute(name: str) -> str:
    scope, _, short = name.partition(".")
    return f"{words.plain(short)} of the {scope}"


def _target(write: kinds.Write) -> str:
    if shift := write.later or write.earlier:
        return f"{shift.mean} {'after' if write.later else 'before'} today"
    return "today" if write.to == "now" else "not set" if write.to == "unset" else words.plain(str(write.to))


def _weighed(weight: str, factors: str) -> str:
    """ "weight referral.share × referral.by_stream (case.stream)"."""
    by = [factor.partition(": ") for factor in factors.split("; ") if factor]
    parts = [weight or "1", *(f"{prefix} ({attribute})" for attribute, _, prefix in by)]
    return f"weight {' × '.join(parts)}" if weight or by else ""


def _ways_out(layout: Layout, node: kinds.Node, number: Mapping[str, str]) -> Iterator[list[Piece]]:
    """A line for each arrow that says more than that the next box follows; those that call away are told elsewhere."""
    names = list(number)
    for arrow in layout.arrows:
        if arrow.start != node.name or arrow.way is Way.CALLED:
            continue
        where = _where(layout, arrow.end, number)
        after = names.index(node.name) + 1
        follows = after < len(names) and names[after] == arrow.end
        says = "; ".join(part for part in (arrow.condition, _weighed(arrow.weight, arrow.factors)) if part)
        if not (follows and not says and arrow.way is Way.ON):
            yield [Piece(f"{_mark(arrow)} {where}", bold=True), Piece(says, soft=True)]


def _mark(arrow: Arrow) -> str:
    marks = {Way.SIDE: "side track to", Way.BACK: "back to", Way.EACH: "parts to"}
    return marks.get(arrow.way, "to")


def _where(layout: Layout, name: str, number: Mapping[str, str]) -> str:
    """A node by its number, and where it is in another stage by that."""
    if name in number:
        return f"{number[name]} {words.sentence(name)}"
    part = layout.part_of[name]
    return f"stage {part.number} {part.title} ({words.plain(name)})"


# --- text -------------------------------------------------------------------------------------------------------------


@cache
def _width(text: str, size: float, bold: bool) -> float:
    """Inches that text takes, and a little more, since other screens have other letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.03 * len(text)
    look = FontProperties(family=SETTINGS["font.sans-serif"][0], weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=size, prop=look).get_extents().x1) / 72 * 1.09


SPACE = 0.033


def wrapped(
    pieces: Sequence[Piece], width: float, *, swatch: str = "", ring: bool = False, indent: float = 0.0
) -> list[Line]:
    """Words broken into lines no wider than `width`, inches; what follows the first is set in a little."""
    lead = SWATCH if swatch or ring else indent
    lines: list[list[Piece]] = [[]]
    used = 0.0
    for at, piece in enumerate(pieces):
        for number, word in enumerate(piece.text.split()):
            size = _width(word, SMALL, piece.bold)
            room = width - lead - (0.1 if len(lines) > 1 else 0.0)
            gap = (SPACE * 3 if number == 0 and at else SPACE) if lines[-1] else 0.0
            if lines[-1] and used + gap + size > room:
                lines.append([])
                used, gap = 0.0, 0.0
            lines[-1].append(Piece(word, piece.bold, piece.soft))
            used += gap + size
    made = []
    for number, line in enumerate(lines):
        first = number == 0
        made.append(
            Line(
                tuple(line),
                swatch if first else "",
                ring and first,
                lead if first else lead + 0.1,
            )
        )
    return made


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw(
    layout: Layout, cards: Sequence[Card], links: Sequence[Link], title: str, width: float, meaning: str = ""
) -> Drawn:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    by_name = {card.name: card for card in cards}
    flow = place([Box(card.name, card.height, card.side) for card in cards], links, width, SIDE_BOX)
    owners = owner_colours(layout.pathway)
    shown = {line.swatch for card in cards for line in card.lines} | {card.colour for card in cards}
    owners = {owner: colour for owner, colour in owners.items() if colour in shown}
    across = max(flow.width, 7.4)
    columns = max(1, int((across - 0.4) // 2.1))
    rows = -(-len(owners) // columns)
    said = wrapped([Piece(meaning, soft=True)], across - 0.4) if meaning else []
    headings = wrapped([Piece(title, bold=True)], (across - 0.4) * SMALL / 11)
    lines_of_key = 2 if across < 9.4 else 1
    above = 0.2 + 0.2 * len(headings) + LINE * len(said) + 0.17 * rows + 0.2 * lines_of_key + 0.45
    foot = wrapped([Piece(STAMP, soft=True)], across - 0.4)
    height = above + flow.height + 0.3 + LINE * len(foot) + 0.15
    with house_style():
        figure = Figure(figsize=(across, height))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, across)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        y = 0.2
        for line in headings:
            axes.text(0.2, y, " ".join(piece.text for piece in line.pieces), size=11, weight="bold", va="top")
            y += 0.2
        for line in said:
            _write(axes, line, 0.2, y + LINE / 2)
            y += LINE
        _key(axes, owners, across, y + 0.1, columns, lines_of_key, rows)
        if flow.lane:
            _lane(axes, flow.lane, above)
        for trunk in flow.trunks:
            _trunk(axes, trunk, above)
        for link in flow.straight:
            _straight(axes, flow, link, above)
        for trunk in flow.trunks:
            _labels(axes, trunk, by_name, above)
        for card in cards:
            _box(axes, card, flow.places[card.name], above)
        y = above + flow.height + 0.3
        for line in foot:
            _write(axes, line, 0.2, y)
            y += LINE
    return Drawn(figure, title, _description(cards, links, title))


def _key(
    axes: Axes, owners: Mapping[str, str], across: float, y: float, columns: int, lines_of_key: int, rows: int
) -> None:
    """Whose colour is which, and what the lines mean."""
    for at, (owner, colour) in enumerate(owners.items()):
        x, down = 0.2 + 2.1 * (at % columns), y + 0.17 * (at // columns)
        _square(axes, x, down + 0.05, colour)
        axes.text(x + SWATCH, down + 0.05, words.sentence(owner) if owner.islower() else owner, size=SMALL, va="center")
    y += 0.17 * rows + 0.08
    entries = (
        (Style.SOLID, THICK, "the longest way through"),
        (Style.SOLID, THIN, "goes on"),
        (Style.DASHED, THIN, "goes back, or starts a side track"),
        (Style.DOTTED, THIN, "called away by a signal"),
    )
    step = (across - 0.4) / (len(entries) / lines_of_key + (0.0 if lines_of_key > 1 else 1.3))
    per_line = len(entries) // lines_of_key
    for at, (style, size, said) in enumerate(entries):
        x, down = 0.2 + step * (at % per_line), y + 0.2 * (at // per_line)
        axes.plot([x, x + 0.38], [down, down], color=INK, linewidth=size, linestyle=STYLES[style])
        axes.text(x + 0.45, down, said, size=SMALL, va="center")
    if lines_of_key == 1:
        x = 0.2 + step * len(entries)
        axes.text(x, y, "×3: that many arrows drawn as one", size=SMALL, va="center", color=SOFT)


def _square(axes: Axes, x: float, y: float, colour: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y - 0.04), 0.08, 0.08, facecolor=colour, edgecolor="none", zorder=4))


def _write(axes: Axes, line: Line, x: float, y: float) -> None:
    """A line of several looks, its words set one after the other in runs of one look."""
    if line.swatch:
        _square(axes, x, y, line.swatch)
    if line.ring:
        for size, inside in ((5.4, PAPER), (2.4, INK)):
            axes.plot(
                [x + 0.04], [y], "o", markersize=size, markerfacecolor=inside, color=INK, markeredgewidth=0.8, zorder=4
            )
    at = x + line.indent
    runs: list[list[Piece]] = []
    for piece in line.pieces:
        if runs and runs[-1][-1][1:] == piece[1:]:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        text, look = " ".join(piece.text for piece in run), run[0]
        axes.text(
            at, y, text, size=SMALL, va="center_baseline",
            weight="bold" if look.bold else "normal", color=SOFT if look.soft else INK, zorder=4,
        )  # fmt: skip
        at += sum(_width(piece.text, SMALL, piece.bold) + SPACE for piece in run) + SPACE * 2


def _lane(axes: Axes, lane: Place, above: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((lane.left, lane.top + above), lane.width, lane.height, facecolor=LANE, edgecolor="none", zorder=0)
    )
    axes.text(
        lane.left + 0.14, lane.top + above + 0.16, "Side tracks, which run beside the case and are never waited for",
        size=SMALL, color=SOFT, va="center",
    )  # fmt: skip


def _box(axes: Axes, card: Card, where: Place, above: float) -> None:
    from matplotlib.patches import Rectangle

    top = where.top + above
    axes.add_patch(
        Rectangle((where.left, top), where.width, where.height, facecolor=PAPER, edgecolor=card.colour, linewidth=0.9, zorder=3)
    )  # fmt: skip
    axes.add_patch(Rectangle((where.left, top), where.width, HEADER, facecolor=card.colour, edgecolor="none", zorder=3))
    ink = INK if _is_light(card.colour) else PAPER
    middle = top + HEADER / 2
    heading = f"{card.number}   {card.title}" if card.number else card.title
    axes.text(where.left + PAD, middle, heading, size=TITLE, weight="bold", color=ink, va="center_baseline", zorder=4)
    room = where.width - _width(heading, TITLE, bold=True) - _width(card.corner, SMALL, bold=False)
    if card.corner and room > 4 * PAD:
        axes.text(
            where.right - PAD, middle, card.corner, size=SMALL, color=ink, va="center_baseline", ha="right", zorder=4
        )
    y = top + HEADER + PAD + LINE / 2
    for line in card.lines:
        _write(axes, line, where.left + PAD, y)
        y += LINE


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], style: Style, *, thick: bool, halo: bool = True) -> None:
    size = THICK if thick else THIN
    if halo:
        axes.plot(x, y, color=PAPER, linewidth=size + 2.2, solid_capstyle="butt", zorder=1.5)
    axes.plot(x, y, color=INK, linewidth=size, linestyle=STYLES[style], solid_capstyle="butt", zorder=1.6)


def _arrowhead(axes: Axes, x: float, y: float, *, dx: float = 0.0, dy: float = 0.0, thick: bool = False) -> None:
    """A filled head whose tip is at (x, y), pointing along (dx, dy)."""
    from matplotlib.patches import Polygon

    long, wide = (0.1, 0.055) if thick else (0.075, 0.038)
    tail = (x - dx * long, y - dy * long)
    corners = [(x, y), (tail[0] + dy * wide, tail[1] + dx * wide), (tail[0] - dy * wide, tail[1] - dx * wide)]
    axes.add_patch(Polygon(corners, closed=True, facecolor=INK, edgecolor="none", zorder=2.5))


def _trunk(axes: Axes, trunk: Trunk, above: float) -> None:
    """A trunk with its joints and its head; what is on the longest way is drawn thick over it."""
    into = trunk.into_y + above
    right = 1.0 if trunk.into_x > trunk.x else -1.0
    for joint in trunk.joints:
        _line(axes, [joint.x, trunk.x], [joint.y + above] * 2, trunk.style, thick=joint.link.main, halo=False)
    _line(axes, [trunk.x, trunk.into_x - right * 0.05], [into] * 2, trunk.style, thick=False, halo=False)
    ys = [joint.y + above for joint in trunk.joints] + [into]
    _line(axes, [trunk.x] * 2, [min(ys), max(ys)], trunk.style, thick=False)
    thick = [joint for joint in trunk.joints if joint.link.main]
    for joint in thick:
        ends = sorted((joint.y + above, into))
        _line(axes, [trunk.x] * 2, ends, Style.SOLID, thick=True, halo=False)
        _line(axes, [trunk.x, trunk.into_x - right * 0.08], [into] * 2, Style.SOLID, thick=True, halo=False)
    if len(trunk.joints) > 1:
        for joint in trunk.joints:
            axes.plot([trunk.x], [joint.y + above], marker="o", markersize=2.6, color=INK, zorder=2.4)
    _arrowhead(axes, trunk.into_x, into, dx=right, thick=bool(thick))


def _labels(axes: Axes, trunk: Trunk, cards: Mapping[str, Card], above: float) -> None:
    """Beside each start, where the arrow leads and how many it stands for."""
    for joint in trunk.joints:
        leftwards = trunk.x < joint.x
        count = f" ×{joint.link.count}" if joint.link.count > 1 else ""
        axes.text(
            joint.x + (-0.04 if leftwards else 0.04), joint.y + above, f"to {cards[trunk.end].number}{count}",
            size=LABEL, va="center_baseline", ha="right" if leftwards else "left", zorder=3,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


def _straight(axes: Axes, flow: Flow, link: Link, above: float) -> None:
    """An arrow to the box below."""
    start, end = flow.places[link.start], flow.places[link.end]
    beside = [other for other in flow.straight if (other.start, other.end) == (link.start, link.end)]
    x = start.left + start.width / 2 + 0.9 * (beside.index(link) - (len(beside) - 1) / 2)
    top, bottom = start.bottom + above, end.top + above
    _line(axes, [x, x], [top, bottom - (0.08 if link.main else 0.05)], link.style, thick=link.main)
    _arrowhead(axes, x, bottom, dy=1.0, thick=link.main)
    if link.count > 1:
        axes.text(x + 0.08, (top + bottom) / 2, f"×{link.count}", size=LABEL, va="center_baseline")


def _description(cards: Sequence[Card], links: Sequence[Link], title: str) -> str:
    """The picture in words, for those who cannot see it."""
    number = {card.name: card.number for card in cards}
    told = []
    for card in cards:
        said = {
            f"goes on to {_to(links, card.name, number, Style.SOLID)}": Style.SOLID,
            f"returns or starts a side track to {_to(links, card.name, number, Style.DASHED)}": Style.DASHED,
            f"may be called away to {_to(links, card.name, number, Style.DOTTED)}": Style.DOTTED,
        }
        ways = [text for text, style in said.items() if any(x.start == card.name and x.style is style for x in links)]
        lane = " (side track)" if card.side else ""
        told.append(f"{card.number} {card.title}{lane}" + (f": {'; '.join(ways)}" if ways else ""))
    return f"{title}, as boxes in reading order with arrows between them. " + ". ".join(told) + "."


def _to(links: Sequence[Link], start: str, number: Mapping[str, str], style: Style) -> str:
    ends = [number[link.end] for link in links if link.start == start and link.style is style]
    return words.listed(list(dict.fromkeys(ends)))
