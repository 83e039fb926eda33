"""What follows an outcome, and when is it over? Appeals, finalisation, opening again."""

from sim.pathway.kinds import Assign, Book, Branch, Decide, Duration, Exit, Hold, Set, Signal, Stage, Wait, Write
from sim.pathway.misconduct.opening import DECIDED
from sim.pathway.misconduct.owners import CRIMINAL_JUSTICE, FORCE, IOPC, OFFICER, TRIBUNAL

MEETING_APPEAL = Stage(
    name="meeting_appeal", number=20, title="Appeal from a meeting",
    meaning="To somebody more senior, who confirms, reverses or varies.",
    nodes=(
        Decide("appeal_route", branches=(
            Branch("appeal", when=("subject.route = hearing",)),
            Branch("appeal", when=("subject.route = accelerated_hearing",)),
            Branch("meeting_appeal_check", when=("subject.route = meeting",)),
            Branch("subject_over", otherwise=True))),
        Decide("meeting_appeal_check", branches=(
            Branch("meeting_appeal_made", weight="appeal.meeting_share", when=("subject.outcome >= written_warning",)),
            Branch("subject_over", weight="rest"))),
        Set("meeting_appeal_made", writes=(Write("subject.appealed", "meeting"),), next="meeting_appeal_notice"),
        Wait("meeting_appeal_notice", lasts=Duration("law.meeting_appeal_notice"), owner=FORCE, time_is="officer_and_representatives",
             next="meeting_appeal_heard"),
        Set("meeting_appeal_heard", writes=(Write("subject.appealed_on", "now"),), next="meeting_appeal"),
        Wait("meeting_appeal", lasts=Duration("appeal.meeting"), owner=FORCE, time_is="waiting_for_own_staff", next="meeting_appeal_result"),
        Decide("meeting_appeal_result", branches=(
            Branch("meeting_outcome_varied", weight="appeal.meeting_varied_share"),
            Branch("meeting_appeal_over", weight="rest"))),
        Set("meeting_outcome_varied", writes=(Write("person.final_warning_until", "unset", when=("subject.outcome = final_written_warning",)),
                                              Write("person.written_warning_until", "unset", when=("subject.outcome = written_warning",)),
                                              Write("subject.outcome", "not_proved")), next="meeting_appeal_over"),
        Set("meeting_appeal_over", writes=(Write("subject.appeal_decided_on", "now"),), next="subject_over"),
    ),
)  # fmt: skip

TRIBUNAL_APPEAL = Stage(
    name="tribunal", number=21, title="Police Appeals Tribunal",
    meaning="Confirms, substitutes a lesser sanction, or sends a case back to a new hearing; appeals by chief officers only if the law opens.",
    nodes=(
        Decide("appeal", branches=(
            Branch("tribunal_appeal", weight="appeal.tribunal_share", when=("subject.outcome >= final_written_warning",)),
            Branch("chief_officer_appeal", weight="appeal.chief_officer_share", when=(
                "law.tribunal_open_to_chief_officers = 1", "subject.route = hearing", "subject.outcome >= not_proved",
                "subject.outcome < would_have_been_dismissed")),
            Branch("subject_over", weight="rest"))),
        Set("tribunal_appeal", writes=(Write("subject.appealed", "tribunal"), Write("subject.tribunal_appealed_on", "now")), next="tribunal_notice"),
        Set("chief_officer_appeal", writes=(Write("subject.appealed", "chief_officer"), Write("subject.tribunal_appealed_on", "now")),
            next="tribunal_notice"),
        Wait("tribunal_notice", lasts=Duration("law.tribunal_notice"), owner=OFFICER, time_is="officer_and_representatives",
             next="respondent_papers"),
        Wait("respondent_papers", lasts=Duration("law.tribunal_papers"), owner=FORCE, time_is="waiting_for_own_staff",
             next="tribunal_papers"),
        Wait("tribunal_papers", lasts=Duration("appeal.papers", cv="appeal.cv"), owner=TRIBUNAL, time_is="another_body", next="tribunal"),
        Book("tribunal", diaries=(("tribunal_panels", 1),), notice=Duration("appeal.tribunal_notice", cv="appeal.cv"),
             length=Duration("appeal.tribunal_length"), owner=TRIBUNAL, time_is="another_body", next="tribunal_result"),
        Decide("tribunal_result", branches=(
            Branch("reinstated", weight="appeal.reinstated_share", when=("subject.outcome >= dismissed_with_notice",
                                                                         "subject.appealed = tribunal")),
            Branch("remitted", weight="appeal.remitted_share", when=("subject.remitted = 0",)),
            Branch("sanction_raised", weight="appeal.raised_share", when=("subject.appealed = chief_officer",)),
            Branch("subject_over", weight="rest"))),
        Set("reinstated", writes=(Write("subject.outcome", "final_written_warning"), Write("person.barred", "no"),
                                  Write("person.final_warning_until", "now", later=Duration("law.final_warning_lasts")),
                                  Write("person.gone", "no"), Write("person.gone_on", "unset")), next="subject_over"),
        Set("remitted", next="remitted_route", writes=(
            Write("subject.remitted", "+1"),
            Write("person.gone", "no", when=("subject.outcome >= dismissed_with_notice",)),
            Write("person.gone_on", "unset", when=("person.gone = no",)),
            Write("person.barred", "no"),
            Write("person.final_warning_until", "unset", when=("subject.outcome = final_written_warning",)),
            Write("subject.outcome", "open"))),
        Decide("remitted_route", branches=(
            Branch("accelerated_notified", when=("subject.route = accelerated_hearing",)),
            Branch("chair", otherwise=True)),
            meaning="A new hearing before another panel."),
        Set("sanction_raised", next="subject_over", writes=(
            Write("subject.outcome", "would_have_been_dismissed", when=("person.gone >= resigned",)),
            Write("subject.outcome", "dismissed", when=("person.gone = no",)),
            Write("person.gone", "dismissed", when=("subject.outcome = dismissed", "person.gone = no")),
            Write("person.gone_on", "now", when=("person.gone = dismissed", "person.gone_on = unset")),
            Write("person.barred", "yes", when=("law.barred_list = 1",))),
            raises=(Signal("gone", to="person", when=("subject.outcome = dismissed",)),)),
    ),
)  # fmt: skip

FINALISE = Stage(
    name="finalise", number=22, title="Finalisation",
    opens_at="criminal_outcome", opens_with=DECIDED,
    meaning="Only when everything that follows has ended: every subject, appeals, and criminal proceedings.",
    nodes=(
        Set("discontinued", writes=(Write("allegation.decision", "other_end", when=("allegation.decision = open",)),
                                    Write("allegation.decided_on", "now", when=("allegation.decided_on = unset",)),
                                    Write("subject.outcome", "left", when=("subject.outcome = open", "person.gone != no")),
                                    Write("subject.outcome", "no_action", when=("subject.outcome = open",))), next="free_slot",
            meaning="Everybody named has left and the matter cannot go on, or a time limit ended it."),
        Assign("free_slot", team=None, next="criminal_outcome"),
        Set("subject_over", writes=(Write("subject.ended_on", "now"),), next="proceedings_over"),
        Exit("proceedings_over", meaning="One subject's part has ended."),
        Hold("criminal_outcome", until=("case.criminal != live",), owner=CRIMINAL_JUSTICE, time_is="legal_pause", next="finalise",
             meaning="A matter is finalised only when all that follows from it has ended."),
        Set("finalise", next="matters_closed", writes=(
            Write("case.first_finalised_on", "now", when=("case.finalised_on = unset", "case.reopened = 0")),
            Write("case.finalised_on", "now"),
            Write("subject.ended_on", "now", when=("subject.ended_on = unset",)),
            Write("person.serious_open", "-1", when=("subject.counted = yes",)),
            Write("subject.counted", "no"))),
        Set("matters_closed", raises=(Signal("finalised"), Signal("matter_over", to="person")), next="reopening"),
        Exit("finalised"),
        Exit("track_over", meaning="A side track ends; the case goes its own way."),
    ),
)  # fmt: skip

REOPENING = Stage(
    name="reopening", number=29, title="Opening again",
    meaning="Since February 2020 the IOPC may investigate again for compelling reasons; a force may not open its own closed cases.",
    nodes=(
        Decide("reopening", branches=(
            Branch("may_be_reopened", weight="reopening.iopc_share", when=(
                "law.reinvestigation = 1", "case.handled_by = iopc", "case.reopened = 0")),
            Branch("may_be_reopened", weight="reopening.share", when=(
                "law.force_may_reopen = 1", "case.handled_by >= psu", "case.handled_by != iopc", "case.reopened = 0",
                "case.special_procedures = yes", "any person.gone = no")),
            Branch("finalised", weight="rest"))),
        Wait("may_be_reopened", lasts=Duration("reopening.after", cv="reopening.cv"), owner=IOPC, time_is="legal_pause", next="reopened",
             meaning="Closed until then: the days between first and last finalisation are counted apart."),
        Set("reopened", next="reopened_route", writes=(
            Write("case.reopened", "+1"),
            Write("case.finalised_on", "unset"),
            Write("subject.ended_on", "unset", when=("person.gone = no",)),
            Write("allegation.decision", "open"),
            Write("allegation.decided_on", "unset"),
            Write("subject.case_to_answer", "none"),
            Write("subject.outcome", "open", when=("subject.outcome = no_action",)),
            Write("person.serious_open", "+1", when=("subject.severity >= misconduct", "subject.counted = no")),
            Write("subject.counted", "yes", when=("subject.severity >= misconduct",)))),
        Decide("reopened_route", branches=(
            Branch("iopc_takes", when=("case.handled_by = iopc",)),
            Branch("allocation", otherwise=True))),
    ),
)  # fmt: skip
