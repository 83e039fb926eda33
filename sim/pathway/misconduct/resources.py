"""Who does the work, where hearings are booked, where cases come from, and which statutory clocks run?"""

from sim.pathway.kinds import Clock, Diary, Population, Stream, Team
from sim.pathway.misconduct.owners import FORCE, IOPC, OFFICER, PANEL, TRIBUNAL

AWAY = ("workforce.annual_leave", "workforce.sickness", "workforce.training", "workforce.part_time")
"""What takes anybody from their desk. Weekends and bank holidays are no working time to begin with: the calendar `office` leaves them out."""
ABSTRACTED = (*AWAY, "workforce.abstraction")
"""And what takes an investigator's time beside casework: aid to public order, courts, meetings, other duties."""
SEASONS = {"workforce.annual_leave": "workforce.leave_in"}

TEAMS = (
    Team("intake", owner=FORCE, posts="intake.posts", calendar="office", oldest="case.received_on", away=AWAY, seasons=SEASONS,
         staffing="intake.staffing_speed", meaning="Intake and severity assessors of professional standards."),
    Team("appropriate_authority", owner=FORCE, posts="authority.posts", calendar="office", oldest="case.received_on",
         productive_share="authority.productive_share", meaning="Decision-makers on case to answer, for whom this is part of a job."),
    Team("psu", owner=FORCE, posts="psu.investigators", slots="psu.caseload", pools="psu.pools_bouts", units="psu.units",
         unit_of="case.borough", places="force.boroughs", calendar="office", oldest="case.received_on",
         head_start={"case.severity": "psu.head_start", "case.time_limit": "investigators.head_start_by_limit"},
         away=(*ABSTRACTED, "psu.abstraction"), seasons=SEASONS, other_hours="psu.other_hours",
         staffing="psu.staffing_speed", returned="file.returned_by_team.psu", hand_over="investigators.hand_over",
         meaning="Local professional standards units."),
    Team("dps", owner=FORCE, posts="dps.investigators", slots="dps.caseload", pools="dps.pools_bouts", calendar="office",
         oldest="case.received_on",
         head_start={"case.severity": "dps.head_start", "case.time_limit": "investigators.head_start_by_limit"},
         away=ABSTRACTED, seasons=SEASONS, other_hours="dps.other_hours", staffing="dps.staffing_speed",
         returned="file.returned_by_team.dps", hand_over="investigators.hand_over", meaning="Directorate of Professional Standards."),
    Team("specialist", owner=FORCE, posts="specialist.investigators", slots="specialist.caseload", calendar="office",
         oldest="case.received_on", away=ABSTRACTED, seasons=SEASONS, staffing="specialist.staffing_speed",
         hand_over="investigators.hand_over", meaning="The directorate's team for domestic abuse and sexual offences, since January 2022."),
    Team("anti_corruption", owner=FORCE, posts="anti_corruption.investigators", slots="anti_corruption.caseload", calendar="office",
         oldest="case.received_on", away=ABSTRACTED, seasons=SEASONS, staffing="anti_corruption.staffing_speed",
         hand_over="investigators.hand_over", meaning="The anti-corruption command."),
    Team("iopc", owner=IOPC, posts="iopc.investigators", slots="iopc.caseload", calendar="office", oldest="case.received_on",
         own_staff=False, meaning="IOPC investigators, as far as they are there for this force."),
    Team("iopc_caseworkers", owner=IOPC, posts="iopc_caseworkers.posts", calendar="office", oldest="case.received_on", own_staff=False,
         away=AWAY, seasons=SEASONS, meaning="IOPC caseworkers, who decide on the mode of investigation, as far as they are there for this force."),
    Team("case_managers", owner=FORCE, posts="case_managers.posts", calendar="office", oldest="case.received_on", away=AWAY, seasons=SEASONS,
         staffing="case_managers.staffing_speed",
         meaning="Case managers and lawyers, who prepare papers for a hearing or meeting and support the chair."),
    Team("human_resources", owner=FORCE, posts="human_resources.posts", calendar="office", oldest="case.received_on", away=AWAY, seasons=SEASONS,
         staffing="human_resources.staffing_speed", meaning="Human resources, who run the procedure of police staff."),
    Team("vetting", owner=FORCE, posts="vetting.reviewers", calendar="office", oldest="case.received_on",
         productive_share="vetting.productive_share", meaning="Those who review clearance; new to dismissal from 2023."),
)  # fmt: skip

SITTING = "Sitting days are those of the calendar `office`: no weekends or bank holidays."

DIARIES = (
    Diary("senior_officer_chairs", owner=FORCE, size="hearings.senior_officer_chairs", calendar="office", meaning=SITTING),
    Diary("legally_qualified_chairs", owner=PANEL, size="hearings.legally_qualified_chairs", calendar="office", meaning=SITTING),
    Diary("chief_officer_chairs", owner=FORCE, size="hearings.chief_officer_chairs", calendar="office", meaning=SITTING),
    Diary("panel_members", owner=PANEL, size="hearings.panel_members", calendar="office", meaning=SITTING),
    Diary("hearing_rooms", owner=FORCE, size="hearings.rooms", calendar="office", meaning=SITTING),
    Diary("counsel", owner=PANEL, size="hearings.counsel", calendar="office",
          meaning=f"Presenting and defence counsel free together. {SITTING}"),
    Diary("friends", owner=OFFICER, size="hearings.friends", calendar="office",
          meaning=f"Federation friends and staff representatives who are free to sit beside an officer. {SITTING}"),
    Diary("tribunal_panels", owner=TRIBUNAL, size="appeal.tribunal_panels", calendar="office", meaning=SITTING),
)  # fmt: skip

STREAMS = (
    Stream("internal", start="incident", rate="demand.internal_incidents", spread="reporting.spread", subjects="demand.subjects_per_case",
           allegations="demand.allegations_per_subject", unrecorded="reporting.unrecorded",
           relative={"person.ethnicity": "reporting.relative_rate"},
           meaning="Incidents that officers, staff or their families could raise."),
    Stream("public", start="incident", rate="public.cases", spread="public.spread", subjects="public.subjects_per_case",
           allegations="public.allegations_per_subject", meaning="Public complaints that reach an investigator."),
    Stream("probation", start="incident", rate="regulation_13.matters", spread="regulation_13.spread", until="person.probation_ends_on",
           subjects="regulation_13.subjects", allegations="regulation_13.allegations",
           relative={"person.ethnicity": "regulation_13.relative_rate", "person.employment": "regulation_13.by_employment"},
           meaning="Regulation 13 matters of attendance, performance or conduct against probationers."),
)  # fmt: skip

POPULATION = Population(
    seats="workforce.people",
    leaving="workforce.leaving_rate",
    joined="person.joined_on",
    leaves="person.leaves_on",
    before="person.cases",
    before_share="reporting.came_forward_before",
    place="person.borough",
    places="force.boroughs",
    marks="person.probation_ends_on",
    marks_after="law.probation",
)

CLOCKS = (
    Clock("referral_to_the_iopc", starts="case.referral_due_on", ends="case.referred_on", within="law.referral_within", counted="case",
          meaning="By the end of the day after it becomes clear that a matter must be referred."),
    Clock("views_on_the_iopc_report", starts="case.iopc_report_on", ends="case.views_on", within="law.iopc_views", counted="case",
          meaning="The force's views on the IOPC's report."),
    Clock("suspension_decision", starts="subject.duty_raised_on", ends="subject.duty_decided_on", within="law.suspension_decision",
          meaning="For conduct since 13 July 2026, a decision on suspension."),
    Clock("meeting", starts="subject.meeting_papers_on", ends="subject.met_on", within="law.meeting_within",
          meaning="A misconduct meeting, from its papers."),
    Clock("response", starts="subject.papers_on", ends="subject.response_on", within="law.response",
          meaning="The officer's response to the notice of referral."),
    Clock("pre_hearing", starts="subject.response_on", ends="subject.prehearing_on", within="law.prehearing_within",
          meaning="A pre-hearing; papers are taken to reach the chair with the response."),
    Clock("hearing", starts="subject.papers_on", ends="subject.sat_on", within="law.hearing_within",
          meaning="A hearing's end, from its papers: 30 working days, since 2020 100, extendable."),
    Clock("accelerated_hearing", starts="subject.accelerated_notice_on", ends="subject.accelerated_on", within="law.accelerated_latest",
          meaning="An accelerated hearing, from its notice."),
    Clock("outcome_report", starts="subject.sat_on", ends="subject.reported_on", within="law.outcome_report",
          meaning="The chair's report on a hearing."),
    Clock("meeting_appeal_decision", starts="subject.appealed_on", ends="subject.appeal_decided_on",
          within="law.meeting_appeal_decision", meaning="Notice of the decision on an appeal from a meeting."),
)  # fmt: skip

COSTS = (
    *(f"costs.{name}" for name in (
        "psu_investigator", "dps_investigator", "specialist_investigator", "anti_corruption_investigator", "decision_maker",
        "iopc_investigator", "vetting_reviewer", "intake_assessor", "iopc_caseworker", "case_manager", "human_resources_adviser", "friend",
        "senior_officer_chair", "legally_qualified_chair", "chief_officer_chair",
        "legal_adviser", "panel_member", "hearing_room", "counsel", "tribunal", "suspended_officer", "backfilled_share", "backfill",
        "discount_rate")),
    "authority.productive_share",
    "vetting.productive_share",
)  # fmt: skip
"""What measures of money read: unit costs, and which part of a job this work gets."""

CAPACITY = tuple(f"capacity.{name}" for name in (
    "published", "on_loan", "intelligence", "vetting", "management", "complaints", "support", "vacant", "loan_elsewhere", "budget",
    "other_post", "local_units_in_budget"))  # fmt: skip
"""What the page of capacity reads: how posts add up to what was published."""
