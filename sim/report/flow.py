"""Where does everything go on a drawing of boxes and arrows? Inches, measured from the top left.

Boxes stand one below the other in the order given; those of side tracks have a lane of their own to the right. An arrow to the next
box goes straight down. All other arrows of one kind to one box share a *trunk*: an upright line beside the boxes that each of its
starts joins and that ends in one arrowhead. Trunks that go on run to the right of the boxes, those that go back or are called away to
the left, so that lines never cross a box, and text stands only where no line is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

GAP = 0.34
"""Between two boxes, upright: room for an arrow."""
PORT = 0.145
"""Between two arrows at the side of a box."""
STUB = 0.62
"""From a box to its nearest trunk: room for a label."""
TRACK = 0.12
"""Between two trunks."""
MARGIN = 0.2
LANE_GAP = 0.3


class Style(StrEnum):
    """How a line is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"


class Gutter(StrEnum):
    """Where trunks run."""

    LEFT = "left of the main lane"
    MIDDLE = "between the lanes"
    FAR = "right of the side lane"


@dataclass(frozen=True)
class Box:
    """Something to be placed: its name and how much room its text takes."""

    name: str
    height: float
    side: bool = False


@dataclass(frozen=True)
class Link:
    """One or more arrows from one box to another, drawn as one."""

    start: str
    end: str
    style: Style
    count: int = 1
    main: bool = False
    """Drawn thick."""
    back: bool = False
    """Goes back, or calls away: it runs on the left."""


@dataclass(frozen=True)
class Place:
    """Where a box is."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


@dataclass(frozen=True)
class Joint:
    """Where a link leaves its box: a level line to the trunk."""

    link: Link
    x: float
    y: float


@dataclass(frozen=True)
class Trunk:
    """An upright line that several links share, and the level one from it into the box they lead to."""

    end: str
    style: Style
    x: float
    joints: tuple[Joint, ...]
    into_x: float
    into_y: float


@dataclass(frozen=True)
class Flow:
    """A drawing, placed."""

    width: float
    height: float
    places: Mapping[str, Place]
    straight: tuple[Link, ...]
    """From a box to the one below it."""
    trunks: tuple[Trunk, ...]
    lane: Place | None
    """The side lane, if there is one."""


def place(boxes: Sequence[Box], links: Sequence[Link], width: float, side_width: float) -> Flow:
    """Place boxes and arrows.

    Args:
        boxes: in reading order.
        links: each between two different boxes, at most one of a style and direction between any two.
        width: of the boxes of the main lane.
        side_width: of those in the side lane.
    """
    below = _next_below(boxes)
    straight = tuple(link for link in links if below.get(link.start) == link.end and not link.back)
    # Several styles may lead straight down; they stand side by side, so that none is lost.
    trunked = [link for link in links if link not in straight]
    side = {box.name: box.side for box in boxes}
    sorted_into = _trunks(trunked, side)
    heights = _heights(boxes, sorted_into, side)
    tops = _tops(boxes, heights, links)
    tracks = _tracks(sorted_into, tops, heights)
    number = {gutter: 1 + max((t for key, t in tracks.items() if key[0] is gutter), default=-1) for gutter in Gutter}
    main_left = MARGIN + _breadth(number[Gutter.LEFT])
    main_right = main_left + width
    has_side = any(side.values())
    middle = _breadth(number[Gutter.MIDDLE]) + (STUB if has_side and number[Gutter.MIDDLE] else 0)
    side_left = main_right + max(middle, LANE_GAP)
    places = {
        box.name: Place(
            side_left if box.side else main_left,
            tops[box.name],
            side_width if box.side else width,
            heights[box.name],
        )
        for box in boxes
    }
    ends = {
        Gutter.LEFT: main_left,
        Gutter.MIDDLE: main_right,
        Gutter.FAR: side_left + side_width,
    }
    made = _ports(sorted_into, tracks, places, ends, side)
    bottom = max((one.bottom for one in places.values()), default=0.0)
    right = side_left + side_width + _breadth(number[Gutter.FAR]) if has_side else main_right + middle
    lane = None
    if has_side:
        top = min(places[box.name].top for box in boxes if box.side)
        end = max(places[box.name].bottom for box in boxes if box.side)
        far = _breadth(number[Gutter.FAR])
        lane = Place(side_left - 0.14, top - 0.3, side_width + 0.28 + far, end - top + 0.44)
    return Flow(right + MARGIN, bottom, places, straight, made, lane)


Key = tuple[Gutter, str, Style]


def _next_below(boxes: Sequence[Box]) -> dict[str, str]:
    """The box straight below each, in its lane."""
    below: dict[str, str] = {}
    for side in (False, True):
        lane = [box.name for box in boxes if box.side is side]
        below |= dict(pairwise(lane))
    return below


def _trunks(links: Sequence[Link], side: Mapping[str, bool]) -> dict[Key, list[Link]]:
    """Which links share a trunk."""
    found: dict[Key, list[Link]] = {}
    for link in links:
        start, end = side[link.start], side[link.end]
        if start and end:
            gutter = Gutter.FAR
        elif start or end:
            gutter = Gutter.MIDDLE
        else:
            gutter = Gutter.LEFT if link.back else Gutter.MIDDLE
        found.setdefault((gutter, link.end, link.style), []).append(link)
    return found


def _heights(boxes: Sequence[Box], trunks: Mapping[Key, Sequence[Link]], side: Mapping[str, bool]) -> dict[str, float]:
    """How tall each box is: room for its text and for the arrows at its sides."""
    ports: dict[tuple[str, bool], int] = {}
    for (gutter, end, _), links in trunks.items():
        for name in (end, *(link.start for link in links)):
            at = (name, _on_the_left(gutter, side[name]))
            ports[at] = ports.get(at, 0) + 1
    return {
        box.name: max(box.height, PORT * (1 + max(ports.get((box.name, left), 0) for left in (True, False))))
        for box in boxes
    }


def _on_the_left(gutter: Gutter, side: bool) -> bool:
    """Whether a trunk runs to the left of a box."""
    return gutter is Gutter.LEFT or (gutter is Gutter.MIDDLE and side)


def _tops(boxes: Sequence[Box], heights: Mapping[str, float], links: Sequence[Link]) -> dict[str, float]:
    """Main boxes one below the other; those at the side beside what leads to them, or beside the main box declared before them."""
    main = {box.name for box in boxes if not box.side}
    tops: dict[str, float] = {}
    before: dict[str, float] = {}
    y, last = 0.0, 0.0
    for box in boxes:
        before[box.name] = last
        if not box.side:
            tops[box.name] = last = y
            y += heights[box.name] + GAP
    y = 0.0
    for box in boxes:
        if box.side:
            beside = [tops[link.start] for link in links if link.end == box.name and link.start in main]
            y = max(y, min(beside, default=before[box.name]))
            tops[box.name] = y
            y += heights[box.name] + GAP
    return tops


def _tracks(
    trunks: Mapping[Key, Sequence[Link]], tops: Mapping[str, float], heights: Mapping[str, float]
) -> dict[Key, int]:
    """How far out each trunk runs: short ones near the boxes, and no two of one track beside the same box."""
    spans = {}
    for key, links in trunks.items():
        names = [key[1], *(link.start for link in links)]
        spans[key] = (min(tops[name] for name in names), max(tops[name] + heights[name] for name in names))
    order = {key: at for at, key in enumerate(trunks)}
    taken: dict[tuple[Gutter, int], list[tuple[float, float]]] = {}
    tracks = {}
    for key in sorted(trunks, key=lambda key: (spans[key][1] - spans[key][0], order[key])):
        first, last = spans[key]
        track = 0
        while any(first < end and begin < last for begin, end in taken.get((key[0], track), [])):
            track += 1
        taken.setdefault((key[0], track), []).append((first, last))
        tracks[key] = track
    return tracks


def _breadth(tracks: int) -> float:
    return STUB + TRACK * tracks if tracks else 0.0


def _ports(
    trunks: Mapping[Key, Sequence[Link]],
    tracks: Mapping[Key, int],
    places: Mapping[str, Place],
    edges: Mapping[Gutter, float],
    side: Mapping[str, bool],
) -> tuple[Trunk, ...]:
    """Where each link leaves and each trunk ends, so that lines beside a box cross as seldom as may be."""
    wanted: dict[tuple[str, bool], list[tuple[tuple[int, float], Key, Link | None]]] = {}
    for key, links in trunks.items():
        gutter, end, _ = key
        for link in (None, *links):
            name = end if link is None else link.start
            goes_up = any(places[end].top < places[one.start].top for one in ([link] if link else links))
            # From above downwards: ends of what comes from above, starts of what goes down (the farthest out first),
            # starts of what goes up (the nearest first), ends of what comes from below.
            group = (3 if goes_up else 0) if link is None else (2 if goes_up else 1)
            out = tracks[key] if goes_up else -tracks[key]
            wanted.setdefault((name, _on_the_left(gutter, side[name])), []).append(((group, out), key, link))
    at: dict[tuple[Key, Link | None], float] = {}
    for (name, _), ports in wanted.items():
        box = places[name]
        step = box.height / (len(ports) + 1)
        for number, (_, key, link) in enumerate(sorted(ports, key=lambda port: port[0]), start=1):
            at[key, link] = box.top + step * number
    made = []
    for key, links in trunks.items():
        gutter, end, style = key
        distance = STUB + TRACK * tracks[key]
        x = edges[gutter] - distance if gutter is Gutter.LEFT else edges[gutter] + distance

        def edge(name: str, gutter: Gutter = gutter) -> float:
            return places[name].left if _on_the_left(gutter, side[name]) else places[name].right

        joints = tuple(Joint(link, edge(link.start), at[key, link]) for link in links)
        made.append(Trunk(end, style, x, joints, edge(end), at[key, None]))
    return tuple(made)
