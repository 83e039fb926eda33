"""Teams of posts and diaries of sitting days, as the rules of time in `sim/plan.py` describe them.

These classes keep who holds what; they decide nothing about cases and know no clock but the minute they are given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sim.engines.clock import WorkingTime
from sim.plan import MINUTES_A_DAY, Diary, Plan, Team

if TYPE_CHECKING:
    from sim.engines.reference import Token

Entry = tuple[int, int, int, int, "Token"]
"""Reference date less head start, case, token, version when queued, and the token itself (never compared: the version differs)."""


class Queue:
    """A heap of tokens from which those that have since moved on are dropped when they surface."""

    def __init__(self, version: str) -> None:
        self.heap: list[Entry] = []
        self.version = version

    def push(self, key: int, token: Token) -> None:
        heappush(self.heap, (key, token.case, token.number, getattr(token, self.version), token))

    def pop(self) -> Token | None:
        """The token whose turn it is, or None."""
        while self.heap:
            *_, version, token = heappop(self.heap)
            if getattr(token, self.version) == version:
                return token
        return None

    def peek(self) -> bool:
        """Whether anybody waits."""
        while self.heap and getattr(self.heap[0][4], self.version) != self.heap[0][3]:
            heappop(self.heap)
        return bool(self.heap)


class Post:
    """One post: the token it attends to, and those whose slots it holds."""

    def __init__(self) -> None:
        self.doing: Token | None = None
        self.holds: set[Token] = set()


TEAM_STATE = (
    "posts",
    "waiting",
    "asking",
    "to_grant",
    "posts_in",
    "to_fill",
    "units",
    "pooled",
    "cap",
    "size",
    "opens_at",
    "speed",
)


class TeamServer:
    """The posts of a team, who waits for a slot (by unit) and who for attention."""

    def __init__(self, plan: Plan, number: int, team: Team, hours: WorkingTime) -> None:
        self.number, self.team, self.hours = number, team, hours
        value = plan.values
        self._posts, self._units = value[team.posts], value[team.units] if team.units >= 0 else None
        self._slots = value[team.slots] if team.slots >= 0 else None
        self._pools = value[team.pools] if team.pools >= 0 else None
        self._speed = value[team.speed]
        self.speed = 1.0
        self.hand_over = value[team.hand_over] if team.hand_over >= 0 else None
        self.assigns = self._slots is not None
        self.posts: list[Post] = []
        self.waiting: list[Queue] = []
        self.asking: dict[int, Queue] = {}
        self.to_grant: set[int] = set()
        """Queues for attention in which something has changed."""
        self.posts_in: list[list[int]] = []
        """Posts of each unit, in order."""
        self.to_fill: set[int] = set()
        """Units in which a slot or a wish for one has come up."""
        self.units, self.pooled, self.cap, self.size = 0, False, 0, 0
        self.opens_at = 0
        """The open minute at which attention can next be given, as last looked up."""

    def state(self) -> dict[str, object]:
        """All that changes, for another play to take over."""
        return {name: getattr(self, name) for name in TEAM_STATE}

    def take_over(self, state: dict[str, object]) -> None:
        """Go on from the state of another play."""
        for name in TEAM_STATE:
            setattr(self, name, state[name])

    def step_dates(self) -> set[int]:
        """Minutes at which the team changes."""
        sources = (self._posts, self._units, self._slots, self._pools, self._speed)
        return {t for source in sources if source for t in source.times if t > 0}

    def refresh(self, minute: int) -> list[Token]:
        """Read today's size, cap, units and pooling. Returns the tokens whose posts have gone and are idle."""
        self.size = round(self._posts.at(minute))
        while len(self.posts) < self.size:
            self.posts.append(Post())
        self.cap = round(self._slots.at(minute)) if self._slots else 0
        self.speed = self._speed.at(minute)
        units = round(self._units.at(minute)) if self._units else 1
        pooled = not self.assigns or bool(self._pools and round(self._pools.at(minute)))
        if (units, pooled) != (self.units, self.pooled):
            self._move_queues(units, pooled)
        self.posts_in = [[] for _ in range(units)]
        for number in range(self.size):
            self.posts_in[self.unit_of_post(number)].append(number)
        self.to_grant.update(self.asking)
        self.to_fill.update(range(self.units))
        gone = []
        for post in self.posts[self.size :]:
            if post.doing is None:
                gone += sorted(post.holds, key=lambda token: token.order)
        return gone

    def _move_queues(self, units: int, pooled: bool) -> None:
        waiting = [entry for queue in self.waiting for entry in queue.heap]
        asking = [entry for queue in self.asking.values() for entry in queue.heap]
        self.units, self.pooled = units, pooled
        self.waiting = [Queue("slot_version") for _ in range(units)]
        self.asking = {}
        self.to_grant.clear()
        self.to_fill.clear()
        for entry in waiting:
            heappush(self.waiting[self.unit_of(entry[4])].heap, entry)
        for entry in asking:
            heappush(self._asking(entry[4]).heap, entry)

    # --- slots --------------------------------------------------------------------------------------------------------

    def unit_of(self, token: Token) -> int:
        """The unit a token's case belongs to today."""
        return self.unit_at(token.place)

    def unit_at(self, place: int) -> int:
        """The unit that covers a place today."""
        return place * self.units // self.team.places

    def unit_of_post(self, post: int) -> int:
        """The unit a post belongs to today: the one that covers the place where the post stands."""
        return self.team.stands[post % self.team.places] * self.units // self.team.places

    def wait_for_slot(self, key: int, token: Token) -> None:
        unit = self.unit_of(token)
        self.waiting[unit].push(key, token)
        self.to_fill.add(unit)

    def give_back(self, token: Token) -> None:
        """The slot of a token is free again."""
        self.posts[token.post].holds.discard(token)
        self.to_fill.add(self.unit_of_post(token.post))

    def load(self, place: int) -> int:
        """Per cent of the slots of today's posts that are held in the unit that covers a place; 100 where there are none."""
        posts = self.posts_in[self.unit_at(place)]
        capacity = len(posts) * self.cap
        return 100 * sum(len(self.posts[number].holds) for number in posts) // capacity if capacity else 100

    def grant_slots(self) -> list[Token]:
        """Give every free slot to whoever is first in its unit."""
        granted = []
        for unit in sorted(self.to_fill):
            queue = self.waiting[unit]
            while queue.peek():
                best, least = -1, self.cap
                for number in self.posts_in[unit]:
                    load = len(self.posts[number].holds)
                    if load < least:
                        best, least = number, load
                if best < 0:
                    break
                token = queue.pop()
                assert token is not None
                self.posts[best].holds.add(token)
                token.post = best
                token.slot_version += 1
                granted.append(token)
        self.to_fill.clear()
        return granted

    # --- attention ----------------------------------------------------------------------------------------------------

    def _asking(self, token: Token) -> Queue:
        if not self.assigns:
            place = 0
        elif self.pooled:
            place = self.unit_of_post(token.post)
        else:
            place = token.post
        queue = self.asking.get(place)
        if queue is None:
            queue = self.asking[place] = Queue("version")
        self.to_grant.add(place)
        return queue

    def ask(self, key: int, token: Token) -> None:
        self._asking(token).push(key, token)

    def free(self, post: int) -> None:
        """The bout of a post has ended."""
        self.posts[post].doing = None
        self.to_grant.add(0 if not self.assigns else self.unit_of_post(post) if self.pooled else post)

    def grant_attention(self) -> list[tuple[Token, int]]:
        """Give free posts to whoever asks; the bouts start now, within hours (the caller sees to that)."""
        started = []
        for place in sorted(self.to_grant):
            queue = self.asking.get(place)
            if queue is None or not queue.peek():
                continue
            for number in self._posts_of(place):
                if self.posts[number].doing is None:
                    token = queue.pop()
                    if token is None:
                        break
                    self.posts[number].doing = token
                    started.append((token, number))
        self.to_grant.clear()
        return started

    def _posts_of(self, place: int) -> Sequence[int]:
        if not self.assigns:
            return range(self.size)
        if self.pooled:
            return self.posts_in[place]
        return range(place, min(place + 1, self.size))


class DiaryServer:
    """Days booked in one diary."""

    def __init__(self, plan: Plan, diary: Diary, hours: WorkingTime) -> None:
        self.size, self.hours = plan.values[diary.size], hours
        self.used: dict[int, int] = {}

    def sits(self, day: int) -> bool:
        return self.hours.is_open(day * MINUTES_A_DAY + self.hours.opens)

    def has_room(self, day: int, places: int) -> bool:
        size = self.size
        limit = size.values[max(bisect_right(size.times, day * MINUTES_A_DAY) - 1, 0)]
        return self.used.get(day, 0) + places <= round(limit)


def earliest_run(diaries: list[tuple[DiaryServer, int]], first: int, days: int, last: int) -> list[int]:
    """The earliest `days` consecutive common sitting days from day `first` on, with room in every diary; empty if there is none before day `last`."""
    run: list[int] = []
    for day in range(first, last):
        if not all(diary.sits(day) for diary, _ in diaries):
            continue
        if all(diary.has_room(day, places) for diary, places in diaries):
            run.append(day)
            if len(run) == days:
                return run
        else:
            run = []
    return []
