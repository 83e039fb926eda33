"""What happens to a case of alleged police misconduct, from report to the day it is finalised: the one declaration.

It holds shapes and rules; numbers are named by key and stand in `scenarios/evidence`. Terms are those of the Police (Conduct) Regulations and of the
Home Office guidance on police officer misconduct. Each module declares stages; their numbers 1 to 22 follow the way of a case, 23 and above run beside it or
lead elsewhere. Cases raised inside the force (`internal`) are what Baroness Casey's figures count; public complaints that reach an investigator (`public`)
go the same way and compete for the same people; Regulation 13 matters of attendance and performance (`probation`) are counted apart.
"""

from sim.pathway.kinds import Guard, Pathway
from sim.pathway.misconduct.after import FINALISE, MEETING_APPEAL, REOPENING, TRIBUNAL_APPEAL
from sim.pathway.misconduct.assessment import DUTY, NOTICE, REPRESENTATIONS, SEVERITY
from sim.pathway.misconduct.attributes import ATTRIBUTES
from sim.pathway.misconduct.criminal import CRIMINAL
from sim.pathway.misconduct.decision import DECISION, DISPOSAL, TO_PROCEEDINGS
from sim.pathway.misconduct.exits import LEAVING, PERFORMANCE, REGULATION_13, VETTING
from sim.pathway.misconduct.investigation import INTERVIEW, INVESTIGATION, INVESTIGATORS, REPORT_REVIEW
from sim.pathway.misconduct.opening import RECORDED
from sim.pathway.misconduct.proceedings import ACCELERATED, CHAIRS, HEARING, OUTCOME, PREHEARING, PREPARATION, STAFF
from sim.pathway.misconduct.reporting import IOPC_MODE, RECORDING, REFERRAL, REPORT
from sim.pathway.misconduct.resources import CAPACITY, CLOCKS, COSTS, DIARIES, POPULATION, STREAMS, TEAMS

STAGES = (
    REPORT, RECORDING, REFERRAL, IOPC_MODE, SEVERITY, NOTICE, DUTY, REPRESENTATIONS, INVESTIGATION, INTERVIEW, REPORT_REVIEW, DECISION,
    DISPOSAL, ACCELERATED, TO_PROCEEDINGS, PREPARATION, PREHEARING, HEARING, OUTCOME, MEETING_APPEAL, TRIBUNAL_APPEAL, FINALISE,
    CRIMINAL, LEAVING, REGULATION_13, VETTING, PERFORMANCE, STAFF, REOPENING,
)  # fmt: skip

UNALLOCATED = tuple(f"{team}_slot" for team in INVESTIGATORS)
WITH_INVESTIGATORS = (
    *UNALLOCATED, *(f"{team}_evidence" for team in INVESTIGATORS), "paused", "paused_allocated", "joined_waits", "witness_enquiries",
    "officer_response", "other_enquiries", "dormant", "representations_awaited", "interview", "new_notice",
)  # fmt: skip
UNDER_INVESTIGATION = (
    "notice", "initial_enquiries", "low_level", *WITH_INVESTIGATORS, "iopc_slot", "iopc_investigation", "iopc_report", "force_views",
    "case_decision", "paused_before_proceedings", "fresh_decision",
)  # fmt: skip
BEFORE_A_HEARING = (
    "hearing_papers", "hearing_file", "hearing_response", "response_extended", "witness_lists", "prehearing", "public_notice", "postponed_for",
    *(f"{chair}_hearing" for chair in CHAIRS),
)  # fmt: skip
IN_PROCEEDINGS = (
    "staff_procedure", "staff_hearing", "meeting_response", "meeting_listed", "meeting_file", "accelerated_papers", "accelerated_file",
    "accelerated_hearing", *BEFORE_A_HEARING,
)  # fmt: skip

GUARDS = (
    Guard(signal="gone", region=("regulation_13", "regulation_13_decision"), to="discontinued", when=("all person.gone != no",)),
    Guard(signal="gone", region=UNDER_INVESTIGATION, to="discontinued", when=("all person.gone != no", "case.severity < gross")),
    Guard(signal="gone", region=UNDER_INVESTIGATION, to="discontinued",
          when=("all person.gone != no", "case.severity = gross", "law.former_officers = 0")),
    Guard(signal="gone", region=UNDER_INVESTIGATION, to="discontinued", when=("all person.gone = severance",)),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome", when=("all person.gone = dismissed",)),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome", when=("all person.gone = severance",)),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome",
          when=("all person.gone >= resigned", "all subject.case_to_answer = misconduct")),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome",
          when=("all person.gone >= resigned", "all person.employment = staff")),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome",
          when=("all person.gone >= resigned", "all subject.case_to_answer = gross", "law.former_officers = 0")),
    Guard(signal="gone", region=("suspended", "restricted", "duty_decision_made"), to="duty_restored", when=("person.gone != no",)),
    Guard(signal="suspended", region=("restricted",), to="duty_replaced"),
    Guard(signal="matter_over", region=("suspended", "restricted"), to="duty_restored", when=("person.serious_open = 0",)),
    Guard(signal="called_in", region=WITH_INVESTIGATORS, to="called_in", when=("case.referral = called_in",)),
    Guard(signal="revised", region=("leaving_barred",), to="leaves",
          when=("all subject.severity < gross", "all subject.live_final_warning = no")),
    Guard(signal="revised", region=("leaving_barred",), to="leaves", when=("all subject.severity < misconduct",)),
    Guard(signal="decided", region=("joined_waits",), to="force_test"),
    Guard(signal="time_limit", region=WITH_INVESTIGATORS, to="discontinued",
          when=("law.time_limit_discontinues = 1", "case.special_procedures = yes")),
    Guard(signal="time_limit", region=UNALLOCATED, to="allocate",
          when=("law.time_limit_discontinues = 0", "law.time_limit_gives_priority = 1")),
    Guard(signal="finalised", region=("serving", "leaving_barred", "severance_offered", "until_called_in", "limit_runs"), to="track_over"),
)  # fmt: skip

PATHWAY = Pathway(
    name="misconduct",
    attributes=ATTRIBUTES,
    calendars=("office",),
    teams=TEAMS,
    diaries=DIARIES,
    streams=STREAMS,
    stages=STAGES,
    guards=GUARDS,
    clocks=CLOCKS,
    population=POPULATION,
    opens_with=RECORDED,
    told=("law.delay_reports", "law.delay_report_first", "law.delay_report_again", *COSTS, *CAPACITY),
)
