"""By which other ways does somebody go? Leaving, managed severance, Regulation 13, vetting, performance."""

from sim.pathway.kinds import Branch, Decide, Duration, Hold, Midway, Set, Signal, Stage, Wait, Work, Write
from sim.pathway.misconduct.owners import FORCE, OFFICER, TRIBUNAL

GONE = Signal("gone", to="person", when=("person.gone != no",))

LEAVING = Stage(
    name="leaving", number=24, title="Resignation, retirement and managed severance",
    opens_at="serving", opens_in=(("", "may_leave"),),
    meaning="Until January 2015 an officer could leave and the case stopped; until December 2017 leaving was barred in dismissal-level "
            "matters; since then gross matters go on against former officers.",
    nodes=(
        Decide("may_take_severance", branches=(
            Branch("severance_offered", weight="severance.share", when=("subject.severity = gross", "person.employment = officer")),
            Branch("serving", weight="rest")),
            meaning="No managed severance unless a reform brings it."),
        Wait("severance_offered", lasts=Duration("severance.time", cv="severance.cv"), owner=FORCE, time_is="officer_and_representatives",
             next="takes_severance"),
        Set("takes_severance", writes=(Write("person.gone", "severance", when=("person.gone = no",)),
                                       Write("person.gone_on", "now", when=("person.gone_on = unset",))),
            raises=(GONE,), next="track_over"),
        Wait("serving", lasts=Duration("leaving.under_investigation", by={"subject.severity": "leaving.by_severity",
                                                                          "person.duty": "leaving.by_duty"}, family="exponential"),
             owner=OFFICER, time_is="officer_and_representatives", no_later_than="person.leaves_on", next="leaving",
             meaning="Until the person would leave."),
        Decide("leaving", branches=(
            Branch("leaving_barred", when=("law.resignation_barred = 1", "subject.severity = gross", "person.employment = officer")),
            Branch("leaving_barred", when=("law.resignation_barred = 1", "subject.severity = misconduct", "subject.live_final_warning = yes",
                                           "person.employment = officer")),
            Branch("leaves", otherwise=True)),
            meaning="Dismissal could follow from gross misconduct, or from misconduct while a final written warning was live."),
        Hold("leaving_barred", until=("law.resignation_barred = 0",), owner=OFFICER, time_is="legal_pause", next="leaves",
             meaning="January 2015 to December 2017: no resignation in a dismissal-level matter."),
        Decide("leaves", branches=(
            Branch("retires", weight="leaving.retired_share"),
            Branch("resigns", weight="rest"))),
        Set("retires", writes=(Write("person.gone", "retired", when=("person.gone = no",)),
                               Write("person.gone_on", "now", when=("person.gone_on = unset",))), raises=(GONE,), next="track_over"),
        Set("resigns", writes=(Write("person.gone", "resigned", when=("person.gone = no",)),
                               Write("person.gone_on", "now", when=("person.gone_on = unset",))), raises=(GONE,), next="track_over"),
    ),
)  # fmt: skip

REGULATION_13 = Stage(
    name="regulation_13", number=25, title="Regulation 13",
    opens_at="regulation_13", opens_midway=(Midway(stands=("regulation_13",)),),
    meaning="A probationer who is not fitted for the office, or not likely to become an efficient or well conducted constable, may be "
            "discharged by the chief officer. Matters of attendance and performance come by a stream of their own.",
    nodes=(
        Decide("regulation_13_matter", branches=(
            Branch("regulation_13_recorded", when=("person.employment = officer", "person.gone = no", "person.probation_ends_on > now")),
            Branch("not_recorded", otherwise=True))),
        Set("regulation_13_recorded", writes=(Write("case.recorded", "yes"), Write("case.investigated_on", "now"),
                                              Write("case.conduct_on", "now")), next="regulation_13"),
        Wait("regulation_13", lasts=Duration("regulation_13.process", cv="regulation_13.cv"), owner=FORCE,
             time_is="waiting_for_own_staff", next="regulation_13_delegated"),
        Decide("regulation_13_delegated", branches=(
            Branch("regulation_13_decision", when=("law.regulation_13_delegable = 0",)),
            Branch("regulation_13_result", otherwise=True))),
        Wait("regulation_13_decision", lasts=Duration("regulation_13.chief_officer"), owner=FORCE, time_is="waiting_for_own_staff",
             next="regulation_13_result", meaning="Only the chief officer could decide until May 2025."),
        Decide("regulation_13_result", each="subject", into="subject.outcome", next="regulation_13_over", branches=(
            Branch("discharged", weight="regulation_13.discharged"),
            Branch("left", weight="regulation_13.resigned"),
            Branch("no_action", weight="rest"))),
        Set("regulation_13_over", writes=(
            Write("subject.route", "regulation_13"),
            Write("allegation.decision", "other_end", when=("allegation.decision = open",)),
            Write("allegation.decided_on", "now"),
            Write("person.gone", "dismissed", when=("subject.outcome = discharged", "person.gone = no")),
            Write("person.gone", "resigned", when=("subject.outcome = left", "person.gone = no")),
            Write("person.gone_on", "now", when=("person.gone != no", "person.gone_on = unset"))),
            raises=(GONE,), next="free_slot"),
    ),
)  # fmt: skip

VETTING = Stage(
    name="vetting", number=26, title="Withdrawal of vetting",
    meaning="From March 2023 (void from February to May 2025) clearance may be withdrawn, and with it the office: another test on the same facts.",
    nodes=(
        Set("vetting_begins", next="vetting_review"),
        Work("vetting_review", team="vetting", effort=Duration("vetting.review_hours", cv="vetting.review_cv"), next="vetting_reviewed"),
        Decide("vetting_reviewed", branches=(
            Branch("vetting_representations", weight="vetting.proceeds_share"),
            Branch("track_over", weight="rest"))),
        Wait("vetting_representations", lasts=Duration("vetting.representations", cv="vetting.cv"), owner=OFFICER,
             time_is="officer_and_representatives", next="vetting_lawful"),
        Hold("vetting_lawful", until=("law.vetting_route = 1",), owner=FORCE, time_is="legal_pause", next="vetting_decision",
             meaning="The route was void from 11 February to 14 May 2025."),
        Decide("vetting_decision", branches=(
            Branch("track_over", when=("person.gone != no",)),
            Branch("vetting_withdrawn", weight="vetting.withdrawn_share", when=("person.gone = no",)),
            Branch("track_over", weight="rest", when=("person.gone = no",)))),
        Set("vetting_withdrawn", next="vetting_appeal", raises=(GONE,), writes=(
            Write("subject.route", "vetting"),
            Write("subject.outcome", "vetting_removed"),
            Write("subject.heard_on", "now"),
            Write("subject.ended_on", "now"),
            Write("person.gone", "dismissed"),
            Write("person.gone_on", "now"))),
        Decide("vetting_appeal", branches=(
            Branch("vetting_tribunal", weight="vetting.appeal_share", when=("law.vetting_appeal = 1",)),
            Branch("track_over", weight="rest"))),
        Wait("vetting_tribunal", lasts=Duration("vetting.appeal", cv="vetting.cv"), owner=TRIBUNAL, time_is="another_body",
             next="vetting_tribunal_result"),
        Decide("vetting_tribunal_result", branches=(
            Branch("vetting_restored", weight="vetting.restored_share"),
            Branch("track_over", weight="rest"))),
        Set("vetting_restored", next="track_over", writes=(
            Write("subject.outcome", "no_action"), Write("person.gone", "no"), Write("person.gone_on", "unset"))),
    ),
)  # fmt: skip

PERFORMANCE = Stage(
    name="performance", number=27, title="Performance procedures and gross incompetence",
    meaning="Three stages, since May 2025 two, the last of which can end in dismissal; not misconduct.",
    nodes=(
        Set("performance_begins", writes=(Write("subject.route", "performance"),
                                          Write("subject.stages_left", "value law.performance_stages")), next="performance_stage"),
        Wait("performance_stage", lasts=Duration("performance.stage", cv="performance.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="performance_stage_over"),
        Set("performance_stage_over", writes=(Write("subject.stages_left", "-1"),), next="performance_result"),
        Decide("performance_result", branches=(
            Branch("track_over", when=("person.gone != no",)),
            Branch("track_over", weight="performance.improved_share", when=("person.gone = no", "subject.stages_left > 0")),
            Branch("performance_stage", weight="rest", when=("person.gone = no", "subject.stages_left > 0")),
            Branch("incompetent", weight="performance.dismissed_share", when=("person.gone = no", "subject.stages_left <= 0")),
            Branch("track_over", weight="rest", when=("person.gone = no", "subject.stages_left <= 0")))),
        Set("incompetent", next="track_over", raises=(GONE,), writes=(
            Write("subject.outcome", "incompetence"),
            Write("person.barred", "yes", when=("law.barred_list = 1",)),
            Write("subject.heard_on", "now"),
            Write("subject.ended_on", "now"),
            Write("person.gone", "dismissed"),
            Write("person.gone_on", "now"))),
    ),
)  # fmt: skip
