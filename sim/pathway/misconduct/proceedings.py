"""What happens between referral and outcome? Meetings, accelerated hearings, hearings before a panel, the staff procedure."""

from sim.pathway.kinds import Book, Branch, Decide, Duration, Fork, Join, Node, Set, Signal, Stage, Wait, Work, Write
from sim.pathway.misconduct.opening import DECIDED, REFERRED
from sim.pathway.misconduct.owners import FORCE, OFFICER, PANEL

ACCELERATED = Stage(
    name="accelerated", number=14, title="Special conditions and accelerated hearing",
    opens_at="accelerated_papers", opens_with=REFERRED, opens_in=(("all_proceedings_over", "proceedings"),),
    meaning="The papers suffice to prove gross misconduct and the public interest asks for speed: a chief officer decides alone.",
    nodes=(
        Decide("special_conditions", branches=(
            Branch("accelerated_route", weight="accelerated.share", by={"allegation.strength": "accelerated.by_strength"}),
            Branch("hearing_route", weight="rest"))),
        Set("accelerated_route", writes=(Write("subject.route", "accelerated_hearing"), Write("subject.referred_on", "now"),
                                         Write("subject.chair", "chief_officer"),
                                         Write("subject.presumed", "yes", when=("law.presumption_of_dismissal = 1",))),
            next="accelerated_papers"),
        Wait("accelerated_papers", lasts=Duration("accelerated.papers", cv="accelerated.cv"), owner=FORCE,
             time_is="waiting_for_own_staff", next="accelerated_file"),
        Work("accelerated_file", team="case_managers", effort=Duration("case_managers.accelerated_hours", cv="case_managers.cv"),
             next="accelerated_notified"),
        Set("accelerated_notified", writes=(Write("subject.accelerated_notice_on", "now"),), next="accelerated_hearing"),
        Book("accelerated_hearing", diaries=(("chief_officer_chairs", 1), ("hearing_rooms", 1), ("friends", 1)),
             notice=Duration("law.accelerated_notice"), length=Duration("accelerated.length"), owner=PANEL, next="accelerated_sat"),
        Set("accelerated_sat", writes=(Write("subject.accelerated_on", "now"),), next="accelerated_result"),
        Decide("accelerated_result", branches=(
            Branch("accelerated_not_proved", weight="accelerated.not_proved_share", when=("case.criminal_result != convicted",)),
            Branch("accelerated_outcome", weight="rest"))),
        Set("accelerated_not_proved", next="hearing_route", meaning="Not proved on the papers: the ordinary route follows."),
        Decide("accelerated_outcome", each="subject", into="subject.outcome", next="heard", branches=(
            Branch("final_written_warning", weight="accelerated.final_written_warning", when=("subject.live_final_warning = no",)),
            Branch("reduction_in_rank", weight="accelerated.reduction_in_rank", when=("law.reduction_in_rank = 1", "person.gone < resigned")),
            Branch("would_have_been_dismissed", weight="accelerated.dismissed", when=("person.gone >= resigned",),
                   by={"subject.presumed": "hearing.dismissed_by_presumption"}),
            Branch("dismissed", weight="accelerated.dismissed", when=("person.gone < resigned",),
                   by={"subject.presumed": "hearing.dismissed_by_presumption"}))),
    ),
)  # fmt: skip

PREPARATION = Stage(
    name="preparation", number=16, title="Papers, response and witness lists",
    opens_at="hearing_papers", opens_with=REFERRED, opens_in=(("all_proceedings_over", "proceedings"),),
    meaning="Notice of referral (regulation 30) with the papers, the officer's response, and the lists of witnesses.",
    nodes=(
        Set("hearing_route", next="hearing_papers", writes=(
            Write("subject.route", "hearing"),
            Write("subject.referred_on", "now"),
            Write("subject.panel_on", "now", when=("law.panel_reads_referral = 1",)))),
        Wait("hearing_papers", lasts=Duration("hearing.papers", cv="hearing.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="hearing_file", meaning="Notice, disclosure, presenting counsel."),
        Work("hearing_file", team="case_managers", effort=Duration("case_managers.hearing_hours", cv="case_managers.cv"), next="papers_served",
             meaning="The bundle, and later the chair's questions: all that case managers and lawyers do for one hearing."),
        Set("papers_served", writes=(Write("subject.papers_on", "now"),), next="hearing_response"),
        Wait("hearing_response", lasts=Duration("law.response"), owner=OFFICER, time_is="officer_and_representatives",
             next="response_late"),
        Decide("response_late", branches=(
            Branch("response_extended", weight="response.extended_share", when=("law.time_limit_ends_adjournments = 0",)),
            Branch("response_extended", weight="response.extended_share",
                   when=("law.time_limit_ends_adjournments = 1", "case.time_limit = no")),
            Branch("responded", weight="rest"))),
        Wait("response_extended", lasts=Duration("response.extension"), owner=OFFICER, time_is="officer_and_representatives",
             next="responded"),
        Set("responded", writes=(Write("subject.response_on", "now"),), next="witness_lists"),
        Wait("witness_lists", lasts=Duration("law.witness_lists"), owner=OFFICER, time_is="officer_and_representatives",
             next="witnesses_listed"),
        Set("witnesses_listed", writes=(Write("subject.witnesses_on", "now"),), next="prehearing_due"),
    ),
)  # fmt: skip

PREHEARING = Stage(
    name="prehearing", number=17, title="Pre-hearing",
    opens_at="prehearing_due", opens_with=REFERRED, opens_in=(("all_proceedings_over", "proceedings"),),
    meaning="Since February 2020 the chair settles issues, disclosure and dates at a pre-hearing.",
    nodes=(
        Decide("prehearing_due", branches=(
            Branch("prehearing", when=("law.prehearing_within > 0",)),
            Branch("public_notice_due", otherwise=True))),
        Wait("prehearing", lasts=Duration("prehearing.time", cv="prehearing.cv"), owner=PANEL, time_is="listing", next="prehearing_held"),
        Set("prehearing_held", writes=(Write("subject.prehearing_on", "now"),), next="public_notice_due"),
        Decide("public_notice_due", branches=(
            Branch("public_notice", when=("law.public_notice > 0",)),
            Branch("postponement", otherwise=True))),
        Wait("public_notice", lasts=Duration("law.public_notice"), owner=PANEL, time_is="listing", next="postponement",
             meaning="Hearings are public since May 2015, with notice."),
    ),
)  # fmt: skip

CHAIRS = ("senior_officer", "legally_qualified", "chief_officer")


def _hearing(chair: str) -> Node:
    return Book(
        f"{chair}_hearing",
        diaries=((f"{chair}_chairs", 1), ("panel_members", 2), ("hearing_rooms", 1), ("counsel", 1), ("friends", 1)),
        notice=Duration("hearing.notice", cv="hearing.cv"),
        length=Duration("hearing.length", cv="hearing.length_cv"),
        owner=PANEL,
        next="adjournment",
    )


HEARING = Stage(
    name="hearing", number=18, title="Misconduct meeting or hearing",
    opens_at="postponement", opens_with=REFERRED, opens_for={"case.severity=misconduct": "meeting_response"},
    opens_in=(("all_proceedings_over", "proceedings"),),
    meaning="A meeting can give warnings; a hearing before a panel of three can dismiss. Whatever the law of the day allows may be given.",
    nodes=(
        Set("meeting_route", writes=(Write("subject.route", "meeting"), Write("subject.meeting_papers_on", "now")),
            next="meeting_response"),
        Wait("meeting_response", lasts=Duration("law.response"), owner=OFFICER, time_is="officer_and_representatives",
             next="meeting_listed"),
        Wait("meeting_listed", lasts=Duration("meeting.listing", cv="meeting.cv"), owner=FORCE, time_is="listing", next="meeting_file"),
        Work("meeting_file", team="case_managers", effort=Duration("case_managers.meeting_hours", cv="case_managers.cv"), next="meeting_held",
             meaning="The file for whoever holds the meeting, and a note of it."),
        Set("meeting_held", writes=(Write("subject.met_on", "now"),), next="meeting_outcome"),
        Decide("meeting_outcome", each="subject", into="subject.outcome", next="heard", branches=(
            Branch("not_proved", weight="meeting.not_proved", by={"case.file": "quality.not_proved_by_file"}),
            Branch("management_advice", weight="meeting.management_advice", when=("law.reflective_practice = 0",)),
            Branch("reflective_practice", weight="meeting.management_advice", when=("law.reflective_practice = 1",)),
            Branch("written_warning", weight="meeting.written_warning"),
            Branch("final_written_warning", weight="meeting.final_written_warning"))),
        Decide("postponement", branches=(
            Branch("postponed", weight="hearing.postponed_share", when=("law.time_limit_ends_adjournments = 0",)),
            Branch("postponed", weight="hearing.postponed_share",
                   when=("law.time_limit_ends_adjournments = 1", "case.time_limit = no")),
            Branch("chair", weight="rest")),
            meaning="Sickness, an officer or friend who cannot attend, an objection to a panel member."),
        Set("postponed", writes=(Write("subject.postponed", "+1"),), next="postponed_for"),
        Wait("postponed_for", lasts=Duration("hearing.postponed_days", cv="hearing.cv"), owner=OFFICER,
             time_is="officer_and_representatives", next="chair"),
        Decide("chair", branches=(
            Branch("chief_officer_chair", when=("law.chief_officer_chairs = 1",)),
            Branch("legally_qualified_chair", when=("law.chief_officer_chairs = 0", "law.legally_qualified_chairs = 1")),
            Branch("senior_officer_chair", otherwise=True)),
            meaning="Who chairs attaches to a date of the case, not to the day of the hearing."),
        *(Set(f"{chair}_chair", writes=(Write("subject.chair", chair), Write("subject.presumed", "no"),
                                        Write("subject.presumed", "yes", when=(
                                            "law.presumption_of_dismissal = 1", "subject.case_to_answer = gross"))),
              next=f"{chair}_hearing") for chair in CHAIRS),
        *(_hearing(chair) for chair in CHAIRS),
        Decide("adjournment", branches=(
            Branch("chair", weight="hearing.adjourned_share", when=("law.time_limit_ends_adjournments = 0",)),
            Branch("chair", weight="hearing.adjourned_share", when=("law.time_limit_ends_adjournments = 1", "case.time_limit = no")),
            Branch("hearing_outcome", weight="rest")),
            meaning="Disclosure, a witness, a panel member lost part heard: listed again."),
        Decide("hearing_outcome", each="subject", into="subject.outcome", next="sat", when=("person.gone != dismissed",), branches=(
            Branch("not_proved", weight="hearing.not_proved", by={"allegation.strength": "hearing.not_proved_by_strength",
                                                                  "case.file": "quality.not_proved_by_file"}),
            Branch("written_warning", weight="hearing.written_warning"),
            Branch("final_written_warning", weight="hearing.final_written_warning", when=("subject.live_final_warning = no",)),
            Branch("reduction_in_rank", weight="hearing.reduction_in_rank",
                   when=("law.reduction_in_rank = 1", "person.gone < resigned")),
            Branch("would_have_been_dismissed", weight="hearing.dismissed", when=("person.gone >= resigned",),
                   by={"subject.chair": "hearing.dismissed_by_chair", "person.record": "linkage.dismissed_by_record",
                       "person.proven_before": "linkage.dismissed_by_proven", "subject.presumed": "hearing.dismissed_by_presumption",
                       "subject.case_to_answer": "hearing.dismissed_by_finding"}),
            Branch("dismissed_with_notice", weight="hearing.dismissed_with_notice",
                   when=("law.dismissal_with_notice = 1", "person.gone < resigned")),
            Branch("dismissed", weight="hearing.dismissed", when=("person.gone < resigned",),
                   by={"subject.chair": "hearing.dismissed_by_chair", "person.record": "linkage.dismissed_by_record",
                       "person.proven_before": "linkage.dismissed_by_proven", "subject.presumed": "hearing.dismissed_by_presumption",
                       "subject.case_to_answer": "hearing.dismissed_by_finding"}))),
        Set("sat", writes=(Write("subject.sat_on", "now"), Write("subject.outcome", "left", when=("subject.outcome = open",))), next="heard",
            meaning="Whoever was dismissed in another case before a joint hearing is not dismissed again."),
    ),
)  # fmt: skip

OUTCOME = Stage(
    name="outcome", number=19, title="Outcome and report",
    meaning="Warnings run from here, a dismissal takes effect, and the chair's report is due within five working days.",
    nodes=(
        Set("heard", next="reported_in_writing", writes=(
            Write("subject.heard_on", "now"),
            Write("subject.former", "yes", when=("person.gone >= resigned",)),
            Write("person.proven_before", "yes", when=("subject.outcome = management_advice",)),
            Write("person.proven_before", "yes", when=("subject.outcome >= written_warning",)),
            Write("person.written_warning_until", "now", later=Duration("law.written_warning_lasts"),
                  when=("subject.outcome = written_warning",)),
            Write("person.final_warning_until", "now", later=Duration("law.final_warning_lasts"),
                  when=("subject.outcome = final_written_warning",)),
            Write("person.barred", "yes", when=("subject.outcome >= would_have_been_dismissed", "law.barred_list = 1")),
            Write("person.barred", "yes", when=("subject.outcome >= dismissed_with_notice", "law.disapproved_register = 1")),
            Write("person.gone", "dismissed", when=("subject.outcome >= dismissed_with_notice", "person.gone = no")),
            Write("person.gone_on", "now", when=("person.gone = dismissed", "person.gone_on = unset"))),
            raises=(Signal("gone", to="person", when=("subject.outcome >= dismissed_with_notice",)),)),
        Decide("reported_in_writing", branches=(
            Branch("each_heard", when=("subject.route <= meeting",)),
            Branch("each_heard", when=("subject.route = staff_hearing",)),
            Branch("outcome_report", otherwise=True))),
        Wait("outcome_report", lasts=Duration("outcome.report", cv="outcome.report_cv"), owner=PANEL, time_is="listing",
             next="outcome_reported"),
        Set("outcome_reported", writes=(Write("subject.reported_on", "now", when=("subject.sat_on != unset",)),), next="each_heard"),
        Fork("each_heard", by="subject", start="appeal_route", next="all_appeals_over"),
        Join("all_appeals_over", next="proceedings_over"),
    ),
)  # fmt: skip

STAFF = Stage(
    name="staff", number=28, title="Police staff, by the employer's procedure",
    opens_at="staff_procedure", opens_with=DECIDED, opens_in=(("all_proceedings_over", "proceedings"),),
    meaning="Police staff are outside the Conduct Regulations: human resources, no panel, no tribunal.",
    nodes=(
        Set("staff_route", writes=(Write("subject.route", "staff_hearing"),), next="staff_procedure"),
        Wait("staff_procedure", lasts=Duration("staff.procedure", cv="staff.cv"), owner=FORCE, time_is="listing", next="staff_hearing"),
        Work("staff_hearing", team="human_resources", effort=Duration("human_resources.hours", cv="human_resources.cv"), next="staff_outcome",
             meaning="Human resources advise whoever decides, prepare the papers and sit in."),
        Decide("staff_outcome", each="subject", into="subject.outcome", next="heard", branches=(
            Branch("not_proved", weight="staff.not_proved", by={"case.file": "quality.not_proved_by_file"}),
            Branch("written_warning", weight="staff.written_warning"),
            Branch("final_written_warning", weight="staff.final_written_warning", when=("subject.case_to_answer = gross",)),
            Branch("dismissed", weight="staff.dismissed", when=("subject.case_to_answer = gross",)))),
    ),
)  # fmt: skip
