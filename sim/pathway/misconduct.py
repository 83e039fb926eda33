"""What happens to a case of alleged police misconduct, from report to the day it is finalised: the one declaration.

It holds shapes and rules; numbers are named by key and stand in `scenarios/evidence`. Terms are those of the Police (Conduct) Regulations and of the Home Office guidance on
police officer misconduct. Cases raised inside the force (`internal`) are what Baroness Casey's figures count; public complaints that reach
an investigator (`public`) go the same way and compete for the same people; those that do not are daily hours of load on the teams.
"""

from sim.pathway.kinds import (
    Assign,
    Attribute,
    Book,
    Branch,
    Decide,
    Diary,
    Duration,
    Exit,
    Fork,
    Guard,
    Hold,
    Join,
    Node,
    Pathway,
    Population,
    Set,
    Signal,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)

FORCE = "force"
IOPC = "IOPC"
CRIMINAL_JUSTICE = "criminal justice system"
OFFICER = "officer and representatives"
WITNESSES = "victim and witnesses"
OTHER_BODY = "other bodies"
PANEL = "hearing panel and parties"
TRIBUNAL = "Police Appeals Tribunal"

SEVERITY = ("none", "practice", "misconduct", "gross")

# --- what rows carry ----------------------------------------------------------------------------------------------------

ATTRIBUTES = (
    Attribute("person.employment", levels=("officer", "staff"), drawn="workforce.employment",
              meaning="Police staff are outside the Conduct Regulations: no panel, tribunal or Regulation 13."),
    Attribute("person.ethnicity", levels=("white", "black", "asian", "mixed", "other"), drawn="workforce.ethnicity",
              meaning="Read when an allegation is recorded and by no decision after it."),
    Attribute("person.borough", meaning="Where the seat is, 0 to 31."),
    Attribute("person.joined_on", date=True),
    Attribute("person.leaves_on", date=True, meaning="When the stay would end without any case."),
    Attribute("person.probation_ends_on", date=True),
    Attribute("person.cases", meaning="Internal cases recorded so far, those before the first day of the run included."),
    Attribute("person.record", levels=("first", "one_earlier", "several_earlier"),
              meaning="Earlier internal cases when the newest was recorded."),
    Attribute("person.proven_before", levels=("no", "yes"), meaning="Misconduct found proven in a finished case."),
    Attribute("person.gone", levels=("no", "left", "dismissed")),
    Attribute("person.gone_on", date=True),
    Attribute("case.received_on", date=True, meaning="When the matter first came to attention; never moved."),
    Attribute("case.stream", levels=("internal", "public")),
    Attribute("case.borough", lead="person.borough"),
    Attribute("case.recorded", levels=("no", "yes"),
              meaning="A potential case against people who have all gone is never recorded, and counts nowhere."),
    Attribute("case.special_procedures", levels=("no", "yes"), meaning="May end in proceedings; every internal case may."),
    Attribute("case.iopc_mode", levels=("none", "returned", "local", "directed", "independent"),
              meaning="Directed stands for managed and supervised before 2020; IPCC before 2018."),
    Attribute("case.severity", levels=SEVERITY),
    Attribute("case.handled_by", levels=("nobody", "psu", "dps", "iopc")),
    Attribute("case.criminal", levels=("none", "live", "ended")),
    Attribute("case.pause_due", levels=("no", "yes"), meaning="Misconduct work waits for the criminal track while the slot is held."),
    Attribute("case.bouts_left"),
    Attribute("case.returned", meaning="Times the file came back for more work."),
    Attribute("case.finalised_on", date=True),
    Attribute("subject.severity", levels=SEVERITY),
    Attribute("subject.case_to_answer", levels=SEVERITY),
    Attribute("subject.route", levels=("none", "reflective_practice", "meeting", "hearing", "accelerated_hearing", "regulation_13",
                                       "staff_hearing")),
    Attribute("subject.chair", levels=("none", "senior_officer", "legally_qualified", "chief_officer")),
    Attribute("subject.outcome", levels=("open", "left", "no_action", "not_proved", "management_advice", "reflective_practice",
                                         "written_warning", "final_written_warning", "discharged", "would_have_been_dismissed",
                                         "dismissed")),
    Attribute("subject.former", levels=("no", "yes"), meaning="Heard as a former officer."),
    Attribute("subject.referred_on", date=True, meaning="Referred to a hearing."),
    Attribute("subject.heard_on", date=True),
    Attribute("subject.ended_on", date=True),
    Attribute("allegation.breach", levels=("equality_and_diversity", "sexual_misconduct", "other"), drawn="breach.share",
              given="case.stream"),
    Attribute("allegation.seriousness", levels=("low", "medium", "high"), drawn="seriousness.share", given="case.stream"),
    Attribute("allegation.strength", levels=("weak", "fair", "strong"), drawn="strength.share", meaning="Strength of the evidence."),
    Attribute("allegation.severity", levels=SEVERITY),
    Attribute("allegation.decision", levels=("open", "no_case_to_answer", "case_to_answer", "other_end")),
    Attribute("allegation.decided_on", date=True),
)  # fmt: skip

# --- report, recording, referral -------------------------------------------------------------------------------------------

REPORT: tuple[Node, ...] = (
    Decide("reported", branches=(
        Branch("not_recorded", when=("all person.gone != no",)),
        Branch("report", otherwise=True))),
    Exit("not_recorded", meaning="Nobody named is in the force any more."),
    Set("report", next="recording", writes=(
        Write("case.recorded", "yes"),
        Write("person.cases", "+1", when=("case.stream = internal",)),
        Write("person.record", "one_earlier", when=("case.stream = internal", "person.cases = 2")),
        Write("person.record", "several_earlier", when=("case.stream = internal", "person.cases > 2")))),
    Wait("recording", lasts=Duration("recording.time", cv="recording.cv"), owner=FORCE, time_is="waiting_for_own_staff",
         next="kind_of_matter", meaning="Recording and triage."),
    Decide("kind_of_matter", branches=(
        Branch("special_procedures", weight="public.special_share", when=("case.stream = public",)),
        Branch("allocation", weight="rest", when=("case.stream = public",)),
        Branch("special_procedures", when=("case.stream = internal",))),
        meaning="A public complaint without an indication of misconduct is investigated without severity assessment."),
    Set("special_procedures", writes=(Write("case.special_procedures", "yes"),), next="referral_check"),
    Decide("referral_check", branches=(
        Branch("iopc_assessment", weight="referral.share", by={"allegation.seriousness": "referral.by_seriousness",
                                                               "case.stream": "referral.by_stream"}),
        Branch("severity_assessment", weight="rest")),
        meaning="Mandatory and voluntary referral."),
    Wait("iopc_assessment", lasts=Duration("iopc.assessment", cv="iopc.assessment_cv"), owner=IOPC, time_is="another_body",
         next="iopc_mode"),
    Decide("iopc_mode", branches=(
        Branch("returned", weight="iopc.mode.returned"),
        Branch("local", weight="iopc.mode.local"),
        Branch("directed", weight="iopc.mode.directed"),
        Branch("independent", weight="iopc.mode.independent"))),
    Set("returned", writes=(Write("case.iopc_mode", "returned"),), next="severity_assessment"),
    Set("local", writes=(Write("case.iopc_mode", "local"),), next="severity_assessment"),
    Set("directed", writes=(Write("case.iopc_mode", "directed"),), next="severity_assessment"),
    Set("independent", writes=(Write("case.iopc_mode", "independent"),), next="severity_assessment"),
)  # fmt: skip

# --- severity assessment and what it starts -----------------------------------------------------------------------------------

ASSESSMENT: tuple[Node, ...] = (
    Work("severity_assessment", team="appropriate_authority", effort=Duration("authority.assessment_hours", cv="authority.cv"),
         next="severity"),
    Decide("severity", each="allegation", into="allegation.severity", next="assessed", branches=(
        Branch("none", weight="severity.none", by={"allegation.seriousness": "severity.none_by_seriousness"}),
        Branch("practice", weight="severity.practice", by={"allegation.seriousness": "severity.practice_by_seriousness"}),
        Branch("misconduct", weight="severity.misconduct", by={"allegation.seriousness": "severity.misconduct_by_seriousness"}),
        Branch("gross", weight="severity.gross", by={"allegation.seriousness": "severity.gross_by_seriousness",
                                                     "allegation.breach": "severity.gross_by_breach",
                                                     "person.record": "linkage.gross_by_record"}))),
    Set("assessed", next="may_leave", writes=(
        Write("subject.severity", "max allegation.severity"),
        Write("case.severity", "max allegation.severity"))),
    Fork("may_leave", by="subject", when=("subject.severity >= misconduct",), start="serving", side=True, next="criminal_check"),
    Decide("criminal_check", branches=(
        Branch("criminal_begins", weight="criminal.share", by={"case.severity": "criminal.by_severity",
                                                               "allegation.breach": "criminal.by_breach",
                                                               "case.stream": "criminal.by_stream"}),
        Branch("route", weight="rest"))),
    Set("criminal_begins", writes=(Write("case.criminal", "live"),), next="criminal_track"),
    Fork("criminal_track", start="criminal_investigation", side=True, next="route"),
    Decide("route", branches=(
        Branch("iopc_takes", when=("case.iopc_mode >= directed", "case.severity >= misconduct")),
        Branch("initial_enquiries", when=("case.severity = none", "case.stream = internal")),
        Branch("low_level", when=("case.severity = practice", "case.stream = internal")),
        Branch("regulation_13", weight="regulation_13.share", when=(
            "case.iopc_mode < directed", "case.severity >= misconduct", "case.stream = internal",
            "all person.probation_ends_on > now", "all person.employment = officer")),
        Branch("allocation", weight="rest"))),
)  # fmt: skip

SIDE_TRACKS: tuple[Node, ...] = (
    Wait("serving", lasts=Duration("leaving.under_investigation", by={"subject.severity": "leaving.by_severity"}, family="exponential"),
         owner=OFFICER, time_is="officer_and_representatives", no_later_than="person.leaves_on", next="leaving",
         meaning="Until the person would leave."),
    Decide("leaving", branches=(
        Branch("leaving_barred", when=("law.resignation_barred = 1", "subject.severity = gross", "person.employment = officer")),
        Branch("leaves", otherwise=True))),
    Hold("leaving_barred", until=("law.resignation_barred = 0",), owner=OFFICER, time_is="legal_pause", next="leaves",
         meaning="January 2015 to December 2017: no resignation in a dismissal-level matter."),
    Set("leaves", writes=(Write("person.gone", "left", when=("person.gone = no",)),
                          Write("person.gone_on", "now", when=("person.gone_on = unset",))),
        raises=(Signal("gone", to="person"),), next="track_over"),
    Wait("criminal_investigation", lasts=Duration("criminal.investigation", cv="criminal.cv"), owner=CRIMINAL_JUSTICE,
         time_is="legal_pause", next="charge"),
    Decide("charge", branches=(
        Branch("trial", weight="criminal.charge_share"),
        Branch("criminal_ends", weight="rest"))),
    Wait("trial", lasts=Duration("criminal.trial", cv="criminal.cv"), owner=CRIMINAL_JUSTICE, time_is="legal_pause",
         next="criminal_ends"),
    Set("criminal_ends", writes=(Write("case.criminal", "ended"),), next="track_over"),
    Exit("track_over"),
)  # fmt: skip

# --- matters that are not investigated for misconduct ---------------------------------------------------------------------------

LOW_LEVEL: tuple[Node, ...] = (
    Wait("initial_enquiries", lasts=Duration("initial.enquiries", cv="initial.cv"), owner=FORCE, time_is="waiting_for_own_staff",
         next="initial_decision", meaning="Assessed as neither misconduct nor a matter for practice: enquiries by supervisors."),
    Decide("initial_decision", each="allegation", into="allegation.decision", next="closed_early", branches=(
        Branch("no_case_to_answer", weight="initial.no_case"),
        Branch("other_end", weight="initial.other_end"))),
    Wait("low_level", lasts=Duration("practice.review", cv="practice.cv"), owner=FORCE, time_is="waiting_for_own_staff",
         next="practice_decision",
         meaning="Management action; from February 2020 the Reflective Practice Review Process."),
    Decide("practice_decision", each="allegation", into="allegation.decision", next="reviewed", branches=(
        Branch("no_case_to_answer", weight="practice.no_case"),
        Branch("other_end", weight="practice.other_end"))),
    Set("reviewed", writes=(Write("subject.route", "reflective_practice", when=("law.reflective_practice = 1",)),
                            Write("subject.outcome", "reflective_practice", when=("law.reflective_practice = 1",)),
                            Write("subject.outcome", "management_advice", when=("law.reflective_practice = 0",))),
        next="closed_early"),
    Set("closed_early", writes=(Write("allegation.decided_on", "now"),
                                Write("subject.outcome", "no_action", when=("subject.outcome = open",))), next="free_slot"),
    Wait("regulation_13", lasts=Duration("regulation_13.process", cv="regulation_13.cv"), owner=FORCE,
         time_is="waiting_for_own_staff", next="regulation_13_result", meaning="Discharge of a probationer by the chief officer."),
    Decide("regulation_13_result", each="subject", into="subject.outcome", next="regulation_13_over", branches=(
        Branch("discharged", weight="regulation_13.discharged"),
        Branch("left", weight="regulation_13.resigned"),
        Branch("no_action", weight="rest"))),
    Set("regulation_13_over", writes=(
        Write("subject.route", "regulation_13"),
        Write("allegation.decision", "other_end", when=("allegation.decision = open",)),
        Write("allegation.decided_on", "now"),
        Write("person.gone", "dismissed", when=("subject.outcome = discharged",)),
        Write("person.gone", "left", when=("subject.outcome = left",)),
        Write("person.gone_on", "now", when=("person.gone != no", "person.gone_on = unset"))),
        raises=(Signal("gone", to="person", when=("person.gone != no",)),), next="free_slot"),
)  # fmt: skip

# --- investigation ------------------------------------------------------------------------------------------------------------

INVESTIGATION: tuple[Node, ...] = (
    Decide("allocation", branches=(
        Branch("to_dps", weight="dps.share", by={"case.severity": "dps.by_severity", "allegation.breach": "dps.by_breach",
                                                 "case.stream": "dps.by_stream"}),
        Branch("to_psu", weight="rest")),
        meaning="Local professional standards unit or central Directorate of Professional Standards."),
    Set("to_psu", writes=(Write("case.handled_by", "psu"), Write("case.bouts_left", "count psu.bouts"),
                          Write("case.bouts_left", "count public.bouts", when=("case.stream = public",))), next="pause_check"),
    Set("to_dps", writes=(Write("case.handled_by", "dps"), Write("case.bouts_left", "count dps.bouts"),
                          Write("case.bouts_left", "count public.bouts", when=("case.stream = public",))), next="pause_check"),
    Decide("pause_check", branches=(
        Branch("pause", weight="pause.share", when=("case.criminal = live",)),
        Branch("allocate", weight="rest")),
        meaning="The appropriate authority may wait for the criminal outcome or carry on."),
    Decide("pause", branches=(
        Branch("paused_with_slot", when=("pause.holds_slot = 1",)),
        Branch("paused", otherwise=True))),
    Set("paused_with_slot", writes=(Write("case.pause_due", "yes"),), next="allocate"),
    Hold("paused", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="allocate"),
    Decide("allocate", branches=(
        Branch("psu_slot", when=("case.handled_by = psu",)),
        Branch("dps_slot", when=("case.handled_by = dps",)))),
    Assign("psu_slot", team="psu", next="allocated"),
    Assign("dps_slot", team="dps", next="allocated"),
    Decide("allocated", branches=(
        Branch("paused_allocated", when=("case.pause_due = yes",)),
        Branch("evidence", otherwise=True))),
    Hold("paused_allocated", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="evidence"),
    Decide("evidence", branches=(
        Branch("psu_evidence", when=("case.handled_by = psu",)),
        Branch("dps_evidence", when=("case.handled_by = dps",)))),
    Work("psu_evidence", team="psu", effort=Duration("psu.hours_a_bout", cv="psu.cv", by={"case.stream": "psu.hours_by_stream"}),
         next="bout_done"),
    Work("dps_evidence", team="dps", effort=Duration("dps.hours_a_bout", cv="dps.cv", by={"case.stream": "dps.hours_by_stream"}),
         next="bout_done"),
    Set("bout_done", writes=(Write("case.bouts_left", "-1"),), next="more_evidence"),
    Decide("more_evidence", branches=(
        Branch("enquiries", when=("case.bouts_left > 0",)),
        Branch("file_review", otherwise=True))),
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
    Decide("file_review", branches=(
        Branch("returned_for_work", weight="file.returned_share", by={"case.handled_by": "file.returned_by_team"}),
        Branch("file_accepted", weight="rest")),
        meaning="Quality check of the investigation report."),
    Set("returned_for_work", writes=(Write("case.returned", "+1"), Write("case.bouts_left", "count file.rework_bouts")),
        next="evidence"),
    Assign("file_accepted", team=None, next="after_file"),
    Decide("after_file", branches=(
        Branch("case_decision", when=("case.special_procedures = yes",)),
        Branch("complaint_answered", otherwise=True))),
    Set("complaint_answered", writes=(Write("allegation.decision", "other_end"),), next="closed_early",
        meaning="A complaint investigated without special procedures ends with an answer, not a decision on a case."),
    Set("iopc_takes", writes=(Write("case.handled_by", "iopc"),), next="iopc_investigation"),
    Wait("iopc_investigation", lasts=Duration("iopc.investigation", cv="iopc.cv", by={"case.iopc_mode": "iopc.by_mode",
                                                                                     "case.criminal": "iopc.by_criminal"}),
         owner=IOPC, time_is="another_body", next="case_decision"),
)  # fmt: skip

# --- decision -----------------------------------------------------------------------------------------------------------------

DECISION: tuple[Node, ...] = (
    Work("case_decision", team="appropriate_authority", effort=Duration("authority.decision_hours", cv="authority.cv"),
         next="decision", meaning="Case to answer; in IOPC cases the force's views on it."),
    Decide("decision", each="allegation", into="allegation.decision", next="decided", branches=(
        Branch("no_case_to_answer", weight="decision.no_case"),
        Branch("case_to_answer", weight="decision.case", by={"allegation.breach": "decision.case_by_breach",
                                                             "allegation.strength": "decision.case_by_strength",
                                                             "case.handled_by": "decision.case_by_team",
                                                             "case.stream": "decision.case_by_stream"}),
        Branch("other_end", weight="decision.other_end"))),
    Set("decided", next="proceedings_pause", writes=(
        Write("allegation.decided_on", "now"),
        Write("subject.case_to_answer", "max allegation.severity", where=("allegation.decision = case_to_answer",)),
        Write("subject.outcome", "no_action", when=("subject.case_to_answer < misconduct",)))),
    Decide("proceedings_pause", branches=(
        Branch("paused_before_proceedings", when=("case.criminal = live", "any subject.case_to_answer >= misconduct")),
        Branch("proceedings", otherwise=True))),
    Hold("paused_before_proceedings", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause",
         next="proceedings"),
    Fork("proceedings", by="subject", when=("subject.case_to_answer >= misconduct",), start="form_of_proceedings",
         next="all_proceedings_over"),
    Join("all_proceedings_over", next="free_slot"),
)  # fmt: skip

# --- proceedings against one subject -------------------------------------------------------------------------------------------

PROCEEDINGS: tuple[Node, ...] = (
    Decide("form_of_proceedings", branches=(
        Branch("left_before_outcome", when=("person.gone = dismissed",)),
        Branch("left_before_outcome", when=("person.gone = left", "subject.case_to_answer = misconduct")),
        Branch("left_before_outcome", when=("person.gone = left", "subject.case_to_answer = gross", "law.former_officers = 0")),
        Branch("officer_or_staff", otherwise=True))),
    Set("left_before_outcome", writes=(Write("subject.outcome", "left"),), next="subject_over"),
    Decide("officer_or_staff", branches=(
        Branch("staff_route", when=("person.employment = staff",)),
        Branch("meeting_route", when=("person.employment = officer", "subject.case_to_answer = misconduct", "linkage.joined = 0")),
        Branch("joined_or_not", when=("person.employment = officer", "subject.case_to_answer = misconduct", "linkage.joined = 1")),
        Branch("accelerated_route", weight="accelerated.share", by={"allegation.strength": "accelerated.by_strength"},
               when=("person.employment = officer", "subject.case_to_answer = gross")),
        Branch("hearing_route", weight="rest", when=("person.employment = officer", "subject.case_to_answer = gross")))),
    Decide("joined_or_not", branches=(
        Branch("hearing_route", weight="linkage.joined_share", when=("person.record != first",)),
        Branch("meeting_route", weight="rest")),
        meaning="Several unconnected incidents taken together open dismissal to a hearing."),
    # Police staff: the employer's own procedure.
    Set("staff_route", writes=(Write("subject.route", "staff_hearing"),), next="staff_procedure"),
    Wait("staff_procedure", lasts=Duration("staff.procedure", cv="staff.cv"), owner=FORCE, time_is="listing", next="staff_outcome"),
    Decide("staff_outcome", each="subject", into="subject.outcome", next="heard", branches=(
        Branch("not_proved", weight="staff.not_proved"),
        Branch("written_warning", weight="staff.written_warning"),
        Branch("final_written_warning", weight="staff.final_written_warning", when=("subject.case_to_answer = gross",)),
        Branch("dismissed", weight="staff.dismissed", when=("subject.case_to_answer = gross",)))),
    # Misconduct meeting.
    Set("meeting_route", writes=(Write("subject.route", "meeting"),), next="meeting_response"),
    Wait("meeting_response", lasts=Duration("law.response"), owner=OFFICER, time_is="officer_and_representatives",
         next="meeting_listed"),
    Wait("meeting_listed", lasts=Duration("meeting.listing", cv="meeting.cv"), owner=FORCE, time_is="listing", next="meeting_outcome"),
    Decide("meeting_outcome", each="subject", into="subject.outcome", next="heard", branches=(
        Branch("not_proved", weight="meeting.not_proved"),
        Branch("management_advice", weight="meeting.management_advice", when=("law.reflective_practice = 0",)),
        Branch("reflective_practice", weight="meeting.management_advice", when=("law.reflective_practice = 1",)),
        Branch("written_warning", weight="meeting.written_warning"),
        Branch("final_written_warning", weight="meeting.final_written_warning"))),
    # Accelerated hearing: a chief officer decides on the papers.
    Set("accelerated_route", writes=(Write("subject.route", "accelerated_hearing"), Write("subject.referred_on", "now"),
                                     Write("subject.chair", "chief_officer")), next="accelerated_papers"),
    Wait("accelerated_papers", lasts=Duration("accelerated.papers", cv="accelerated.cv"), owner=FORCE,
         time_is="waiting_for_own_staff", next="accelerated_hearing"),
    Book("accelerated_hearing", diaries=(("chief_officer_chairs", 1), ("hearing_rooms", 1)), notice=Duration("law.accelerated_notice"),
         length=Duration("accelerated.length"), owner=PANEL, next="accelerated_outcome"),
    Decide("accelerated_outcome", each="subject", into="subject.outcome", next="heard", branches=(
        Branch("final_written_warning", weight="accelerated.final_written_warning"),
        Branch("would_have_been_dismissed", weight="accelerated.dismissed", when=("person.gone = left",)),
        Branch("dismissed", weight="accelerated.dismissed", when=("person.gone = no",)))),
    # Misconduct hearing before a panel of three.
    Set("hearing_route", writes=(Write("subject.route", "hearing"), Write("subject.referred_on", "now")), next="hearing_papers"),
    Wait("hearing_papers", lasts=Duration("hearing.papers", cv="hearing.cv"), owner=FORCE, time_is="waiting_for_own_staff",
         next="hearing_response", meaning="Notice, papers, presenting counsel."),
    Wait("hearing_response", lasts=Duration("law.response"), owner=OFFICER, time_is="officer_and_representatives", next="chair"),
    Decide("chair", branches=(
        Branch("senior_officer_chair", weight="law.senior_officer_chairs"),
        Branch("legally_qualified_chair", weight="law.legally_qualified_chairs"),
        Branch("chief_officer_chair", weight="law.chief_officer_chairs")),
        meaning="Who chairs attaches to the day the case began, not to the day of the hearing."),
    Set("senior_officer_chair", writes=(Write("subject.chair", "senior_officer"),), next="senior_officer_hearing"),
    Set("legally_qualified_chair", writes=(Write("subject.chair", "legally_qualified"),), next="legally_qualified_hearing"),
    Set("chief_officer_chair", writes=(Write("subject.chair", "chief_officer"),), next="chief_officer_hearing"),
    Book("senior_officer_hearing", diaries=(("senior_officer_chairs", 1), ("panel_members", 2), ("hearing_rooms", 1), ("counsel", 1)),
         notice=Duration("hearing.notice", cv="hearing.cv"), length=Duration("hearing.length", cv="hearing.length_cv"), owner=PANEL,
         next="adjournment"),
    Book("legally_qualified_hearing",
         diaries=(("legally_qualified_chairs", 1), ("panel_members", 2), ("hearing_rooms", 1), ("counsel", 1)),
         notice=Duration("hearing.notice", cv="hearing.cv"), length=Duration("hearing.length", cv="hearing.length_cv"), owner=PANEL,
         next="adjournment"),
    Book("chief_officer_hearing", diaries=(("chief_officer_chairs", 1), ("panel_members", 2), ("hearing_rooms", 1), ("counsel", 1)),
         notice=Duration("hearing.notice", cv="hearing.cv"), length=Duration("hearing.length", cv="hearing.length_cv"), owner=PANEL,
         next="adjournment"),
    Decide("adjournment", branches=(
        Branch("chair", weight="hearing.adjourned_share"),
        Branch("hearing_outcome", weight="rest")),
        meaning="Sickness, disclosure, a party who cannot attend: listed again."),
    Decide("hearing_outcome", each="subject", into="subject.outcome", next="heard", branches=(
        Branch("not_proved", weight="hearing.not_proved", by={"allegation.strength": "hearing.not_proved_by_strength"}),
        Branch("written_warning", weight="hearing.written_warning"),
        Branch("final_written_warning", weight="hearing.final_written_warning"),
        Branch("would_have_been_dismissed", weight="hearing.dismissed", when=("person.gone = left",),
               by={"subject.chair": "hearing.dismissed_by_chair", "person.record": "linkage.dismissed_by_record",
                   "person.proven_before": "linkage.dismissed_by_proven"}),
        Branch("dismissed", weight="hearing.dismissed", when=("person.gone != left",),
               by={"subject.chair": "hearing.dismissed_by_chair", "person.record": "linkage.dismissed_by_record",
                   "person.proven_before": "linkage.dismissed_by_proven"}))),
    # After any proceedings.
    Set("heard", next="appeal", writes=(
        Write("subject.heard_on", "now"),
        Write("subject.former", "yes", when=("person.gone = left",)),
        Write("person.proven_before", "yes", when=("subject.outcome = management_advice",)),
        Write("person.proven_before", "yes", when=("subject.outcome >= written_warning",)),
        Write("person.gone", "dismissed", when=("subject.outcome = dismissed", "person.gone = no")),
        Write("person.gone_on", "now", when=("person.gone = dismissed", "person.gone_on = unset"))),
        raises=(Signal("gone", to="person", when=("subject.outcome = dismissed",)),)),
    Decide("appeal", branches=(
        Branch("tribunal", weight="appeal.tribunal_share",
               when=("person.employment = officer", "subject.outcome >= final_written_warning", "subject.route >= hearing")),
        Branch("meeting_appeal", weight="appeal.meeting_share", when=("subject.route = meeting", "subject.outcome >= written_warning")),
        Branch("subject_over", weight="rest"))),
    Wait("tribunal", lasts=Duration("appeal.tribunal", cv="appeal.cv"), owner=TRIBUNAL, time_is="another_body", next="tribunal_result"),
    Decide("tribunal_result", branches=(
        Branch("reinstated", weight="appeal.reinstated_share", when=("subject.outcome = dismissed",)),
        Branch("subject_over", weight="rest"))),
    Set("reinstated", writes=(Write("subject.outcome", "final_written_warning"), Write("person.gone", "no"),
                              Write("person.gone_on", "unset")), next="subject_over"),
    Wait("meeting_appeal", lasts=Duration("appeal.meeting"), owner=FORCE, time_is="waiting_for_own_staff", next="subject_over"),
    Set("subject_over", writes=(Write("subject.ended_on", "now"),), next="proceedings_over"),
    Exit("proceedings_over"),
)  # fmt: skip

# --- the end --------------------------------------------------------------------------------------------------------------------

END: tuple[Node, ...] = (
    Set("discontinued", writes=(Write("allegation.decision", "other_end", when=("allegation.decision = open",)),
                                Write("allegation.decided_on", "now", when=("allegation.decided_on = unset",)),
                                Write("subject.outcome", "left", when=("subject.outcome = open",))), next="free_slot",
        meaning="Everybody named has left and the matter cannot go on."),
    Assign("free_slot", team=None, next="criminal_outcome"),
    Hold("criminal_outcome", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="finalise",
         meaning="A matter is finalised only when all that follows from it has ended."),
    Set("finalise", writes=(Write("case.finalised_on", "now"), Write("subject.ended_on", "now", when=("subject.ended_on = unset",))),
        raises=(Signal("finalised"),), next="finalised"),
    Exit("finalised"),
)  # fmt: skip

UNDER_INVESTIGATION = (
    "initial_enquiries", "low_level", "paused", "psu_slot", "dps_slot", "paused_allocated", "psu_evidence", "dps_evidence",
    "witness_enquiries", "officer_response", "other_enquiries", "dormant", "iopc_investigation", "case_decision",
    "paused_before_proceedings",
)  # fmt: skip
IN_PROCEEDINGS = (
    "staff_procedure", "meeting_response", "meeting_listed", "accelerated_papers", "accelerated_hearing", "hearing_papers",
    "hearing_response", "senior_officer_hearing", "legally_qualified_hearing", "chief_officer_hearing",
)  # fmt: skip

GUARDS = (
    Guard(signal="gone", region=("regulation_13",), to="discontinued", when=("all person.gone != no",)),
    Guard(signal="gone", region=UNDER_INVESTIGATION, to="discontinued", when=("all person.gone != no", "case.severity < gross")),
    Guard(signal="gone", region=UNDER_INVESTIGATION, to="discontinued",
          when=("all person.gone != no", "case.severity = gross", "law.former_officers = 0")),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome", when=("person.gone = dismissed",)),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome",
          when=("person.gone = left", "subject.case_to_answer = misconduct")),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome", when=("person.gone = left", "person.employment = staff")),
    Guard(signal="gone", region=IN_PROCEEDINGS, to="left_before_outcome",
          when=("person.gone = left", "subject.case_to_answer = gross", "law.former_officers = 0")),
    Guard(signal="finalised", region=("serving", "leaving_barred"), to="track_over"),
)  # fmt: skip

# --- who does the work, and where cases come from --------------------------------------------------------------------------------

TEAMS = (
    Team("appropriate_authority", owner=FORCE, posts="authority.posts", calendar="office", oldest="case.received_on",
         productive_share="authority.productive_share", meaning="Decision-makers, for whom this is part of a job."),
    Team("psu", owner=FORCE, posts="psu.investigators", slots="psu.caseload", pools="psu.pools_bouts", units="psu.units",
         unit_of="case.borough", places="force.boroughs", calendar="office", oldest="case.received_on",
         head_start={"case.severity": "psu.head_start"}, productive_share="workforce.productive_share", other_hours="psu.other_hours",
         hand_over="investigators.hand_over", meaning="Local professional standards units."),
    Team("dps", owner=FORCE, posts="dps.investigators", slots="dps.caseload", pools="dps.pools_bouts", calendar="office",
         oldest="case.received_on", head_start={"case.severity": "dps.head_start"}, productive_share="workforce.productive_share",
         other_hours="dps.other_hours", hand_over="investigators.hand_over", meaning="Directorate of Professional Standards."),
)  # fmt: skip

DIARIES = (
    Diary("senior_officer_chairs", owner=FORCE, size="hearings.senior_officer_chairs", calendar="office"),
    Diary("legally_qualified_chairs", owner=PANEL, size="hearings.legally_qualified_chairs", calendar="office"),
    Diary("chief_officer_chairs", owner=FORCE, size="hearings.chief_officer_chairs", calendar="office"),
    Diary("panel_members", owner=PANEL, size="hearings.panel_members", calendar="office"),
    Diary("hearing_rooms", owner=FORCE, size="hearings.rooms", calendar="office"),
    Diary(
        "counsel",
        owner=PANEL,
        size="hearings.counsel",
        calendar="office",
        meaning="Presenting and defence counsel free together.",
    ),
)

STREAMS = (
    Stream("internal", start="reported", rate="demand.internal_cases", spread="reporting.spread", subjects="demand.subjects_per_case",
           allegations="demand.allegations_per_subject", unrecorded="reporting.unrecorded",
           relative={"person.ethnicity": "reporting.relative_rate"},
           meaning="Raised by officers, staff and their families."),
    Stream("public", start="reported", rate="public.cases", spread="public.spread", subjects="public.subjects_per_case",
           allegations="public.allegations_per_subject", meaning="Public complaints that reach an investigator."),
)  # fmt: skip

PATHWAY = Pathway(
    name="misconduct",
    attributes=ATTRIBUTES,
    calendars=("office",),
    teams=TEAMS,
    diaries=DIARIES,
    streams=STREAMS,
    nodes=REPORT + ASSESSMENT + SIDE_TRACKS + LOW_LEVEL + INVESTIGATION + DECISION + PROCEEDINGS + END,
    guards=GUARDS,
    population=Population(
        seats="workforce.people",
        leaving="workforce.leaving_rate",
        joined="person.joined_on",
        leaves="person.leaves_on",
        before="person.cases",
        place="person.borough",
        places="force.boroughs",
        marks="person.probation_ends_on",
        marks_after="law.probation",
    ),
)
