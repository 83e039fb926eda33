"""The reference engine: reads a plan, writes the record, on SimPy's clock.

It is written to be read beside the rules of time in `sim/plan.py` (their numbers stand in brackets below). SimPy keeps the agenda: one
event for each minute at which something is due. That minute is played in rounds [2]: tokens move, signals are delivered, holds are read
again, and when nothing is due, slots, attention and sitting days are granted.
"""

from __future__ import annotations

import gc
import math
import pickle
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.engines import cast as casting
from sim.engines.clock import WorkingTime
from sim.engines.draws import child, name
from sim.engines.exposure import capacity
from sim.engines.reading import PlayError, Reading, Row, Test
from sim.engines.rules import Rules, is_weighed
from sim.engines.servers import DiaryServer, TeamServer, earliest_run
from sim.plan import MINUTES_A_DAY, PLAN_VERSION, UNSET, Kind, Node, Opening, Plan, Put, Sample, Scope
from sim.record import EVENT_COLUMNS, Record, What

MOST_ROUNDS = 1000
PACK_AT = 350_000
"""Numbers of the log kept as Python objects before they are packed."""
_in_order = attrgetter("order")

Enter = Callable[["Token"], bool]
"""Play a node for a token that comes to it; True when it has to stay there."""


class Token:
    """A case, or the part of it that a fork took along."""

    __slots__ = (
        "booked",
        "bout",
        "case",
        "children",
        "effort",
        "in_stage",
        "key",
        "node",
        "number",
        "order",
        "parent",
        "place",
        "post",
        "read_in",
        "serving",
        "side",
        "slot_since",
        "slot_version",
        "state",
        "subjects",
        "team",
        "then",
        "timed_out",
        "turn",
        "version",
        "visits",
    )

    def __init__(self, case: int, number: int, key: int, subjects: list[int], node: int) -> None:
        self.case, self.number, self.order = case, number, (case, number)
        self.key, self.subjects, self.node = key, subjects, node
        self.place = 0
        """Where its case is, of the places that its team spreads over units."""
        self.state = What.ARRIVED
        self.version = 0
        """Raised whenever what the token waits for changes: what was due for it before is then stale."""
        self.visits: dict[int, int] = {}
        self.parent: Token | None = None
        self.side = False
        self.children = 0
        self.team = self.post = self.serving = -1
        """The team and post that hold its slot; the post that attends to it now."""
        self.slot_version = self.slot_since = 0
        self.bout = -1
        """Where its bout stands in the play's list of them."""
        self.read_in = False
        """Its next bout includes reading in after a hand-over."""
        self.effort = 0.0
        self.turn = 0
        """Its place in the queue for attention, the same for all bouts of one effort [9]."""
        self.booked: list[int] = []
        self.timed_out = False
        """Its hold ended by the cut-off."""
        self.in_stage = 0
        """How long it has been in the node it begins in, until it comes to it [18]."""
        self.then = -1
        """Where it goes once it has the slot it begins with [17]."""


Keep = Mapping[int, Path]
"""Where to keep the state of play as it is before a minute."""


def play(plan: Plan, seed: int, replication: int = 0, *, events: bool = True, keep: Keep | None = None) -> Record:
    """Play one replication.

    Args:
        plan: what to run.
        seed: any whole number; the same seed gives the same futures in every plan that shares names.
        replication: which future, from 0.
        events: whether to keep the rows; the tables at the end are the same without.
        keep: minutes before which the state is written to a file, for `go_on`.

    Raises:
        PlayError: the plan led into something that cannot be played.
        ValueError: the plan is of another version.
    """
    _check_version(plan)
    with _without_collecting():
        return _Play(plan, casting.make(plan, seed, replication), seed, replication, events).run(keep or {})


def play_cast(plan: Plan, cast: casting.Cast, seed: int, replication: int, *, events: bool = True) -> Record:
    """Play what becomes of a given cast (`cast.make`, `cast.one_case`), whose keys name all draws; seed and replication only name the record.

    Raises:
        PlayError: the plan led into something that cannot be played.
        ValueError: the plan is of another version.
    """
    _check_version(plan)
    with _without_collecting():
        return _Play(plan, cast, seed, replication, events).run({})


def go_on(plan: Plan, past: Path) -> Record:
    """Play on from a kept state under a plan that is the same until then (`sim/engines/past.py`): the digits of a play from the start.

    Args:
        plan: what to run from here on.
        past: a file that `play` kept, by this program and on this machine; it is a pickle, so never one from elsewhere.
    """
    with _without_collecting():
        state = pickle.loads(past.read_bytes())
        return _Play(plan, state["cast"], state["seed"], state["replication"], state["keeps_events"], state).run({})


def _check_version(plan: Plan) -> None:
    if plan.version != PLAN_VERSION:
        raise ValueError(f"this engine plays plans of version {PLAN_VERSION}, not {plan.version}")


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Tokens refer to each other until the end; looking for garbage halfway only costs time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


STATE = (
    "seed", "replication", "keeps_events", "now", "events", "bouts", "slots", "fresh", "cast", "people", "cases", "subjects", "allegations",
    "agenda", "next_arrival", "made", "live", "open_cases", "held", "want_slots", "granting",
)  # fmt: skip
"""All of a play that changes, teams and diaries apart; what else it has follows from the plan and the cast."""


class _Play:
    def __init__(
        self,
        plan: Plan,
        cast: casting.Cast,
        seed: int,
        replication: int,
        keeps_events: bool,
        past: dict[str, Any] | None = None,
    ) -> None:
        self.plan, self.seed, self.replication, self.keeps_events = plan, seed, replication, keeps_events
        self.events, self.bouts, self.slots = array("q"), array("q"), array("q")
        """Flat rows: `EVENT_COLUMNS`; team, start, end of each bout; team, start, end of each slot held."""
        self.fresh: list[int] = []
        """Rows not yet packed into `events`."""
        self._read_cast(cast, fresh=not past)
        self.now = 0
        self.hours = [WorkingTime(calendar) for calendar in plan.calendars]
        self.teams = [TeamServer(plan, n, team, self.hours[team.calendar]) for n, team in enumerate(plan.teams)]
        self.diaries = [DiaryServer(plan, diary, self.hours[diary.calendar]) for diary in plan.diaries]
        self.reading = Reading(plan, self)
        self.rules = Rules(self, self.reading)
        self.queue_keys = [self._queue_key(server) for server in self.teams]
        self.until = [self.reading.all_hold(node.when) if node.kind == Kind.HOLD else None for node in plan.nodes]
        begins = [at for one in plan.opening for at in (one.node, one.then, *(part.node for part in one.also))]
        self.begins = {plan.nodes[at].name for at in begins if at >= 0}
        """Nodes in which tokens of the opening caseload begin."""
        self.enter = [self._player(node) for node in plan.nodes]
        self.guards: dict[tuple[int, int], list[tuple[int, Test | None]]] = {}
        for guard in plan.guards:
            for node in guard.region:
                self.guards.setdefault((guard.signal, node), []).append(
                    (guard.goes_to, self.reading.all_hold(guard.when))
                )

        self.env = simpy.Environment()
        self.agenda: dict[int, list[tuple[Token, int]]] = {}
        self.next_arrival = 0
        self.ready: list[Token] = []
        self.raised: list[tuple[int, int, list[int] | None]] = []
        """Signal, case, and the people it is about or None for the case."""
        self.made: dict[int, int] = {}
        """Tokens made so far in each live case."""
        self.live: dict[int, list[Token]] = {}
        self.open_cases: dict[int, list[int]] = {}
        """Live cases of each person."""
        self.held: dict[int, list[Token]] = {}
        """Held tokens of each case."""
        self.touched: set[int] = set()
        """Cases with held tokens whose rows or people were written to."""
        self.want_slots: set[int] = set()
        self.granting: set[int] = set()
        """Teams that have attention to give or are asked for it."""
        self.want_days: list[Token] = []
        self.team_steps: dict[int, list[TeamServer]] = {}
        for server in self.teams:
            for minute in server.step_dates():
                self.team_steps.setdefault(minute, []).append(server)
        self.hold_steps = self._hold_steps()
        self.began_at = 0
        if past:
            self._take_over(past)

    def _read_cast(self, cast: casting.Cast, fresh: bool) -> None:
        """Who there is; rows as they are before play, unless they come from a past."""
        self.cast = cast
        if fresh:
            self.people: list[Row] = cast.people.state.tolist()
            self.cases: list[Row] = cast.cases.state.tolist()
            self.subjects: list[Row] = cast.subjects.state.tolist()
            self.allegations: list[Row] = cast.allegations.state.tolist()
        self.received: list[int] = cast.received.tolist()
        self.opening: list[int] = [-1] * len(self.received) if cast.opening is None else cast.opening.tolist()
        self.person_of: list[int] = cast.subject_person.tolist()
        self.case_keys: list[int] = cast.cases.keys.tolist()
        self.subject_keys: list[int] = cast.subjects.keys.tolist()
        self.allegation_keys: list[int] = cast.allegations.keys.tolist()
        self.subjects_of = _ranges(cast.subject_case, len(cast.received))
        self.allegations_of = _ranges(cast.allegation_subject, len(cast.subject_case))

    # --- the clock ----------------------------------------------------------------------------------------------------

    def run(self, keep: Keep) -> Record:
        if not self.began_at:
            for server in self.teams:
                server.refresh(0)
        for minute in sorted(self.team_steps.keys() | self.hold_steps):
            if minute >= self.began_at:
                self._agree(minute)
        self._agree_next_arrival()
        for minute in sorted(keep):
            self.env.run(until=minute)
            keep[minute].write_bytes(self._past(minute))
        self.env.run(until=self.plan.ends_at)
        return self._record()

    def _past(self, minute: int) -> bytes:
        """The state before anything of a minute is played."""
        self._pack()
        state = {field: getattr(self, field) for field in STATE}
        state |= {
            "minute": minute,
            "teams": [server.state() for server in self.teams],
            "used": [diary.used for diary in self.diaries],
        }
        return pickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL)

    def _take_over(self, past: dict[str, Any]) -> None:
        for field in STATE:
            setattr(self, field, past[field])
        for server, state in zip(self.teams, past["teams"], strict=True):
            server.take_over(state)
        for diary, used in zip(self.diaries, past["used"], strict=True):
            diary.used = used
        self.began_at = past["minute"]
        self.env = simpy.Environment(initial_time=self.began_at)
        for minute in sorted(self.agenda):
            self._put_on_clock(minute)

    def _agree(self, minute: int) -> list[tuple[Token, int]]:
        """The tokens due at a minute; whoever asks first puts the minute on SimPy's agenda."""
        due = self.agenda.get(minute)
        if due is None:
            due = self.agenda[minute] = []
            self._put_on_clock(minute)
        return due

    def _put_on_clock(self, minute: int) -> None:
        if minute < self.plan.ends_at:
            event = self.env.timeout(minute - self.env.now)
            assert event.callbacks is not None
            event.callbacks.append(self._instant)

    def _due(self, token: Token, minute: int) -> None:
        self._agree(minute).append((token, token.version))

    def _agree_next_arrival(self) -> None:
        if self.next_arrival < len(self.received):
            self._agree(self.received[self.next_arrival])

    def _instant(self, _event: simpy.Event) -> None:
        """One minute, in rounds [2]."""
        self.now = now = int(self.env.now)
        due = self.agenda.pop(now)
        if now in self.team_steps or now in self.hold_steps:
            self._step_dates()
        self.ready += [token for token, version in due if token.version == version]
        while self.next_arrival < len(self.received) and self.received[self.next_arrival] == now:
            self._arrive(self.next_arrival)
            self.next_arrival += 1
        for _ in range(MOST_ROUNDS):
            if self.ready:
                moving, self.ready = self.ready, []
                if len(moving) > 1:
                    moving.sort(key=_in_order)
                for token in moving:
                    self._move(token)
                if self.raised:
                    self._deliver()
                if self.touched:
                    self._read_holds()
            else:
                if self.want_slots or self.granting or self.want_days:
                    self._grant()
                if not self.ready:
                    break
        else:
            raise PlayError(
                f"{MOST_ROUNDS} rounds on {self.plan.day(now)}: a case moves in a circle in which no time passes"
            )
        self._agree_next_arrival()
        if len(self.fresh) > PACK_AT:
            self._pack()

    def _pack(self) -> None:
        self.events.extend(self.fresh)
        self.fresh.clear()

    def _step_dates(self) -> None:
        for server in self.team_steps.get(self.now, ()):
            for token in server.refresh(self.now):
                self._hand_over(server, token)
            self.want_slots.add(server.number)
            self.granting.add(server.number)
        if self.now in self.hold_steps:
            self.touched.update(self.held)
            self._read_holds()

    def _hold_steps(self) -> set[int]:
        """Minutes at which a dated value that a hold reads steps [5]."""
        read = {
            t.left_value for node in self.plan.nodes if node.kind == Kind.HOLD for t in node.when if t.left_value >= 0
        }
        return {minute for value in read for minute in self.plan.values[value].times if minute > 0}

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _arrive(self, case: int) -> None:
        subjects = list(self.subjects_of[case])
        for subject in subjects:
            self.open_cases.setdefault(self.person_of[subject], []).append(case)
        self.live[case], self.made[case] = [], 0
        if self.opening[case] >= 0:
            self._open(case, self.plan.opening[self.opening[case]], subjects)
        else:
            stream = self.plan.streams[int(self.cast.case_stream[case])]
            self._make(case, self.case_keys[case], subjects, stream.start)

    def _open(self, case: int, opening: Opening, subjects: list[int]) -> None:
        """The tokens of a case that is open as the plan starts [17]."""
        line = self._make(case, self.case_keys[case], subjects, opening.node)
        line.in_stage, line.then = opening.in_stage, opening.then
        for part in opening.also:
            fork = self.plan.nodes[part.fork]
            made = self._make(case, child(line.key, name(f"{fork.name} opening")), subjects, part.node)
            made.in_stage, made.parent, made.side = part.in_stage, line, fork.side
            self._log(line, What.FORKED, -1, made.number, node=part.fork)
            if not fork.side:
                line.children += 1
                line = made

    def _make(self, case: int, key: int, subjects: list[int], node: int) -> Token:
        """A new token, due in this round or the next."""
        token = Token(case, self.made[case], key, subjects, node)
        self.made[case] += 1
        self.live[case].append(token)
        self._log(token, What.ARRIVED)
        self.ready.append(token)
        return token

    def _log(self, token: Token, what: What, item: int = -1, value: int = -1, node: int = -1) -> None:
        if self.keeps_events:
            self.fresh += (self.now, token.case, token.number, token.node if node < 0 else node, what, item, value)

    def _stay(self, token: Token, what: What, item: int = -1, value: int = -1) -> None:
        token.state = what
        token.version += 1
        self._log(token, what, item, value)

    def _move(self, token: Token) -> None:
        """Finish what was pending and go on as far as no time passes [3]."""
        if token.state == What.STARTED and not self._end_bout(token):
            return
        if token.timed_out:
            self._let_go(token)
        if token.state not in (What.ARRIVED, What.CALLED):
            node = self.plan.nodes[token.node]
            token.node = node.cut_off_to if token.timed_out and node.cut_off_to >= 0 else node.goes_to
            token.timed_out = False
            if token.then >= 0:
                token.node, token.then = token.then, -1
        token.version += 1
        stays = self.enter[token.node](token)
        if token.then < 0:
            token.in_stage = 0  # known of the node it begins in only
        while not stays:
            stays = self.enter[token.node](token)

    def _visit(self, token: Token) -> int:
        visit = token.visits.get(token.node, 0)
        token.visits[token.node] = visit + 1
        return visit

    def _player(self, node: Node) -> Enter:
        players: dict[Kind, Callable[[Node], Enter]] = {
            Kind.SET: self._set,
            Kind.DECIDE: self._decide,
            Kind.WORK: self._work,
            Kind.WAIT: self._wait,
            Kind.HOLD: self._hold,
            Kind.ASSIGN: self._assign,
            Kind.BOOK: self._book,
            Kind.FORK: self._fork,
            Kind.JOIN: self._join,
            Kind.EXIT: self._exit,
        }
        return players[node.kind](node)

    # --- nodes where no time passes ------------------------------------------------------------------------------------

    def _set(self, node: Node) -> Enter:
        writes = [self.rules.write(node, order) for order in range(len(node.writes))]
        raises = [(raised.signal, raised.to_people, self.reading.all_hold(raised.when)) for raised in node.raises]
        goes_to = node.goes_to
        draws = any(write.put == Put.COUNT or write.shift is not None for write in node.writes)

        def enter(token: Token) -> bool:
            visit = self._visit(token) if draws else 0
            for write in writes:
                write(token, visit)
            for signal, to_people, when in raises:
                if to_people:
                    people = [self.person_of[s] for s in token.subjects if when is None or when(token, s, -1)]
                    self.raised.append((signal, token.case, people))
                elif when is None or when(token, -1, -1):
                    self.raised.append((signal, token.case, None))
            token.node = goes_to
            return False

        return enter

    def _decide(self, node: Node) -> Enter:
        if node.into is not None:
            each, goes_to = self.rules.each(node), node.goes_to

            def enter_each(token: Token) -> bool:
                for item, level in each(token, self._visit(token)):
                    self._log(token, What.CHOSE, item, level)
                token.node = goes_to
                return False

            return enter_each
        choose, targets = self.rules.chooser(node), [branch.goes_to for branch in node.branches]
        if not is_weighed(node):

            def route(token: Token) -> bool:
                token.node = targets[choose(token, -1, -1, 0, 0)]
                return False

            return route

        def enter(token: Token) -> bool:
            branch = choose(token, -1, -1, token.key, self._visit(token))
            self._log(token, What.CHOSE, -1, branch)
            token.node = targets[branch]
            return False

        return enter

    def _fork(self, node: Node) -> Enter:
        when, by, place = self.reading.all_hold(node.when), node.fork_by, name(node.name)
        level = node.into.index if node.into else 0

        def enter(token: Token) -> bool:
            visit = self._visit(token)
            taken = [s for s in token.subjects if when is None or when(token, s, -1)]
            if by == 0:
                groups = {0: taken} if taken else {}
            elif by == 1:
                groups = {s: [s] for s in taken}
            else:
                groups = {}
                for s in sorted(taken, key=lambda s: self.subjects[s][level]):
                    groups.setdefault(self.subjects[s][level], []).append(s)
            for group, subjects in groups.items():
                key = (
                    child(self.subject_keys[group], place, visit)
                    if by == 1
                    else child(token.key, place, visit * 64 + group)
                )
                made = self._make(token.case, key, subjects, node.start)
                made.parent, made.side = token, node.side
                token.children += not node.side
                self._log(token, What.FORKED, -1, made.number)
            token.node = node.goes_to
            return False

        return enter

    def _exit(self, _: Node) -> Enter:
        def enter(token: Token) -> bool:
            self._give_back_slot(token)
            self._stay(token, What.LEFT)
            self.live[token.case].remove(token)
            parent = token.parent
            if parent and not token.side:
                parent.children -= 1
                if parent.children == 0 and parent.state == What.JOINING:
                    self.ready.append(parent)
            if not self.live[token.case]:
                del self.live[token.case], self.made[token.case]
                for subject in self.subjects_of[token.case]:
                    self.open_cases[self.person_of[subject]].remove(token.case)
            return True

        return enter

    # --- nodes where time passes ----------------------------------------------------------------------------------------

    def _minutes(self, sample: Sample | None, node: Node, purpose: str) -> Callable[[Token], int]:
        """A function that draws a duration in whole minutes of its calendar, at least one [10]."""
        if sample is None:
            return lambda token: 0
        amount = self.reading.amount(sample, name(f"{node.name} {purpose}"))
        return lambda token: max(int(amount(token.key, token.visits[token.node], token, -1, -1) + 0.5), 1)

    def _minutes_left(self, sample: Sample | None, node: Node, purpose: str) -> Callable[[Token], int]:
        """The same for a node that a token may begin in: then what is left [18]."""
        minutes = self._minutes(sample, node, purpose)
        if sample is None or node.name not in self.begins:
            return minutes
        rest = self.reading.rest(sample, name(f"{node.name} {purpose}"))

        def left(token: Token) -> int:
            elapsed = token.in_stage
            if not elapsed:
                return minutes(token)
            return max(int(rest(token.key, token.visits[token.node], token, elapsed) + 0.5), 1)

        return left

    def _end(self, sample: Sample | None, minutes: int) -> int:
        if sample is not None and sample.calendar >= 0:
            return self.hours[sample.calendar].after(self.now, minutes)
        return self.now + minutes

    def _wait(self, node: Node) -> Enter:
        minutes, cut = self._minutes_left(node.lasts, node, "lasts"), node.no_later_than

        def enter(token: Token) -> bool:
            self._visit(token)
            end = self._end(node.lasts, minutes(token))
            if cut is not None:
                dates = (row[cut.index] for row in self.reading.rows[cut.scope](token, -1, -1))
                end = min([end, *(max(date, self.now + 1) for date in dates if date != UNSET)])
            self._stay(token, What.WAITS)
            self._due(token, end)
            return True

        return enter

    def _hold(self, node: Node) -> Enter:
        until, minutes = self.until[self.plan.nodes.index(node)], self._minutes_left(node.lasts, node, "cut-off")

        def enter(token: Token) -> bool:
            self._visit(token)
            if until is None or until(token, -1, -1):
                token.node = node.goes_to
                return False
            self._stay(token, What.HELD)
            self.held.setdefault(token.case, []).append(token)
            if node.lasts is not None:
                self._due(token, self._end(node.lasts, minutes(token)))
                token.timed_out = True
            return True

        return enter

    def _let_go(self, token: Token) -> None:
        waiting = self.held[token.case]
        waiting.remove(token)
        if not waiting:
            del self.held[token.case]

    def _join(self, node: Node) -> Enter:
        def enter(token: Token) -> bool:
            self._visit(token)
            if not token.children:
                token.node = node.goes_to
                return False
            self._stay(token, What.JOINING)
            return True

        return enter

    # --- slots and attention --------------------------------------------------------------------------------------------

    def _queue_key(self, server: TeamServer) -> Callable[[Token], int]:
        """Reference date less head start [7]."""
        team = server.team
        rows, index = self.reading.rows[team.oldest.scope], team.oldest.index
        head_starts = [self.reading.head_start(factor) for factor in team.head_start]

        def key(token: Token) -> int:
            ahead = sum(days(token, -1, -1) for days in head_starts)
            return min(row[index] for row in rows(token, -1, -1)) - round(ahead * MINUTES_A_DAY)

        return key

    def _assign(self, node: Node) -> Enter:
        def give_back(token: Token) -> bool:
            self._give_back_slot(token)
            token.node = node.goes_to
            return False

        def take(token: Token) -> bool:
            if token.team == node.team:
                token.node = node.goes_to
                return False
            self._give_back_slot(token)
            token.read_in = False
            self._stay(token, What.QUEUED)
            self._queue_for_slot(self.teams[node.team], token)
            return True

        return take if node.team >= 0 else give_back

    def _queue_for_slot(self, server: TeamServer, token: Token) -> None:
        token.team, token.post = server.number, -1
        token.slot_version += 1
        token.place = self._place(server, token.case)
        server.wait_for_slot(self.queue_keys[server.number](token), token)
        self.want_slots.add(server.number)

    def load(self, team: int, case: int) -> int:
        """The load of a team where a case is [8]."""
        return self.teams[team].load(self._place(self.teams[team], case))

    def _place(self, server: TeamServer, case: int) -> int:
        """Where a case is when it queues for a slot [8]."""
        team = server.team
        if team.unit_of is None:
            return 0
        place = self.cases[case][team.unit_of.index]
        if not 0 <= place < team.places:
            raise PlayError(f"case {case} is in place {place} of {team.name!r}, which has {team.places}")
        return place

    def _give_back_slot(self, token: Token) -> None:
        if token.team < 0:
            return
        server = self.teams[token.team]
        if token.post >= 0:
            server.give_back(token)
            self.slots.extend((token.team, token.slot_since, self.now))
            self.want_slots.add(server.number)
        token.team = token.post = -1
        token.slot_version += 1

    def _hand_over(self, server: TeamServer, token: Token) -> None:
        """The post that held a token has gone: the token queues for a slot anew [11]."""
        if token.state == What.ASKED and self.plan.nodes[token.node].team == server.number:
            self._stay(token, What.QUEUED)
        self._give_back_slot(token)
        token.read_in = True
        self._queue_for_slot(server, token)

    def _work(self, node: Node) -> Enter:
        server, minutes = self.teams[node.team], self._minutes(node.lasts, node, "effort")
        queue_key = self.queue_keys[node.team]

        def enter(token: Token) -> bool:
            self._visit(token)
            token.effort = float(minutes(token))
            token.turn = queue_key(token)
            if server.assigns and token.team != node.team:
                raise PlayError(f"case {token.case} comes to {node.name!r} without a slot of {server.team.name!r}")
            if server.assigns and token.post < 0:
                self._stay(token, What.QUEUED)
            else:
                self._ask(token)
            return True

        return enter

    def _ask(self, token: Token) -> None:
        server = self.teams[self.plan.nodes[token.node].team]
        self._stay(token, What.ASKED)
        server.ask(token.turn, token)
        self.granting.add(server.number)

    def _start_bout(self, server: TeamServer, token: Token, post: int) -> None:
        speed = server.speed
        if token.read_in and token.team == server.number:
            token.effort += server.hand_over.at(self.now) * 60 if server.hand_over else 0
            token.read_in = False
        lasts = min(max(math.ceil(token.effort / speed), 1), server.team.longest_bout)
        token.effort -= lasts * speed
        token.serving = post
        self._stay(token, What.STARTED, post)
        end = server.hours.after(self.now, lasts)
        self.bouts.extend((server.number, self.now, end))
        token.bout = len(self.bouts) - 1
        self._due(token, end)

    def _end_bout(self, token: Token) -> bool:
        """Whether the effort is done; if not, the token asks for attention again [9]."""
        self._log(token, What.WORKED, token.serving)
        self._free_post(token)
        if token.effort < 1e-6:
            return True
        if token.post < 0 and self.teams[self.plan.nodes[token.node].team].assigns:
            self._stay(token, What.QUEUED)
        else:
            self._ask(token)
        return False

    def _free_post(self, token: Token) -> None:
        server = self.teams[self.plan.nodes[token.node].team]
        post, token.serving = token.serving, -1
        server.free(post)
        self.granting.add(server.number)
        if post >= server.size:
            for held in sorted(server.posts[post].holds, key=_in_order):
                self._hand_over(server, held)

    # --- sitting days ---------------------------------------------------------------------------------------------------

    def _book(self, node: Node) -> Enter:
        notice, length = self._minutes(node.lasts, node, "notice"), self._minutes(node.length, node, "length")
        assert node.length is not None
        day = self.hours[node.length.calendar].length if node.length.calendar >= 0 else MINUTES_A_DAY

        def enter(token: Token) -> bool:
            self._visit(token)
            token.state = What.BOOKED
            token.version += 1
            first = self._end(node.lasts, notice(token)) // MINUTES_A_DAY + 1
            token.booked = [first, max(math.ceil(length(token) / day), 1)]
            self.want_days.append(token)
            return True

        return enter

    def _give_days(self, token: Token) -> None:
        """The earliest common run of sitting days [13]."""
        node = self.plan.nodes[token.node]
        needed = [(self.diaries[diary], places) for diary, places in node.diaries]
        first, days = token.booked
        token.booked = run = earliest_run(needed, first, days, self.plan.ends_at // MINUTES_A_DAY)
        for diary, places in needed:
            for day in run:
                diary.used[day] = diary.used.get(day, 0) + places
        hours = needed[0][0].hours
        self._log(token, What.BOOKED, len(run), run[0] * MINUTES_A_DAY + hours.opens if run else -1)
        if run:
            self._due(token, run[-1] * MINUTES_A_DAY + hours.closes)

    def _cancel_days(self, token: Token) -> None:
        """Sitting days after today are free again [4]."""
        if token in self.want_days:
            self.want_days.remove(token)
            return
        for diary, places in self.plan.nodes[token.node].diaries:
            for day in token.booked:
                if day > self.now // MINUTES_A_DAY:
                    self.diaries[diary].used[day] -= places

    # --- the end of a round ---------------------------------------------------------------------------------------------

    def touch_case(self, case: int) -> None:
        if case in self.held:
            self.touched.add(case)

    def touch_person(self, person: int) -> None:
        for case in self.open_cases.get(person, ()):
            self.touch_case(case)

    def _deliver(self) -> None:
        """Signals raised in this round, in the order raised [4]."""
        raised, self.raised = self.raised, []
        for signal, case, people in raised:
            for token in self._hearers(case, people):
                for goes_to, when in self.guards.get((signal, token.node), ()):
                    if token.state != What.LEFT and (when is None or when(token, -1, -1)):
                        self._call(token, signal, goes_to)
                        break

    def _hearers(self, case: int, people: list[int] | None) -> list[Token]:
        if people is None:
            return list(self.live.get(case, ()))
        cases = sorted({case for person in people for case in self.open_cases.get(person, ())})
        return [
            token
            for case in cases
            for token in self.live[case]
            if any(self.person_of[s] in people for s in token.subjects)
        ]

    def _call(self, token: Token, signal: int, goes_to: int) -> None:
        self._log(token, What.CALLED, -1, signal)
        if token.state == What.STARTED:
            self.bouts[token.bout] = self.now
            self._free_post(token)
        elif token.state == What.HELD:
            self._let_go(token)
        elif token.state == What.BOOKED:
            self._cancel_days(token)
        if token.state == What.QUEUED and token.post < 0 and self.plan.nodes[token.node].kind == Kind.ASSIGN:
            token.team = -1
            token.slot_version += 1
        token.state, token.node, token.timed_out = What.CALLED, goes_to, False
        token.in_stage, token.then = 0, -1
        token.version += 1
        if token not in self.ready:
            self.ready.append(token)

    def _read_holds(self) -> None:
        touched, self.touched = self.touched, set()
        for case in sorted(touched):
            for token in list(self.held.get(case, ())):
                until = self.until[token.node]
                if until is None or until(token, -1, -1):
                    self._let_go(token)
                    token.timed_out = False
                    token.version += 1
                    self.ready.append(token)

    def _grant(self) -> None:
        """Slots, then attention, then sitting days [6]."""
        for number in sorted(self.want_slots):
            for token in self.teams[number].grant_slots():
                token.slot_since = self.now
                self._log(token, What.ALLOCATED, token.post)
                if token.state == What.QUEUED:
                    if self.plan.nodes[token.node].kind == Kind.ASSIGN:
                        self.ready.append(token)
                    else:
                        self._ask(token)
        self.want_slots.clear()
        for number in sorted(self.granting):
            server = self.teams[number]
            if server.opens_at <= self.now:
                server.opens_at = server.hours.next_open(self.now)
            if server.opens_at == self.now:
                self.granting.discard(number)
                for token, post in server.grant_attention():
                    self._start_bout(server, token, post)
            else:
                self._agree(server.opens_at)
        if self.want_days:
            for token in sorted(self.want_days, key=_in_order):
                self._give_days(token)
            self.want_days.clear()

    # --- the record -----------------------------------------------------------------------------------------------------

    def _record(self) -> Record:
        end = self.plan.ends_at
        self._pack()
        for tokens in self.live.values():
            for token in tokens:
                if token.post >= 0:
                    self.slots.extend((token.team, token.slot_since, end))
        rows = np.frombuffer(self.events, dtype=np.int64).reshape(-1, len(EVENT_COLUMNS))
        cast = self.cast
        return Record(
            plan=self.plan.fingerprint,
            seed=self.seed,
            replication=self.replication,
            ended_at=end,
            events={column: rows[:, i].copy() for i, column in enumerate(EVENT_COLUMNS)},
            people={**self._columns(Scope.PERSON, self.people), "seat": cast.seats},
            cases={**self._columns(Scope.CASE, self.cases), "stream": cast.case_stream},
            subjects={
                **self._columns(Scope.SUBJECT, self.subjects),
                "case": cast.subject_case,
                "person": cast.subject_person,
            },
            allegations={
                **self._columns(Scope.ALLEGATION, self.allegations),
                "subject": cast.allegation_subject,
                "case": cast.subject_case[cast.allegation_subject],
            },
            exposure={
                **cast.person_days,
                **capacity(self.plan, self.hours, _triples(self.bouts), _triples(self.slots)),
            },
        )

    def _columns(self, scope: Scope, rows: list[Row]) -> dict[str, NDArray[np.int64]]:
        names = [a.name.split(".")[1] for a in self.plan.attributes if a.scope == scope]
        table = np.asarray(rows, dtype=np.int64).reshape(len(rows), len(names))
        return {column: table[:, i].copy() for i, column in enumerate(names)}


def _ranges(parent: NDArray[np.int64], size: int) -> list[range]:
    """For each parent row, the positions of its rows below; `parent` ascends."""
    bounds = np.searchsorted(parent, np.arange(size + 1)).tolist()
    return [range(bounds[i], bounds[i + 1]) for i in range(size)]


def _triples(flat: Iterable[int]) -> NDArray[np.int64]:
    return np.asarray(flat, dtype=np.int64).reshape(-1, 3)
