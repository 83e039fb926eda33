"""How is it investigated? Allocation to a team, a place in a caseload, bouts of work between waits, interview, report and its review."""

from sim.pathway.kinds import (
    Assign,
    Branch,
    Decide,
    Duration,
    Hold,
    Midway,
    Node,
    Set,
    Signal,
    Stage,
    Wait,
    Work,
    Write,
)
from sim.pathway.misconduct.opening import ASSESSED
from sim.pathway.misconduct.owners import CRIMINAL_JUSTICE, FORCE, OFFICER, OTHER_BODY, WITNESSES

INVESTIGATORS = ("psu", "dps", "specialist", "anti_corruption")


def _takes(team: str) -> Node:
    return Set(f"to_{team}", next="pause_check", writes=(
        Write("case.handled_by", team), Write("case.bouts_left", f"count {team}.bouts"),
        Write("case.bouts_left", "count public.bouts", when=("case.stream = public",))))  # fmt: skip


def _places(team: str) -> tuple[Node, ...]:
    return (
        Assign(f"{team}_slot", team=team, next=f"{team}_load"),
        Set(f"{team}_load", writes=(Write("case.load", f"load {team}"),), next="pressure"),
    )


def _works(team: str) -> Node:
    effort = Duration(f"{team}.hours_a_bout", cv=f"{team}.cv", by={
        "case.stream": f"{team}.hours_by_stream", "allegation.breach": f"{team}.hours_by_breach"})  # fmt: skip
    return Work(f"{team}_evidence", team=team, effort=effort, next="bout_done")


ENQUIRIES = ("witness_enquiries", "officer_response", "other_enquiries")


def _midway(team: str) -> Midway:
    return Midway(stands=ENQUIRIES, when=(f"case.handled_by={team}",), takes=f"{team}_slot", left="case.bouts_left", of=f"{team}.bouts",
                  of_for={"case.stream=public": "public.bouts"})  # fmt: skip


INVESTIGATION = Stage(
    name="investigation", number=9, title="Investigation",
    opens_at="which_team", opens_with=ASSESSED, opens_for={f"case.handled_by={team}": f"to_{team}" for team in INVESTIGATORS},
    opens_midway=tuple(_midway(team) for team in INVESTIGATORS),
    meaning="A local professional standards unit, the central directorate, its specialist team for domestic abuse and sexual offences, or "
            "the anti-corruption command gathers evidence in bouts of work with waits for others between them.",
    nodes=(
        Decide("allocation", branches=(
            Branch("joined_waits", when=("case.linked = yes", "person.serious_open > 1")),
            Branch("which_team", otherwise=True))),
        Hold("joined_waits", until=("all person.serious_open < 2",), owner=FORCE, time_is="waiting_for_own_staff", next="which_team",
             meaning="Joined to another matter: investigated with it and decided on the same day."),
        Decide("which_team", branches=(
            Branch("to_specialist", weight="specialist.share", by={"case.severity": "specialist.by_severity",
                                                                   "allegation.breach": "specialist.by_breach",
                                                                   "case.stream": "specialist.by_stream"}),
            Branch("to_anti_corruption", weight="anti_corruption.share", by={"case.severity": "anti_corruption.by_severity",
                                                                             "case.stream": "anti_corruption.by_stream"}),
            Branch("to_dps", weight="dps.share", by={"case.severity": "dps.by_severity", "allegation.breach": "dps.by_breach",
                                                     "case.stream": "dps.by_stream"}),
            Branch("to_psu", weight="rest"))),
        *(_takes(team) for team in INVESTIGATORS),
        Decide("pause_check", branches=(
            Branch("pause", weight="pause.share", when=("case.criminal = live",), by={"allegation.breach": "pause.by_breach"}),
            Branch("allocate", weight="rest")),
            meaning="The appropriate authority may wait for the criminal outcome or carry on."),
        Decide("pause", branches=(
            Branch("paused_with_slot", when=("pause.holds_slot = 1",)),
            Branch("paused", otherwise=True))),
        Set("paused_with_slot", writes=(Write("case.pause_due", "yes"),), next="allocate"),
        Hold("paused", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="allocate"),
        Decide("allocate", branches=tuple(Branch(f"{team}_slot", when=(f"case.handled_by = {team}",)) for team in INVESTIGATORS)),
        *(node for team in INVESTIGATORS for node in _places(team)),
        Set("pressure", writes=(Write("case.pressure", "low", when=("case.load < 90",)),
                                Write("case.pressure", "high", when=("case.load >= 90",))), next="allocated"),
        Decide("allocated", branches=(
            Branch("paused_allocated", when=("case.pause_due = yes",)),
            Branch("evidence", otherwise=True))),
        Hold("paused_allocated", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="evidence"),
        Decide("evidence", branches=tuple(Branch(f"{team}_evidence", when=(f"case.handled_by = {team}",)) for team in INVESTIGATORS)),
        *(_works(team) for team in INVESTIGATORS),
        Set("bout_done", writes=(Write("case.bouts_left", "-1"),), next="more_evidence"),
        Decide("more_evidence", branches=(
            Branch("joined_taken_in", when=("person.linked_waiting > 0", "case.linked = no")),
            Branch("enquiries", when=("case.bouts_left > 0",)),
            Branch("interview_due", otherwise=True))),
        Set("joined_taken_in", writes=(Write("case.bouts_left", "count linkage.bouts"), Write("person.linked_waiting", 0)),
            next="enquiries", meaning="The work that a joined matter adds."),
        Decide("enquiries", branches=(
            Branch("witness_enquiries", weight="enquiries.witnesses"),
            Branch("officer_response", weight="enquiries.officer"),
            Branch("other_enquiries", weight="enquiries.other_bodies"))),
        Wait("witness_enquiries", lasts=Duration("enquiries.days", cv="enquiries.cv", by={"case.handled_by": "enquiries.by_team"}),
             owner=WITNESSES, time_is="victim_and_witnesses", next="dormancy"),
        Wait("officer_response", lasts=Duration("enquiries.days", cv="enquiries.cv", by={"case.handled_by": "enquiries.by_team"}),
             owner=OFFICER, time_is="officer_and_representatives", next="dormancy"),
        Wait("other_enquiries", lasts=Duration("enquiries.days", cv="enquiries.cv", by={"case.handled_by": "enquiries.by_team"}),
             owner=OTHER_BODY, time_is="another_body", next="dormancy", meaning="Forensics, digital, other forces, medical."),
        Decide("dormancy", branches=(
            Branch("dormant", weight="dormancy.share"),
            Branch("evidence", weight="rest"))),
        Wait("dormant", lasts=Duration("dormancy.days", cv="dormancy.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="evidence", meaning="Nobody takes the file up again for a while."),
    ),
)  # fmt: skip

INTERVIEW = Stage(
    name="interview", number=10, title="Misconduct interview",
    meaning="Under misconduct caution, with a police friend, and not before the time for representations is over.",
    nodes=(
        Decide("interview_due", branches=(
            Branch("representations_awaited", when=("case.representations = due",)),
            Branch("interview", when=("case.representations = over",)),
            Branch("severity_review", otherwise=True))),
        Hold("representations_awaited", until=("case.representations = over",), owner=OFFICER, time_is="officer_and_representatives",
             next="interview"),
        Wait("interview", lasts=Duration("interview.days", cv="interview.cv"), owner=OFFICER, time_is="officer_and_representatives",
             next="interview_moved"),
        Decide("interview_moved", branches=(
            Branch("interview", weight="interview.moved_share"),
            Branch("severity_review", weight="rest")),
            meaning="The officer or friend cannot attend: another day."),
    ),
)  # fmt: skip

REPORT_REVIEW = Stage(
    name="report_review", number=11, title="Report, quality check and revised severity",
    meaning="The file may come back for more work, and severity may be revised up or down, with a new notice.",
    nodes=(
        Decide("severity_review", branches=(
            Branch("revised_up", weight="severity.revised_up_share", when=("case.severity = misconduct", "case.revised = 0")),
            Branch("revised_down", weight="severity.revised_down_share", when=("case.severity = gross", "case.revised = 0")),
            Branch("file_review", weight="rest"))),
        Set("revised_up", next="severity_revised", writes=(
            Write("allegation.severity", "gross", when=("allegation.severity = misconduct",)),)),
        Set("revised_down", next="severity_revised", writes=(
            Write("allegation.severity", "misconduct", when=("allegation.severity = gross",)),)),
        Set("severity_revised", next="new_notice", raises=(Signal("revised"),), writes=(
            Write("case.revised", "+1"),
            Write("subject.severity", "max allegation.severity"),
            Write("case.severity", "max allegation.severity"))),
        Decide("file_review", branches=(
            Branch("returned_for_work", weight="file.returned_share", by={
                "case.handled_by": "file.returned_by_team", "allegation.breach": "file.returned_by_breach",
                "case.pressure": "quality.returned_by_pressure"}),
            Branch("file_quality", weight="rest"))),
        Set("returned_for_work", writes=(Write("case.returned", "+1"), Write("case.bouts_left", "count file.rework_bouts")),
            next="evidence"),
        Decide("file_quality", branches=(
            Branch("poor_file", weight="quality.poor_share", by={
                "case.handled_by": "quality.poor_by_team", "case.pressure": "quality.poor_by_pressure"}),
            Branch("report_done", weight="rest")),
            meaning="A poor file that nobody sent back; none unless the variant with quality is chosen."),
        Set("poor_file", writes=(Write("case.file", "poor"),), next="report_done"),
        Set("report_done", writes=(Write("case.report_on", "now"),), next="file_accepted"),
        Assign("file_accepted", team=None, next="after_file"),
        Decide("after_file", branches=(
            Branch("force_test", when=("case.special_procedures = yes",)),
            Branch("complaint_answered", otherwise=True))),
        Set("complaint_answered", writes=(Write("allegation.decision", "other_end"),), next="closed_early",
            meaning="A complaint investigated without special procedures ends with an answer, not a decision on a case."),
    ),
)  # fmt: skip
