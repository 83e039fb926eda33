"""How serious is it, who is told, and what follows at once? Severity, notice, duties, representations."""

from sim.pathway.kinds import Branch, Decide, Duration, Fork, Set, Signal, Stage, Wait, Work, Write
from sim.pathway.misconduct.opening import ASSESSED
from sim.pathway.misconduct.owners import FORCE, OFFICER

SEVERITY = Stage(
    name="severity", number=5, title="Severity assessment",
    opens_at="severity_assessment",
    meaning="If proved, would it be gross misconduct, misconduct, a matter for practice, or none of these?",
    nodes=(
        Work("severity_assessment", team="intake", effort=Duration("intake.assessment_hours", cv="intake.cv"), next="severity",
             meaning="By assessors to whom the appropriate authority gives it."),
        Decide("severity", each="allegation", into="allegation.severity", next="assessed", branches=(
            Branch("none", weight="severity.none", by={"allegation.seriousness": "severity.none_by_seriousness"}),
            Branch("practice", weight="severity.practice", by={"allegation.seriousness": "severity.practice_by_seriousness"}),
            Branch("misconduct", weight="severity.misconduct", by={"allegation.seriousness": "severity.misconduct_by_seriousness"}),
            Branch("gross", weight="severity.gross", by={"allegation.seriousness": "severity.gross_by_seriousness",
                                                         "allegation.breach": "severity.gross_by_breach",
                                                         "person.record": "linkage.gross_by_record"}))),
        Set("assessed", next="vetting_check", writes=(
            Write("subject.severity", "max allegation.severity"),
            Write("case.severity", "max allegation.severity"),
            Write("case.investigated_on", "now"),
            Write("subject.panel_on", "now"),
            Write("subject.live_final_warning", "yes", when=("person.final_warning_until > now",)),
            Write("person.serious_open", "+1", when=("subject.severity >= misconduct", "subject.counted = no")),
            Write("subject.counted", "yes", when=("subject.severity >= misconduct",)))),
        Decide("vetting_check", branches=(
            Branch("sent_to_vetting", weight="vetting.from_severity_share", when=(
                "law.severity_may_refer_to_vetting = 1", "law.vetting_route = 1", "case.severity < misconduct",
                "case.stream = internal")),
            Branch("may_leave", weight="rest")),
            meaning="From May 2025 the assessment may send a matter to the Vetting Regulations."),
        Fork("sent_to_vetting", by="subject", start="vetting_begins", side=True, next="may_leave"),
        Fork("may_leave", by="subject", when=("subject.severity >= misconduct",), start="may_take_severance", side=True,
             next="criminal_check"),
        Decide("route", branches=(
            Branch("iopc_takes", when=("case.iopc_mode >= directed", "case.severity >= misconduct")),
            Branch("initial_enquiries", when=("case.severity = none", "case.stream = internal")),
            Branch("low_level", when=("case.severity = practice", "case.stream = internal")),
            Branch("regulation_13", weight="regulation_13.share", when=(
                "case.iopc_mode < directed", "case.severity >= misconduct", "case.stream = internal",
                "all person.probation_ends_on > now", "all person.employment = officer")),
            Branch("allocation", weight="rest"))),
    ),
)  # fmt: skip

NOTICE = Stage(
    name="notice", number=6, title="Notice of investigation",
    opens_at="notice", opens_with=ASSESSED,
    meaning="Regulation 15 notice, since February 2020 regulation 17 notice with terms of reference.",
    nodes=(
        Decide("notice_due", branches=(
            Branch("discontinued", when=("all person.gone != no", "case.severity < gross")),
            Branch("discontinued", when=("all person.gone != no", "case.severity = gross", "law.former_officers = 0")),
            Branch("discontinued", when=("all person.gone = severance",)),
            Branch("notice", when=("case.severity >= misconduct",)),
            Branch("route", otherwise=True))),
        Wait("notice", lasts=Duration("law.notice_service"), owner=FORCE, time_is="waiting_for_own_staff", next="notice_served"),
        Set("notice_served", writes=(Write("case.notice_on", "now"), Write("case.representations", "due"),
                                     Write("subject.duty_raised_on", "now", when=("subject.severity = gross",))),
            next="representations"),
        Wait("new_notice", lasts=Duration("law.notice_service"), owner=FORCE, time_is="waiting_for_own_staff", next="notice_renewed",
             meaning="The severity was revised, and the officer is told."),
        Set("notice_renewed", next="duty_reconsidered", writes=(
            Write("case.notice_on", "now"),
            Write("subject.duty_raised_on", "now", when=("subject.severity = gross", "subject.duty_raised_on = unset")))),
    ),
)  # fmt: skip

DUTY = Stage(
    name="duty", number=7, title="Suspension and restricted duty",
    meaning="One status for a person across all their cases, reviewed until no serious matter is open. Suspension is on full pay.",
    nodes=(
        Fork("duty_considered", by="subject", when=("subject.severity = gross", "person.duty != suspended", "person.gone = no"),
             start="duty_decision_made", side=True, next="route"),
        Fork("duty_reconsidered", by="subject", when=("subject.severity = gross", "person.duty != suspended", "person.gone = no"),
             start="duty_decision_made", side=True, next="file_review", meaning="The severity was revised upwards."),
        Wait("duty_decision_made", lasts=Duration("suspension.decision_time", cv="suspension.cv"), owner=FORCE,
             time_is="waiting_for_own_staff", next="duty"),
        Decide("duty", branches=(
            Branch("duty_decided", when=("person.duty = suspended",)),
            Branch("duty_to_suspend", when=("person.duty != suspended", "law.suspension_duty = 1", "person.employment = officer")),
            Branch("duty_at_discretion", otherwise=True)),
            meaning="The duty to suspend is owed for officers: police staff are outside the Conduct Regulations."),
        Decide("duty_to_suspend", branches=(
            Branch("suspends", weight="suspension.under_duty_share", by={"allegation.breach": "suspension.by_breach",
                                                                         "case.criminal": "suspension.by_criminal"}),
            Branch("restricts", weight="restriction.share", when=("person.duty = normal",)),
            Branch("duty_decided", weight="rest")),
            meaning="Conduct since 13 July 2026: suspended where an inquiry would be prejudiced or the public interest requires it."),
        Decide("duty_at_discretion", branches=(
            Branch("suspends", weight="suspension.share", by={"allegation.breach": "suspension.by_breach",
                                                              "case.criminal": "suspension.by_criminal"}),
            Branch("restricts", weight="restriction.share", when=("person.duty = normal",)),
            Branch("duty_decided", weight="rest"))),
        Set("duty_decided", writes=(Write("subject.duty_decided_on", "now"),), next="track_over"),
        Set("suspends", writes=(Write("person.duty", "suspended"), Write("subject.duty_decided_on", "now"),
                                Write("subject.suspended_on", "now")),
            raises=(Signal("suspended", to="person"),), next="suspended"),
        Wait("suspended", lasts=Duration("law.suspension_review"), owner=FORCE, time_is="legal_pause", next="suspension_review"),
        Decide("suspension_review", branches=(
            Branch("duty_restored", weight="suspension.lifted_share"),
            Branch("restricts", weight="suspension.to_restricted_share"),
            Branch("suspended", weight="rest"))),
        Set("restricts", writes=(Write("person.duty", "restricted"), Write("subject.duty_decided_on", "now"),
                                 Write("subject.restricted_on", "now")), next="restricted"),
        Wait("restricted", lasts=Duration("restriction.review"), owner=FORCE, time_is="legal_pause", next="restriction_review"),
        Decide("restriction_review", branches=(
            Branch("duty_restored", weight="restriction.lifted_share"),
            Branch("restricted", weight="rest"))),
        Set("duty_restored", writes=(Write("person.duty", "normal"),), next="track_over"),
        Set("duty_replaced", next="track_over", meaning="Restricted, and now suspended in another matter: one status at a time."),
    ),
)  # fmt: skip

REPRESENTATIONS = Stage(
    name="representations", number=8, title="Initial representations",
    meaning="The officer may answer the notice; no interview before the time is over.",
    nodes=(
        Fork("representations", start="representations_run", side=True, next="duty_considered"),
        Wait("representations_run", lasts=Duration("law.representations"), owner=OFFICER, time_is="officer_and_representatives",
             next="representations_over"),
        Set("representations_over", writes=(Write("case.representations", "over"),), next="track_over"),
    ),
)  # fmt: skip
