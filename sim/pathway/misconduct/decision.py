"""Is there a case to answer, and what if not? The appropriate authority's decision and the ends without proceedings."""

from sim.pathway.kinds import Branch, Decide, Duration, Fork, Hold, Join, Midway, Set, Signal, Stage, Wait, Work, Write
from sim.pathway.misconduct.opening import ASSESSED, DECIDED, REPORTED
from sim.pathway.misconduct.owners import CRIMINAL_JUSTICE, FORCE

DECISION = Stage(
    name="decision", number=12, title="Case to answer",
    opens_at="force_test", opens_with=REPORTED,
    meaning="Decided for each allegation; in IOPC cases decided or directed by the IOPC after the force's views.",
    nodes=(
        Set("force_test", next="case_decision", writes=(
            Write("allegation.force_test", "honest_belief", when=("allegation.breach = use_of_force",)),
            Write("allegation.force_test", "civil", when=("allegation.breach = use_of_force", "law.civil_test_of_force = 1"))),
            meaning="Use of force was judged by the civil test from July 2023 to June 2026, by honest belief before and since."),
        Work("case_decision", team="appropriate_authority", effort=Duration("authority.decision_hours", cv="authority.cv"),
             next="decision"),
        Decide("decision", each="allegation", into="allegation.decision", next="decided", when=("allegation.decision = open",), branches=(
            Branch("no_case_to_answer", weight="decision.no_case"),
            Branch("case_to_answer", weight="decision.case", by={
                "allegation.breach": "decision.case_by_breach", "allegation.strength": "decision.case_by_strength",
                "allegation.force_test": "decision.case_by_force_test", "case.handled_by": "decision.case_by_team",
                "case.stream": "decision.case_by_stream"}),
            Branch("other_end", weight="decision.other_end"))),
        Set("decided", next="no_case_disposal", raises=(Signal("decided", to="person", when=("case.linked = no",)),), writes=(
            Write("case.decided_on", "now"),
            Write("allegation.decided_on", "now"),
            Write("subject.case_to_answer", "max allegation.severity", where=("allegation.decision = case_to_answer",)),
            Write("subject.outcome", "no_action", when=("subject.case_to_answer < misconduct",)))),
    ),
)  # fmt: skip

DISPOSAL = Stage(
    name="disposal", number=13, title="Ends without proceedings",
    opens_at="initial_enquiries", opens_with=ASSESSED, opens_for={"case.severity=practice": "low_level"},
    opens_midway=(Midway(stands=("low_level",), when=("case.severity=practice",)), Midway(stands=("initial_enquiries",))),
    meaning="Matters for practice, enquiries that find nothing, and what may follow no case to answer: reflective practice, performance "
            "procedures, a vetting review.",
    nodes=(
        Decide("no_case_disposal", each="subject", into="subject.outcome", next="performance_check",
               when=("subject.outcome = no_action", "person.gone = no"), branches=(
                   Branch("reflective_practice", weight="disposal.reflective_share", when=("law.reflective_practice = 1",)),
                   Branch("management_advice", weight="disposal.reflective_share", when=("law.reflective_practice = 0",)),
                   Branch("performance_procedures", weight="disposal.performance_share", when=("person.employment = officer",)),
                   Branch("no_action", weight="rest"))),
        Fork("performance_check", by="subject", when=("subject.outcome = performance_procedures",), start="performance_begins", side=True,
             next="vetting_after_no_case"),
        Decide("vetting_after_no_case", branches=(
            Branch("no_case_to_vetting", weight="vetting.from_no_case_share", by={"case.severity": "vetting.by_severity"},
                   when=("law.vetting_route = 1", "subject.outcome = no_action", "case.stream = internal")),
            Branch("proceedings_pause", weight="rest"))),
        Fork("no_case_to_vetting", by="subject", when=("subject.outcome = no_action",), start="vetting_begins", side=True,
             next="proceedings_pause"),
        Wait("initial_enquiries", lasts=Duration("initial.enquiries", cv="initial.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="initial_decision", meaning="Assessed as neither misconduct nor a matter for practice: enquiries by supervisors."),
        Decide("initial_decision", each="allegation", into="allegation.decision", next="closed_early", branches=(
            Branch("no_case_to_answer", weight="initial.no_case"),
            Branch("other_end", weight="initial.other_end"))),
        Wait("low_level", lasts=Duration("practice.review", cv="practice.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="practice_decision",
             meaning="Management action by line managers; from February 2020 the Reflective Practice Review Process."),
        Decide("practice_decision", each="allegation", into="allegation.decision", next="reviewed", branches=(
            Branch("no_case_to_answer", weight="practice.no_case"),
            Branch("other_end", weight="practice.other_end"))),
        Set("reviewed", writes=(Write("subject.route", "reflective_practice", when=("law.reflective_practice = 1",)),
                                Write("subject.outcome", "reflective_practice", when=("law.reflective_practice = 1",)),
                                Write("subject.outcome", "management_advice", when=("law.reflective_practice = 0",))),
            next="closed_early"),
        Set("closed_early", writes=(Write("allegation.decided_on", "now"),
                                    Write("subject.outcome", "no_action", when=("subject.outcome = open",))), next="free_slot"),
    ),
)  # fmt: skip

TO_PROCEEDINGS = Stage(
    name="to_proceedings", number=15, title="Referral to proceedings",
    opens_at="proceedings_pause", opens_with=DECIDED,
    meaning="Who is heard, in which form, alone or with others of the case; not while a criminal case would be prejudiced.",
    nodes=(
        Decide("proceedings_pause", branches=(
            Branch("paused_before_proceedings", weight="pause.proceedings_share", by={"allegation.breach": "pause.by_breach"},
                   when=("case.criminal = live", "any subject.case_to_answer >= misconduct")),
            Branch("together", weight="rest")),
            meaning="Not while they would prejudice a criminal case, in the appropriate authority's view."),
        Hold("paused_before_proceedings", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause",
             next="fresh_decision"),
        Work("fresh_decision", team="appropriate_authority", effort=Duration("authority.fresh_hours", cv="authority.cv"),
             next="decided_afresh", meaning="Once prejudice ends, a fresh decision on proceedings and on special conditions."),
        Set("decided_afresh", next="together", writes=(
            Write("subject.case_to_answer", "max allegation.severity", where=("allegation.decision = case_to_answer",)),)),
        Set("together", next="joint_check", writes=(
            Write("subject.joint", "yes", when=("subject.case_to_answer = gross", "person.gone = no", "person.employment = officer")),
            Write("subject.joint", "yes", when=("subject.case_to_answer = gross", "person.gone >= resigned", "person.gone != severance",
                                                "law.former_officers = 1", "person.employment = officer")),
            Write("case.gross_subjects", "count subject.joint"))),
        Decide("joint_check", branches=(
            Branch("joint_proceedings", weight="hearing.joint_share", when=("case.gross_subjects > 1", "case.criminal_result != convicted")),
            Branch("apart", weight="rest"))),
        Set("apart", writes=(Write("subject.joint", "no"),), next="proceedings"),
        Fork("joint_proceedings", when=("subject.joint = yes",), start="hearing_route", next="proceedings"),
        Fork("proceedings", by="subject", when=("subject.case_to_answer >= misconduct", "subject.joint = no"),
             start="form_of_proceedings", next="all_proceedings_over"),
        Join("all_proceedings_over", next="free_slot"),
        Decide("form_of_proceedings", branches=(
            Branch("left_before_outcome", when=("person.gone = dismissed",)),
            Branch("left_before_outcome", when=("person.gone = severance",)),
            Branch("left_before_outcome", when=("person.gone >= resigned", "subject.case_to_answer = misconduct")),
            Branch("left_before_outcome", when=("person.gone >= resigned", "subject.case_to_answer = gross", "law.former_officers = 0")),
            Branch("left_before_outcome", when=("person.gone >= resigned", "person.employment = staff")),
            Branch("officer_or_staff", otherwise=True))),
        Set("left_before_outcome", writes=(Write("subject.outcome", "left", when=("subject.outcome = open",)),
                                           Write("subject.papers_on", "unset", when=("subject.sat_on = unset",)),
                                           Write("subject.meeting_papers_on", "unset", when=("subject.met_on = unset",)),
                                           Write("subject.accelerated_notice_on", "unset", when=("subject.accelerated_on = unset",))),
            next="subject_over", meaning="Clocks that were running stop."),
        Decide("officer_or_staff", branches=(
            Branch("staff_route", when=("person.employment = staff",)),
            Branch("gross_route", when=("person.employment = officer", "subject.case_to_answer = gross")),
            Branch("misconduct_route", otherwise=True))),
        Decide("gross_route", branches=(
            Branch("accelerated_route", when=("case.criminal_result = convicted",)),
            Branch("accelerated_route", when=("person.gone >= resigned", "law.former_officers_accelerated = 1")),
            Branch("special_conditions", otherwise=True))),
        Decide("misconduct_route", branches=(
            Branch("hearing_route", when=("subject.live_final_warning = yes",)),
            Branch("joined_or_not", when=("subject.live_final_warning = no", "linkage.joined = 1")),
            Branch("joined_or_not", when=("subject.live_final_warning = no", "linkage.joined = 0", "case.linked = yes")),
            Branch("diverted_or_not", otherwise=True)),
            meaning="A final written warning that was live when severity was assessed takes misconduct to a hearing."),
        Decide("joined_or_not", branches=(
            Branch("hearing_route", weight="linkage.joined_share", when=("person.record != first",)),
            Branch("meeting_route", weight="rest")),
            meaning="Several unconnected incidents taken together open dismissal to a hearing."),
        Decide("diverted_or_not", branches=(
            Branch("without_proceedings", weight="meeting.without_share"),
            Branch("hearing_route", weight="meeting.diverted_share"),
            Branch("meeting_route", weight="rest"))),
        Set("without_proceedings", next="subject_over", meaning="A case to answer for misconduct that the appropriate authority brings to no meeting.",
            writes=(Write("subject.outcome", "reflective_practice", when=("law.reflective_practice = 1",)),
                    Write("subject.outcome", "management_advice", when=("law.reflective_practice = 0",)))),
    ),
)  # fmt: skip
