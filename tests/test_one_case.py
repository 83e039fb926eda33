"""Does the player of hand-made cases see what happens, refuse what means nothing, and find every case that goes another way?

On a small desk: a letter is registered, judged allegation by allegation, perhaps sent back, and each driver's matter is heard in a room.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import one_case
import pytest
from case_files import CaseError, Plain, read_case, read_plain
from desk import ONE_EACH, Given, frame, series

from sim.pathway.kinds import (
    Attribute,
    Book,
    Branch,
    Decide,
    Diary,
    Duration,
    Exit,
    Fork,
    Hold,
    Join,
    Pathway,
    Set,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import Plan
from sim.scenario.build import build

ATTRIBUTES = (
    Attribute("person.leaves_on", date=True),
    Attribute("person.grade", levels=("driver", "inspector"), drawn="grade"),
    Attribute("case.received_on", date=True),
    Attribute("case.bouts"),
    Attribute("case.closed_on", date=True),
    Attribute("subject.upheld", levels=("no", "yes")),
    Attribute("subject.outcome", levels=("open", "warned", "dismissed")),
    Attribute("allegation.kind", levels=("late", "rude"), drawn="kind"),
    Attribute("allegation.decision", levels=("open", "no_case", "case")),
)
NODES = (
    Wait("register", lasts=Duration("register.time", cv="register.cv"), owner="desk", time_is="waiting_for_own_staff",
         next="bouts"),
    Set("bouts", writes=(Write("case.bouts", "count read.bouts"),), next="read"),
    Work("read", team="clerks", effort=Duration("read.hours", cv="register.cv"), next="decide"),
    Decide("decide", each="allegation", into="allegation.decision", next="note", branches=(
        Branch("no_case", weight="decide.no_case"),
        Branch("case", weight="decide.case", by={"allegation.kind": "decide.case_by_kind"}))),
    Set("note", writes=(Write("subject.upheld", "yes", when=("any allegation.decision = case",)),), next="check"),
    Decide("check", branches=(Branch("sent_back", weight="check.sent_back"), Branch("go_on", weight="rest"))),
    Wait("sent_back", lasts=Duration("back.days"), owner="desk", time_is="waiting_for_own_staff", next="check"),
    Decide("go_on", branches=(
        Branch("hearings", when=("any subject.upheld = yes",)), Branch("closed", otherwise=True))),
    Fork("hearings", by="subject", when=("subject.upheld = yes",), start="room_or_paper", next="all_heard"),
    Decide("room_or_paper", branches=(
        Branch("paper", weight="law.paper"),
        Branch("room", weight="law.room"))),
    Wait("paper", lasts=Duration("paper.days"), owner="desk", time_is="another_body", next="outcome"),
    Book("room", diaries=(("rooms", 1),), notice=Duration("room.notice"), length=Duration("room.days"), owner="desk",
         next="outcome"),
    Decide("outcome", each="subject", into="subject.outcome", next="heard", branches=(
        Branch("warned", weight="outcome.warned"),
        Branch("dismissed", weight="outcome.dismissed", when=("law.dismissal = 1",)))),
    Exit("heard"),
    Join("all_heard", next="quarantine"),
    Hold("quarantine", until=("law.quarantine = 0",), owner="desk", time_is="legal_pause", next="closed"),
    Set("closed", writes=(Write("case.closed_on", "now"),), next="end"),
    Exit("end"),
)  # fmt: skip
NUMBERS: dict[str, Given] = {
    **ONE_EACH,
    "rate": ("rate_per_year", 100),
    "clerks": ("posts", 2),
    "rooms": ("rooms", 1),
    "register.time": ("working_days", 9),
    "register.cv": ("ratio", 0.9),
    "read.bouts": ("count", 2),
    "read.hours": ("hours", 3),
    "share": ("share", 0.5),
    "back.days": ("days", 10),
    "paper.days": ("days", 5),
    "room.notice": ("working_days", 5),
    "room.days": ("working_days", 2),
    "decide.no_case": ("share", 0.5),
    "decide.case": ("share", 0.5),
    "decide.case_by_kind.rude": ("ratio", 2),
    "check.sent_back": ("share", 0.4),
    "outcome.warned": ("share", 0.001),
    "outcome.dismissed": ("share", 0.999),
    "grade.driver": ("share", 0.5),
    "grade.inspector": ("share", 0.5),
    "kind.late": ("share", 0.5),
    "kind.rude": ("share", 0.5),
    "law.paper": ("switch", {date(2010, 1, 1): 0, date(2010, 3, 1): 1}),
    "law.room": ("switch", {date(2010, 1, 1): 1, date(2010, 3, 1): 0}),
    "law.dismissal": ("switch", 1),
    "law.quarantine": ("switch", 0),
}


@cache
def desk() -> Plan:
    pathway = Pathway(
        name="letters",
        attributes=ATTRIBUTES,
        nodes=NODES,
        teams=(
            Team("clerks", owner="desk", posts="clerks", calendar="office", oldest="case.received_on",
                 productive_share="share"),
        ),
        diaries=(Diary("rooms", owner="desk", size="rooms", calendar="office"),),
        streams=(Stream("letters", start="register", rate="rate", spread="nothing", subjects="one", allegations="one"),),
    )  # fmt: skip
    return build(pathway, series(NUMBERS), frame(date(2011, 1, 1), name="desk"))


PLAIN = Plain(
    stream="letters",
    given={"person.grade": "driver", "allegation.kind": "rude"},
    takes={"register.time": (2.0, "working_days"), "read.hours": (8.0, "hours")},
    ways={"decide": ((None, ("case",)),), "check": ((None, ("go_on",)),)},
)

GOOD = """
rule: A matter is heard in a room until March 2010
source: none, these are buses
scenario: desk

received: 2010-01-04
person: {grade: driver}
allegations: [{kind: rude}]
ways:
  outcome: dismissed

path:
  - 2010-01-04 register: a Monday
  - 2010-01-06 read: 2 working days
  - 2010-01-07 decide = case: 8 hours of reading
  - 2010-01-15 room sits: 5 working days of notice
  - 2010-01-18 outcome = dismissed: Friday and Monday
  - never paper: not before March
  - 2010-01-18 end: nothing more

ends:
  subject.outcome: dismissed
  case.closed_on: 2010-01-18
  case.bouts: 2

would_fail_if: {law.dismissal: 0}

arithmetic: |
  4 + 2 = 6; + 1 = 7; + 5 = 14 January; it sits on Friday 15 and Monday 18.
"""


def setting(text: str, folder: Path, plain: Plain = PLAIN) -> one_case.Setting:
    path = folder / "letter.yaml"
    path.write_text(text, encoding="utf-8")
    return one_case.set_up(read_case(path), plain, desk())


def told(text: str, folder: Path) -> str:
    return one_case.report_on(setting(text, folder))


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


# --- what is seen -------------------------------------------------------------------------------------------------------


def test_a_case_that_goes_as_its_file_says_has_nothing_told_of_it(tmp_path: Path) -> None:
    assert told(GOOD, tmp_path) == ""


def test_working_days_are_counted_from_the_day_after_receipt_unless_a_time_is_told(tmp_path: Path) -> None:
    early = changed("received: 2010-01-04", "received: 2010-01-04 09:00:00")
    assert "2010-01-05 17:00  read\n" in told(early, tmp_path)


def test_a_path_that_is_not_as_wanted_is_told_beside_what_is_wanted(tmp_path: Path) -> None:
    text = told(changed("2010-01-15 room sits", "2010-01-14 room sits"), tmp_path)
    assert [line.split() for line in text.splitlines()] == [
        ["letter.yaml:", "case", "goes", "another", "way"],
        ["seen", "wanted"],
        ["2010-01-04", "17:00", "register", "2010-01-04", "register"],
        ["2010-01-06", "17:00", "read", "2010-01-06", "read"],
        ["2010-01-07", "17:00", "decide", "=", "case", "2010-01-07", "decide", "=", "case"],
        ["2010-01-07", "17:00", "check", "=", "go_on"],
        ["2010-01-07", "17:00", "room_or_paper", "(token", "1)"],
        ["2010-01-07", "17:00", "hearings"],
        ["2010-01-07", "17:00", "all_heard"],
        ["2010-01-07", "17:00", "room_or_paper", "=", "room", "(token", "1)"],
        ["2010-01-07", "17:00", "room", "(token", "1)"],
        ["2010-01-14", "room", "sits", "<--", "not", "so"],
        ["2010-01-15", "09:00", "room", "sits", "(token", "1)"],
        ["2010-01-18", "17:00", "outcome", "=", "dismissed", "(token", "1)", "2010-01-18", "outcome", "=", "dismissed"],
        ["2010-01-18", "17:00", "heard", "(token", "1)"],
        ["2010-01-18", "17:00", "end", "2010-01-18", "end"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2010-01-06 read", "2010-01-07 read", "2010-01-07 read  <-- not so"),
        ("2010-01-07 decide = case", "2010-01-07 decide = no_case", "decide = no_case  <-- not so"),
        ("2010-01-18 end: nothing more", "2010-01-18 register: again", "2010-01-18 register  <-- not so"),
        ("never paper", "never room", "never room  <-- but it came to it"),
        ("never paper", "never room_or_paper = room", "never room_or_paper = room  <-- but it came to it"),
        ("  - 2010-01-04 register: a Monday\n", "", ""),
        ("never paper", "never room_or_paper = paper", ""),
        ("subject.outcome: dismissed", "subject.outcome: warned", "case: subject.outcome is dismissed; wanted warned"),
        ("case.closed_on: 2010-01-18", "case.closed_on: unset", "case.closed_on is 2010-01-18; wanted unset"),
        ("case.bouts: 2", "case.bouts: 3", "case: case.bouts is 2; wanted 3"),
        ("outcome: dismissed\n\n", "decide: case\n\n", "chance has a say at 'outcome'"),
        ("outcome: dismissed\n\n", "outcome: [warned, dismissed]\n\n", "chance has a say at 'outcome'"),
        ("outcome: dismissed\n\n", "outcome: dismissed\n  decide: no_case\n\n", "'ways' tells of 'outcome', which case never"),
        ("law.dismissal: 0", "law.quarantine: 0", "it would go the same way if law.quarantine were 0"),
        ("source:", "law_instead: {law.dismissal: 0}\nsource:", "no branch of 'outcome' is open"),
    ],
)  # fmt: skip
def test_what_is_not_as_wanted_is_told(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = told(changed(old, new), tmp_path)
    assert (said in text) if said else text == ""


def test_what_was_seen_until_a_case_could_not_be_played_on_is_told(tmp_path: Path) -> None:
    text = told(changed("source:", "law_instead: {law.dismissal: 0}\nsource:"), tmp_path)
    assert text.splitlines()[1].strip() == "seen until then"
    assert text.splitlines()[-1].strip() == "2010-01-07 17:00  room  (token 1)"


def test_an_unlikely_way_that_nobody_told_of_is_found_out(tmp_path: Path) -> None:
    """One in a thousand at `outcome`: hardly ever drawn."""
    text = told(changed("  outcome: dismissed\n\n", "  decide: case\n\n"), tmp_path)
    assert text == "letter.yaml: chance has a say at 'outcome'; 'ways' has to say which of warned, dismissed it is"


def test_a_sitting_is_told_on_its_day_after_what_comes_between(tmp_path: Path) -> None:
    between = changed("  - 2010-01-07 decide = case: 8 hours of reading\n", "  - 2010-01-07 room: booked\n")
    assert told(between, tmp_path) == ""
    assert "2010-01-07 room sits  <-- not so" in told(
        changed("2010-01-07 room:", "2010-01-07 room sits:", between), tmp_path
    )


# --- ways -----------------------------------------------------------------------------------------------------------------

TWO = """
rule: two drivers in one matter
source: none
scenario: desk
people: {first driver: {}, second driver: {grade: inspector}}
received: 2010-01-04
subjects:
  first driver:
    allegations: [{}, {kind: late, ways: {decide: no_case}}]
    ways: {outcome: warned}
    ends: {subject.outcome: warned, person.grade: driver}
  second driver:
    allegations: [{}]
    ends: {subject.outcome: dismissed, allegation.decision: case}
ways: {outcome: dismissed, check: {2010-01-01: sent_back, 2010-01-17: [go_on]}}
path:
  - 2010-01-07 decide = case: 3 working days
  - 2010-01-07 sent_back: once
  - 2010-01-17 check = go_on: ten days later
  - 2010-01-17 hearings: a Sunday
  - 2010-01-25 room sits: five working days to Friday 22
  - 2010-01-26 outcome = warned: two days
  - 2010-01-27 room sits: there is one room
  - 2010-01-28 end: two days
arithmetic: none
"""


def test_the_way_told_nearest_to_a_row_is_taken(tmp_path: Path) -> None:
    """Two drivers in one matter, decided apart; sent back until a day; a plain way for what nobody told of."""
    assert told(TWO, tmp_path) == ""


def test_one_decision_for_rows_that_are_told_different_ways_has_none(tmp_path: Path) -> None:
    text = told(changed("ways: {outcome: warned}", "ways: {outcome: warned, check: go_on}", TWO), tmp_path)
    assert text.startswith("letter.yaml: cannot be played on: no branch of 'check' is open to case 0")


def test_what_is_the_same_for_all_rows_of_a_case_is_wanted_of_all(tmp_path: Path) -> None:
    text = told(changed("arithmetic: none", "arithmetic: none\nends: {subject.outcome: warned}", TWO), tmp_path)
    assert text == "letter.yaml: it ends otherwise\n  case: subject.outcome is warned, dismissed; wanted warned"


SEVERAL = """
rule: one driver in two matters
source: none
scenario: desk
person: {grade: inspector}
cases:
  later:
    received: 2010-01-05
    allegations: [{}]
    ways: {outcome: warned}
    path:
      - 2010-01-08 decide = case: 3 working days
      - 2010-01-20 room sits: 15 January, but for the room, which the earlier matter has on Monday 18 and Tuesday 19
      - 2010-01-21 end: two days
    ends: {subject.outcome: warned, case.received_on: 2010-01-05}
  earlier:
    received: 2010-01-04
    allegations: [{}]
    ways: {outcome: dismissed, check: {2010-01-01: sent_back, 2010-01-08: go_on}}
    path:
      - 2010-01-07 sent_back: 3 working days
    ends: {subject.outcome: dismissed, case.received_on: 2010-01-04}
arithmetic: none
"""


def test_several_matters_of_one_person_are_played_together(tmp_path: Path) -> None:
    """The later matter is heard first: sent back for ten days, the earlier one is listed only on 17 January."""
    text = changed("2010-01-20 room sits: 15 January, but for the room, which the earlier matter has on Monday 18 and Tuesday 19",
                   "2010-01-18 room sits: five working days to Friday 15", SEVERAL)  # fmt: skip
    text = changed("2010-01-21 end", "2010-01-19 end", text)
    assert told(text, tmp_path) == ""
    assert told(changed("ends: {subject.outcome: dismissed, ", "ends: {subject.outcome: warned, ", text), tmp_path) == (
        "letter.yaml: it ends otherwise\n  earlier: subject.outcome is dismissed; wanted warned"
    )


# --- what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("received: 2010", "recieved: 2010", "letter.yaml: recieved: found an unknown key; expected no key is called 'recieved'; did you mean 'received'?"),
        ("received: 2010-01-04", "received: soon", "letter.yaml: received: found 'soon'"),
        ("received: 2010-01-04", "received: 2011-01-01", "letter.yaml: received: found 2011-01-01; expected a day of desk, 2010-01-01 to 2010-12-31"),
        ("received:", "stream: leters\nreceived:", "letter.yaml: stream: found 'leters'; expected no stream is called 'leters'; did you mean 'letters'?"),
        ("rule: A matter is heard in a room until March 2010", "rule:", "letter.yaml: rule: found None; expected some words"),
        ("source: none, these are buses\n", "", "letter.yaml: source: found None"),
        ("arithmetic: |\n  4 + 2 = 6; + 1 = 7; + 5 = 14 January; it sits on Friday 15 and Monday 18.", "", "letter.yaml: arithmetic: found None"),
        ("grade: driver", "rank: driver", "letter.yaml: people.person.rank: found no attribute 'person.rank'"),
        ("grade: driver", "grade: diver", "letter.yaml: people.person.grade: found 'diver'; expected no level of person.grade is called 'diver'; did you mean 'driver'?"),
        ("grade: driver", "leaves_on: 3", "letter.yaml: people.person.leaves_on: found 3; expected a day"),
        ("grade: driver", "grade: [driver]", "letter.yaml: people.person.grade: found ['driver']"),
        ("ways:", "case: {bouts: many}\nways:", "letter.yaml: case.case.bouts: found 'many'; expected a whole number"),
        ("person: {grade: driver}", "people: {}", "letter.yaml: people: found nobody"),
        ("person: {grade: driver}", "person: {grade: driver}\npeople: {a: {}}", "letter.yaml: person: found this beside 'people'"),
        ("person: {grade: driver}", "people: {a: {}, b: {}}", "letter.yaml: subjects: found none; expected which of a, b"),
        ("[{kind: rude}]", "[]", "letter.yaml: allegations: found []"),
        ("[{kind: rude}]", "[{kind: rude, ways: {outcome: warned}}]", "letter.yaml: allegations.ways.outcome: found a decision that is not made for each allegation"),
        ("allegations: [{kind: rude}]", "subjects: {somebody: {}}", "letter.yaml: subjects.somebody: found an unknown key"),
        ("allegations:", "subjects: {person: {allegations: [{}]}}\nallegations:", "letter.yaml: allegations: found this beside 'subjects'"),
        ("  outcome: dismissed\n\n", "  outcom: dismissed\n\n", "letter.yaml: ways.outcom: found no such decision; expected no decision is called 'outcom'; did you mean 'outcome'?"),
        ("  outcome: dismissed\n\n", "  outcome: dismiss\n\n", "letter.yaml: ways.outcome: found no branch 'dismiss'"),
        ("  outcome: dismissed\n\n", "  outcome: 3\n\n", "letter.yaml: ways.outcome: found 3; expected a branch"),
        ("  outcome: dismissed\n\n", "  outcome: {2010-02-01: warned, 2010-01-01: dismissed}\n\n", "letter.yaml: ways.outcome: found {"),
        ("  outcome: dismissed\n\n", "  go_on: closed\n\n", "letter.yaml: ways.go_on: found the way of 'go_on'; expected a decision that weighs"),
        ("source:", "takes: {read.hurs: 3 hours}\nsource:", "letter.yaml: takes.read.hurs: found no such number; expected no number is called 'read.hurs'; did you mean 'read.hours'?"),
        ("source:", "takes: {read.hours: 3 days}\nsource:", "letter.yaml: takes.read.hours: found the unit 'days'; expected 'hours'"),
        ("source:", "takes: {read.hours: 3}\nsource:", "letter.yaml: takes.read.hours: found no unit"),
        ("source:", "takes: {read.hours: a while}\nsource:", "letter.yaml: takes.read.hours: found 'a while'"),
        ("source:", "takes: {read.bouts: 1.5}\nsource:", "letter.yaml: takes.read.bouts: found (1.5,)"),
        ("source:", "takes: {law.room: 0}\nsource:", "letter.yaml: takes.law.room: found this number; expected none of the law"),
        ("source:", "law_instead: {read.hours: 1 hour}\nsource:", "letter.yaml: law_instead.read.hours: found this number; expected a number of the law"),
        ("law.dismissal: 0", "law.dismisal: 0", "letter.yaml: would_fail_if.law.dismisal: found no such number"),
        ("2010-01-06 read:", "2010-01-06 reading:", "letter.yaml: path.2010-01-06 reading: found no such step"),
        ("2010-01-06 read:", "2010-01-06 note:", "letter.yaml: path.2010-01-06 note: found the step 'note'; expected a step at which time passes"),
        ("2010-01-06 read:", "2010-01-06 go_on:", "letter.yaml: path.2010-01-06 go_on: found the step 'go_on'"),
        ("2010-01-06 read:", "2010-01-06 read sits:", "letter.yaml: path.2010-01-06 read sits: found 'read' sitting"),
        ("2010-01-06 read:", "2010-01-08 read:", "letter.yaml: path: found days out of order"),
        ("2010-01-06 read:", "2010-01-32 read:", "letter.yaml: path[1]: found {'2010-01-32 read': '2 working days'}"),
        ("2010-01-06 read: 2 working days", "2010-01-06 read:", "letter.yaml: path[1]: found {'2010-01-06 read': None}"),
        ("never paper", "never room sits", "letter.yaml: path[5]: found"),
        ("never paper", "never note", "letter.yaml: path.never note: found the step 'note'"),
        ("decide = case:", "decide = maybe:", "letter.yaml: path.2010-01-07 decide = maybe: found no branch 'maybe'"),
        ("subject.outcome: dismissed", "subject.outcom: dismissed", "letter.yaml: ends.subject.outcom: found no attribute 'subject.outcom'"),
        ("subject.outcome: dismissed", "outcome: dismissed", "letter.yaml: ends.outcome: found no scope"),
        ("subject.outcome: dismissed", "subject.outcome: gone", "letter.yaml: ends.subject.outcome: found 'gone'"),
        ("ways:\n  outcome: dismissed\n", "ways: {outcome: dismissed, outcome: warned}\n", "the key 'outcome' twice"),
        ("allegations: [{kind: rude}]", "allegations: [{kind: rude}", "letter.yaml: found while parsing"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_by_file_and_key(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError) as refused:
        told(changed(old, new), tmp_path)
    assert said in str(refused.value)


def test_a_file_without_anything_to_see_is_refused(tmp_path: Path) -> None:
    bare = GOOD[: GOOD.index("path:")] + "arithmetic: none\n"
    with pytest.raises(CaseError, match=r"letter.yaml: path: found nothing to see"):
        told(bare, tmp_path)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = changed("received:", "recieved:", changed("rule: A matter", "rul: A matter"))
    with pytest.raises(CaseError) as refused:
        told(text, tmp_path)
    keys = [problem.key for problem in refused.value.problems]
    assert keys == ["rul", "recieved", "received", "rule"]
    names = changed("grade: driver", "grade: diver", changed("never paper", "never papers"))
    with pytest.raises(CaseError) as refused:
        told(names, tmp_path)
    assert {problem.key for problem in refused.value.problems} == {"people.person.grade", "path.never papers"}


def test_what_is_plain_is_held_to_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "plain_case.yaml"
    path.write_text("stream: letters\nperson: {grade: pilot}\nways: {decide: [case, cases]}\nnonsense: 1\n")
    with pytest.raises(CaseError, match=r"plain_case.yaml: nonsense: found an unknown key"):
        read_plain(path)
    path.write_text("stream: letters\nperson: {grade: pilot}\nways: {decide: [case, cases]}\n")
    with pytest.raises(CaseError) as refused:
        setting(GOOD, tmp_path, read_plain(path))
    assert [problem.file for problem in refused.value.problems] == ["plain_case.yaml"] * 2


def test_an_unknown_scenario_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.yaml"
    path.write_text(changed("scenario: desk", "scenario: casey_2222"))
    with pytest.raises(CaseError, match="did you mean 'casey_2022'"):
        one_case.report(path)
