"""Is the pathway drawn as it is declared, readably, and is a single case told as it was played, with nothing it must not say?"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from io import StringIO
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from desk import DAY, Story, small, told
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console
from test_cli import Call, here, misconduct  # noqa: F401
from test_worked_pathway import bus, printed

from sim.engines import reference
from sim.pathway import kinds
from sim.pathway.kinds import Attribute, Branch, Decide, Exit, Set, Wait, Write
from sim.pathway.misconduct import PATHWAY
from sim.plan import Plan
from sim.record import Record, What
from sim.report import diagram, one_case, shown
from sim.report.arrows import Layout, Way
from sim.report.conditions import clause
from sim.report.flow import Box, Flow, Link, Style, place
from sim.report.one_case import STAMP, CaseStory, Filter, fitting, print_case, read_filters, steps_table, tell_case
from sim.report.passed import certain
from sim.report.style import save
from sim.scenario import load_scenario

SHIPPED = Layout(PATHWAY)
BUS = Layout(printed())


# --- conditions in words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("case.severity >= misconduct", "the case's severity is at least misconduct"),
        ("all person.gone != no", "every person's gone is not no"),
        ("any subject.outcome = final_written_warning", "any subject's outcome is final written warning"),
        ("person.probation_ends_on > now", "the person's day “probation ends” is still to come"),
        ("subject.ended_on = unset", "the subject's day “ended” is not set"),
        ("case.decided_on < case.due_on", "the case's day “decided” is before the case's day “due”"),
        ("law.former_officers = 0", "without the rule “former officers”"),
        ("law.time_limit > 0", "“law.time limit” is more than 0"),
        ("what is this thing", "what is this thing"),
    ],
)
def test_a_condition_can_be_read_aloud(condition: str, words: str) -> None:
    assert clause(condition) == words


# --- every arrow ------------------------------------------------------------------------------------------------------


def test_the_arrows_of_a_small_pathway_are_those_it_declares() -> None:
    arrows = {(arrow.start, arrow.end, arrow.way) for arrow in BUS.arrows}
    assert ("ask_garage", "garage_asked", Way.SIDE) in arrows
    assert ("to_hearing", "listed", Way.EACH) in arrows
    assert ("listed", "left_first", Way.CALLED) in arrows
    assert {end for end in arrows if end[2] is Way.JOINED} == {
        ("hearing_over", "all_heard", Way.JOINED),
        ("left_first", "all_heard", Way.JOINED),
    }
    # 22 nodes, five of them ends: 17 go on; 3 forks start something; one hold has a cut-off; one guard covers one node; two ends are joined.
    assert len(BUS.pathway.nodes) == 22
    assert len(BUS.arrows) == 17 + 3 + 1 + 1 + 2


@pytest.mark.parametrize("layout", [BUS, SHIPPED], ids=["bus", "shipped"])
def test_every_node_but_an_end_leads_somewhere_and_every_guard_has_an_arrow_from_each_of_its_nodes(
    layout: Layout,
) -> None:
    ends = {node.name for node in layout.pathway.nodes if isinstance(node, Exit)}
    starts = {arrow.start for arrow in layout.arrows if arrow.way not in (Way.CALLED, Way.JOINED)}
    assert starts == set(layout.nodes) - ends
    called = [(a.start, a.end) for a in layout.arrows if a.way is Way.CALLED]
    assert Counter(called) == Counter((node, g.to) for g in layout.pathway.guards for node in g.region)


@pytest.mark.parametrize("layout", [BUS, SHIPPED], ids=["bus", "shipped"])
def test_each_branch_of_a_decision_is_a_row_of_the_table_with_its_weight(layout: Layout) -> None:
    table = layout.table().fillna("")
    rows = Counter(zip(table["from_node"], table["to_node"], table["weight"], strict=True))
    for node in layout.pathway.nodes:
        if isinstance(node, Decide) and node.each is None:
            for branch in node.branches:
                weight = branch.weight if isinstance(branch.weight, str) else "" if branch.weight == 1 else None
                assert weight is None or rows[node.name, branch.name, weight] >= 1
    assert len(table) == len(layout.arrows)


def test_what_a_side_fork_starts_is_on_a_side_track_unless_the_case_comes_there_too() -> None:
    beside = {"garage_asked", "garage_looks", "garage_done", "garage_end", "stays", "leaves", "gone"}
    assert set(BUS.nodes) - BUS.main == beside
    # A hearing is of one driver: it ends a part, not the case.
    assert "closed" in BUS.case_itself
    assert "hearing_over" in BUS.main - BUS.case_itself


def test_an_arrow_to_what_was_declared_before_goes_back() -> None:
    place_of = {node.name: at for at, node in enumerate(PATHWAY.nodes)}
    for arrow in SHIPPED.arrows:
        if arrow.way in (Way.ON, Way.BACK):
            assert (arrow.way is Way.BACK) == (place_of[arrow.end] <= place_of[arrow.start])


def test_the_longest_way_passes_the_most_boxes() -> None:
    steps = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("b", "c"), ("d", "e"), ("a", "e")]
    assert diagram.longest_way("abcde", steps) == {("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")}


# --- where everything is placed ---------------------------------------------------------------------------------------


@st.composite
def drawings(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    """Boxes in one lane or two, and links between any of them."""
    count = draw(st.integers(1, 9))
    boxes = [Box(str(at), draw(st.floats(0.2, 1.5)), draw(st.booleans())) for at in range(count)]
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=20, unique=True)) if pairs else []
    links = []
    for start, end in chosen:
        style = draw(st.sampled_from(list(Style)))
        links.append(Link(str(start), str(end), style, back=end < start or style is Style.DOTTED))
    return boxes, links


def segments(flow: Flow) -> Iterator[tuple[float, float, float, float]]:
    """Every line of the trunks: left, top, right, bottom."""
    for trunk in flow.trunks:
        ends = [(joint.x, joint.y) for joint in trunk.joints] + [(trunk.into_x, trunk.into_y)]
        for x, y in ends:
            yield min(x, trunk.x), y, max(x, trunk.x), y
        ys = [y for _, y in ends]
        yield trunk.x, min(ys), trunk.x, max(ys)


@given(drawings())
def test_no_line_crosses_a_box_no_boxes_overlap_and_every_link_is_drawn_once(
    drawing: tuple[list[Box], list[Link]],
) -> None:
    boxes, links = drawing
    flow = place(boxes, links, 6.0, 4.0)
    little = 1e-9
    for one, other in combinations(flow.places.values(), 2):
        apart = one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
        assert apart
    for left, top, right, bottom in segments(flow):
        for box in flow.places.values():
            inside = (
                left < box.right - little and right > box.left + little
                and top < box.bottom - little and bottom > box.top + little
            )  # fmt: skip
            assert not inside
        assert left >= 0
        assert right <= flow.width
        assert bottom <= flow.height
    drawn = [*flow.straight, *(joint.link for trunk in flow.trunks for joint in trunk.joints)]
    assert Counter(drawn) == Counter(links)


@given(drawings())
def test_trunks_that_run_beside_the_same_box_stand_apart_and_so_do_arrows_at_its_side(
    drawing: tuple[list[Box], list[Link]],
) -> None:
    flow = place(*drawing, 6.0, 4.0)
    for one, other in combinations(flow.trunks, 2):
        if abs(one.x - other.x) < 0.01:
            spans = [(min(ys), max(ys)) for t in (one, other) for ys in [[j.y for j in t.joints] + [t.into_y]]]
            assert spans[0][1] < spans[1][0] or spans[1][1] < spans[0][0]
    at: dict[float, list[float]] = {}
    for trunk in flow.trunks:
        for x, y in [*((joint.x, joint.y) for joint in trunk.joints), (trunk.into_x, trunk.into_y)]:
            at.setdefault(round(x, 6), []).append(y)
    for ys in at.values():
        assert (np.diff(sorted(ys)) > 0.05).all()


def test_a_side_box_stands_beside_what_leads_to_it() -> None:
    boxes = [Box("a", 1.0), Box("b", 1.0), Box("c", 1.0), Box("s", 0.5, side=True)]
    flow = place(boxes, [Link("b", "s", Style.DASHED)], 6.0, 4.0)
    assert flow.places["s"].top == flow.places["b"].top
    assert flow.places["s"].left > flow.places["b"].right
    (trunk,) = flow.trunks
    assert trunk.into_x == flow.places["s"].left


# --- the pictures -----------------------------------------------------------------------------------------------------


@cache
def pictures() -> dict[str, diagram.Drawn]:
    drawn = {"bus": diagram.draw_pathway(BUS), "shipped": diagram.draw_pathway(SHIPPED)}
    for part in SHIPPED.parts:
        drawn[part.name] = diagram.draw_stage(SHIPPED, part)
    return drawn


def texts(figure: Figure) -> list[Text]:
    return [text for axes in figure.axes for text in axes.texts if text.get_text().strip()]


@pytest.mark.parametrize("name", ["bus", "shipped", *(part.name for part in SHIPPED.parts)])
def test_no_words_lie_over_other_words_or_leave_the_page(name: str) -> None:
    figure = pictures()[name].figure
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    page = figure.bbox
    boxes = sorted(
        ((text.get_window_extent(renderer), text.get_text()) for text in texts(figure)), key=lambda b: b[0].y0
    )
    for number, (box, said) in enumerate(boxes):
        assert page.x0 <= box.x0, said
        assert box.x1 <= page.x1, said
        for other, also in boxes[number + 1 :]:
            if other.y0 >= box.y1 - 0.5:
                break
            overlaps = min(box.x1, other.x1) - max(box.x0, other.x0) > 0.5 and min(box.y1, other.y1) - other.y0 > 1.5
            assert not overlaps, (said, also)


def test_the_same_declaration_gives_the_same_bytes(tmp_path: Path) -> None:
    first = save(diagram.draw_pathway(Layout(PATHWAY)), tmp_path / "one")
    again = save(diagram.draw_pathway(Layout(PATHWAY)), tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_the_picture_names_every_stage_and_owner_and_says_in_words_what_it_shows(tmp_path: Path) -> None:
    drawn = pictures()["shipped"]
    _, svg = save(drawn, tmp_path / "pathway")
    text = svg.read_text(encoding="utf-8")
    assert 'role="img"' in text
    assert "<desc>" in text
    shown_words = [one.get_text() for one in texts(drawn.figure)]
    for stage in PATHWAY.stages:
        assert f"{stage.number}   {stage.title}" in shown_words
        assert f"{stage.number} {stage.title}" in drawn.description
    assert {owner.casefold() for owner in diagram.owner_colours(PATHWAY)} <= {one.casefold() for one in shown_words}


def test_every_node_where_time_passes_is_named_in_its_stage_with_its_owner() -> None:
    said = " ".join(one.get_text() for one in texts(pictures()["shipped"].figure))
    for node in PATHWAY.nodes:
        if mine := diagram.whose(node, SHIPPED.teams):
            assert diagram.words.sentence(node.name) in said
            assert mine[0].casefold() in said.casefold()


def test_a_wider_word_is_wrapped_and_no_word_is_lost() -> None:
    text = "a bee sat on " * 30
    lines = diagram.wrapped([diagram.Piece(text)], 2.0)
    assert [piece.text for line in lines for piece in line.pieces] == text.split()
    assert len(lines) > 3


# --- nodes passed without a row ---------------------------------------------------------------------------------------


def diamond() -> Plan:
    """Two ways from `first` to `meets`, then one to `end`."""
    return small(
        (
            Set("first", next="either"),
            Decide("either", branches=(
                Branch("left", when=("case.kind = 1",)), Branch("right", otherwise=True))),
            Set("left", next="meets"),
            Set("right", next="meets"),
            Set("meets", next="waits"),
            Wait("waits", lasts=kinds.Duration("wait"), owner="us", time_is="another_body", next="end"),
            Exit("end"),
        ),
        {"wait": ("days", 3)},
        to=date(2011, 1, 1),
        attributes=(Attribute("case.kind"),),
    )  # fmt: skip


def test_only_nodes_on_every_way_are_said_to_have_been_passed() -> None:
    plan = diamond()
    at = {node.name: number for number, node in enumerate(plan.nodes)}
    passed = certain(plan, [at["first"]], at["waits"])
    assert [plan.nodes[node].name for node in passed] == ["first", "either", "meets"]
    assert certain(plan, [at["left"], at["right"]], at["waits"]) == [at["meets"]]
    assert certain(plan, [at["end"]], at["end"]) == []


# --- one case -----------------------------------------------------------------------------------------------------------


def ruled() -> Story:
    """Ten days with another body, then a decision by a rule that attaches to the day of receipt, then 4 days of notice."""
    return told(
        small(
            (
                Wait("asked", lasts=kinds.Duration("asked"), owner="garage", time_is="another_body", next="panel"),
                Decide("panel", branches=(Branch("old_chair", weight="law.old_chairs"), Branch("new_chair", weight="law.new_chairs"))),
                Set("old_chair", writes=(Write("case.chair", "old"),), next="notice"),
                Set("new_chair", writes=(Write("case.chair", "new"),), next="notice"),
                Wait("notice", lasts=kinds.Duration("law.notice"), owner="desk", time_is="listing", next="over"),
                Set("over", writes=(Write("case.finalised_on", "now"),), next="end"),
                Exit("end"),
            ),
            {
                "asked": ("days", 10),
                "law.old_chairs": ("switch", {date(2010, 1, 1): 1, date(2010, 7, 1): 0}),
                "law.new_chairs": ("switch", {date(2010, 1, 1): 0, date(2010, 7, 1): 1}),
                "law.notice": ("days", {date(2010, 1, 1): 4, date(2010, 10, 1): 6}),
            },
            to=date(2011, 1, 1),
            attributes=(Attribute("case.chair", levels=("none", "old", "new")), Attribute("case.finalised_on", date=True)),
            attach={"law.old_chairs": "case.received_on", "law.new_chairs": "case.received_on"},
        )
    )  # fmt: skip


def test_a_case_is_told_by_hand_arithmetic() -> None:
    story = ruled()
    turn, plan = story.minute(2010, 7, 1), story.plan
    # Received before the turn, decided after it: the old rule attaches.
    case = next(c for c in story.cases if turn - 9 * DAY < story.received[c] < turn)
    tale = tell_case(plan, story.record, case)
    assert [(plan.nodes[step.node].name, step.what) for step in tale.steps] == [
        ("asked", What.ARRIVED),
        ("asked", What.WAITS),
        ("panel", What.CHOSE),
        ("notice", What.WAITS),
        ("end", What.LEFT),
    ]
    assert [step.stayed for step in tale.steps] == [None, 10 * DAY, None, 4 * DAY, None]
    assert tale.days == 14
    assert tale.sums == (("garage", "another_body", 10), ("desk", "listing", 4))
    chosen = tale.steps[2]
    assert chosen.decided[0] == "old chair"
    received = plan.day(story.received[case])
    assert chosen.law[0] == f"old chairs: yes; attaches to the case's day “received”, {received.day} {received:%B %Y}"
    notice = tale.steps[3]
    assert notice.passed == ("Old chair",)
    decided = plan.day(story.received[case] + 10 * DAY)
    assert notice.law == (f"notice: 4 days; as of that day, {decided.day} {decided:%B %Y}",)
    assert tale.steps[4].passed == ("Over",)


def test_a_case_received_under_the_new_rule_says_since_when() -> None:
    story = ruled()
    case = next(c for c in story.cases if story.received[c] >= story.minute(2010, 7, 1))
    told_of = tell_case(story.plan, story.record, case).steps[2]
    assert told_of.decided[0] == "new chair"
    assert "new chairs: yes, since 1 July 2010" in told_of.law[1]


@cache
def village() -> tuple[Plan, Record]:
    plan = load_scenario("village").plan
    return plan, reference.play(plan, 1)


@cache
def tales() -> list[CaseStory]:
    plan, record = village()
    filters, _ = read_filters(plan, ["outcome=dismissed"])
    cases = fitting(plan, record, [])[::97] + fitting(plan, record, filters)[:5]
    return [tell_case(plan, record, case, number=at, of=len(cases)) for at, case in enumerate(cases, start=1)]


def printed_case(tale: CaseStory) -> str:
    console = Console(file=StringIO(), width=120)
    print_case(tale, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_days_by_kind_of_time_add_up_to_the_days_of_the_case() -> None:
    assert len(tales()) > 15
    for tale in tales():
        assert sum(days for *_, days in tale.sums) == tale.days
        end = tale.plan.observation.extract_on if tale.finalised is None else tale.finalised
        assert tale.days == end // DAY - tale.received // DAY
        table = one_case.sum_table(tale)
        assert table["days"].iloc[:-1].sum() == table["days"].iloc[-1]


def test_every_row_of_the_record_that_moves_a_token_or_decides_is_a_step_in_its_order() -> None:
    _plan, record = village()
    for tale in tales():
        mine = record.events["case"] == tale.case
        events = [
            (minute, node, what)
            for minute, node, what, item in zip(
                *(record.events[name][mine].tolist() for name in ("minute", "node", "what", "item")), strict=True
            )
            if what not in (What.FORKED, What.WORKED)
        ]
        steps = [(step.minute, step.node, step.what) for step in tale.steps]
        assert [key for at, key in enumerate(events) if at == 0 or key != events[at - 1] or key[2] != What.CHOSE] == [
            key for at, key in enumerate(steps) if at == 0 or key != steps[at - 1] or key[2] != What.CHOSE
        ]
        assert [step.minute for step in tale.steps] == sorted(step.minute for step in tale.steps)


def test_the_stays_of_a_token_fill_the_time_between_its_first_state_and_its_end() -> None:
    for tale in tales():
        for part in {step.part for step in tale.steps}:
            stays = [s for s in tale.steps if s.part == part and s.stayed is not None]
            for one, after in pairwise(stays):
                assert one.stayed is not None
                assert one.minute + one.stayed <= after.minute


def test_a_case_is_stamped_and_says_nothing_of_ethnicity_sex_borough_or_the_person() -> None:
    plan, _ = village()
    hidden = [a for a in plan.attributes if a.name.partition(".")[2] in one_case.LEFT_OUT]
    assert set(one_case.LEFT_OUT) == {a.name.partition(".")[2] for a in hidden}
    for tale in tales():
        said = printed_case(tale)
        assert said.count(STAMP) == 2
        body = said.replace("Ethnicity, sex and borough are left out", "").casefold()
        for attribute in hidden:
            assert attribute.name.partition(".")[2] not in re.findall(r"[a-z]+", body)
            for level in attribute.levels:
                assert level == "other" or level not in re.findall(r"[a-z]+", body)


def test_the_table_of_steps_is_what_is_on_the_screen() -> None:
    tale = tales()[-1]
    table = steps_table(tale)
    assert tuple(table.columns) == one_case.COLUMNS
    assert len(table) == len(tale.steps)
    assert table["day"].iloc[0] == 0
    assert ((table["minute"] // DAY - tale.received // DAY) == table["day"]).all()


def test_fitting_cases_have_what_was_asked_for_and_are_recorded() -> None:
    plan, record = village()
    everyone = fitting(plan, record, [])
    received = record.cases["received_on"][everyone]
    assert (np.diff(received) >= 0).all()
    assert (record.cases["recorded"][everyone] == 1).all()
    level = plan.level("subject.outcome", "dismissed")
    found = fitting(plan, record, [Filter("subject.outcome", level)])
    dismissed = set(record.subjects["case"][record.subjects["outcome"] == level].tolist())
    assert set(found) == dismissed & set(everyone)
    assert 0 < len(found) < len(everyone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ethnicity=black", "nothing about a person"),
        ("person.ethnicity=black", "nothing about a person"),
        ("person.record=first", "nothing about a person"),
        ("case.borough=3", "nothing about a person"),
        ("severity=gross", "one of case.severity, subject.severity and allegation.severity"),
        ("outcome=sacked", "a level of subject.outcome, one of open, "),
        ("outcome=dismised", "a level of subject.outcome, a known one; did you mean 'dismissed'?"),
        ("outcom=dismissed", "did you mean 'subject.outcome'"),
    ],
)
def test_a_filter_that_means_nothing_or_asks_about_a_person_is_refused(text: str, expected: str) -> None:
    plan, _ = village()
    filters, (problem,) = read_filters(plan, [text])
    assert not filters
    assert expected in problem.expected


def test_a_bus_case_with_parts_and_side_tracks_says_whose_they_are() -> None:
    story = bus()
    called = next(row for row in story.rows(What.CALLED))
    tale = tell_case(story.plan, story.record, called.case)
    step = next(s for s in tale.steps if s.what is What.CALLED)
    assert step.part.startswith("part ")
    assert step.decided == ("on “left”",)
    assert sum(days for *_, days in tale.sums) == tale.days
    parts = {s.part for s in tale.steps}
    assert "" in parts
    assert any(part.startswith("side track ") for part in parts)


# --- the command line -------------------------------------------------------------------------------------------------


def test_show_draws_the_pathway_with_its_table(misconduct: Call, here: Path) -> None:  # noqa: F811
    left = misconduct("show", "village", "--diagram", "--out", "drawn")
    assert left.code == 0
    assert sorted(path.name for path in (here / "drawn").iterdir()) == [
        "misconduct_pathway.csv",
        "misconduct_pathway.png",
        "misconduct_pathway.svg",
    ]
    table = pd.read_csv(here / "drawn" / "misconduct_pathway.csv", comment="#")
    assert len(table) == len(SHIPPED.arrows)


def test_show_draws_one_stage_by_name_or_number_and_names_the_nearest(misconduct: Call, here: Path) -> None:  # noqa: F811
    stage = PATHWAY.stages[4]
    for asked in (stage.name, str(stage.number)):
        assert misconduct("show", "village", "--stage", asked, "--out", asked).code == 0
        assert (here / asked / f"misconduct_stage_{stage.name}.svg").is_file()
    left = misconduct("show", "village", "--diagram", "--stage", "no such stage", "--out", "none")
    assert left.code == 2
    assert "expected a stage, one of report, " in left.err
    left = misconduct("show", "village", "--diagram", "--stage", "investigatoin", "--out", "none")
    assert "expected a stage, a known one; did you mean 'investigation'?" in left.err
    assert not (here / "none").exists()


def test_show_follows_a_case_and_says_how_many_there_are(misconduct: Call, here: Path) -> None:  # noqa: F811
    plan, record = village()
    filters, _ = read_filters(plan, ["outcome=dismissed"])
    number = len(fitting(plan, record, filters))
    words = ("show", "village", "--case", "--engine", "reference", "--where", "outcome=dismissed")
    left = misconduct(*words, "--number", str(number), "--out", "case")
    assert left.code == 0
    assert f"Case {number} of {number} that fit" in left.out
    written = (here / "case" / f"village_synthetic_case_{number}.csv").read_text(encoding="utf-8")
    assert written.startswith(f"# {STAMP}")
    left = misconduct(*words, "--number", str(number + 1), "--out", "none")
    assert left.code == 2
    assert (
        f"found {number} recorded cases with outcome=dismissed in this replication; expected 1 to {number}" in left.err
    )
    assert not (here / "none").exists()


def test_options_that_would_do_nothing_are_refused_all_at_once(misconduct: Call) -> None:  # noqa: F811
    left = misconduct("show", "village", "--number", "3", "--out", "somewhere")
    assert left.code == 2
    assert len(left.err.splitlines()) == 2
    assert misconduct("show", "village", "--case", "--diagram").code == 2


def test_a_pathway_without_stages_has_no_stage_to_draw(tmp_path: Path) -> None:
    with pytest.raises(shown.ScenarioError):
        shown.write_diagram(BUS, "take", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    written = shown.write_diagram(BUS, None, tmp_path / "out")
    assert {path.suffix for path in written} == {".png", ".svg", ".csv"}
