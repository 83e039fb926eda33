"""How does an incident become a case? Reporting, recording and linking, referral, and the IOPC's choice of mode."""

from sim.pathway.kinds import (
    Assign,
    Branch,
    Decide,
    Duration,
    Exit,
    Fork,
    Midway,
    Set,
    Signal,
    Stage,
    Wait,
    Work,
    Write,
)
from sim.pathway.misconduct.owners import FORCE, IOPC

REPORT = Stage(
    name="report", number=1, title="Incident and report",
    meaning="What happened is one thing, whether anybody comes forward another. Only recorded matters count anywhere.",
    nodes=(
        Decide("incident", branches=(
            Branch("not_recorded", when=("all person.gone != no",)),
            Branch("comes_forward", when=("case.stream = internal",)),
            Branch("regulation_13_matter", when=("case.stream = probation",)),
            Branch("report", otherwise=True))),
        Decide("comes_forward", branches=(
            Branch("report", weight="reporting.share", by={"case.source": "reporting.by_source"}),
            Branch("not_recorded", weight="rest")),
            meaning="Speak-up, a hotline or supervisors who dissuade change this share, not what happened."),
        Exit("not_recorded", meaning="Nobody reports it, or nobody named is in the force any more."),
    ),
)  # fmt: skip

RECORDING = Stage(
    name="recording", number=2, title="Recording, triage and linking",
    opens_at="recording",
    meaning="Professional standards record the matter, may close it at once, and may join it to another open matter of the same person.",
    nodes=(
        Set("report", next="limit_check", writes=(
            Write("case.recorded", "yes"),
            Write("case.conduct_on", "now", earlier=Duration("reporting.lag", family="exponential")),
            Write("person.cases", "+1", when=("case.stream = internal",)),
            Write("person.record", "one_earlier", when=("case.stream = internal", "person.cases = 2")),
            Write("person.record", "several_earlier", when=("case.stream = internal", "person.cases > 2")))),
        Decide("limit_check", branches=(
            Branch("limit_begins", when=("law.time_limit > 0",)),
            Branch("recording", otherwise=True))),
        Fork("limit_begins", start="limit_runs", side=True, next="recording"),
        Wait("limit_runs", lasts=Duration("law.time_limit"), owner=FORCE, time_is="legal_pause", next="limit_passes",
             meaning="A statutory time limit from receipt; none unless a reform brings one."),
        Set("limit_passes", writes=(Write("case.time_limit", "passed"),), raises=(Signal("time_limit"),), next="track_over"),
        Wait("recording", lasts=Duration("recording.time", cv="recording.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="intake", meaning="Until somebody takes up what came in."),
        Work("intake", team="intake", effort=Duration("intake.hours", cv="intake.cv"), next="triage",
             meaning="Recording, a check of the record, what to do with it."),
        Decide("triage", branches=(
            Branch("closed_at_triage", weight="triage.filtered_share", when=("case.stream = internal",),
                   by={"allegation.seriousness": "triage.by_seriousness"}),
            Branch("link_check", weight="rest"))),
        Set("closed_at_triage", writes=(Write("allegation.decision", "other_end"),), next="closed_early",
            meaning="Nothing further to be done, or learning: no investigation."),
        Decide("link_check", branches=(
            Branch("linked", weight="linkage.merge_share", when=("case.stream = internal", "person.serious_open > 0")),
            Branch("kind_of_matter", weight="rest")),
            meaning="Whether the open matter is seen and the two are joined."),
        Set("linked", writes=(Write("case.linked", "yes"),
                              Write("person.linked_waiting", "+1", when=("person.serious_open > 0",))), next="kind_of_matter"),
        Decide("kind_of_matter", branches=(
            Branch("special_procedures", weight="public.special_share", when=("case.stream = public",)),
            Branch("allocation", weight="rest", when=("case.stream = public",)),
            Branch("special_procedures", when=("case.stream = internal",))),
            meaning="A public complaint without an indication of misconduct is investigated without severity assessment."),
        Set("special_procedures", writes=(Write("case.special_procedures", "yes"),), next="referral_check"),
    ),
)  # fmt: skip

REFERRAL = Stage(
    name="referral", number=3, title="Referral to the IOPC",
    opens_at="referral_sent",
    meaning="Mandatory for listed kinds of conduct, voluntary otherwise; since February 2020 the IOPC may call a matter in.",
    nodes=(
        Decide("referral_check", branches=(
            Branch("mandatory_referral", weight="referral.mandatory_share", by={
                "allegation.seriousness": "referral.by_seriousness", "case.stream": "referral.by_stream"}),
            Branch("voluntary_referral", weight="referral.voluntary_share", by={
                "allegation.seriousness": "referral.by_seriousness", "case.stream": "referral.by_stream"}),
            Branch("call_in_check", weight="rest"))),
        Set("mandatory_referral", writes=(Write("case.referral", "mandatory"), Write("case.referral_due_on", "now")),
            next="referral_sent"),
        Set("voluntary_referral", writes=(Write("case.referral", "voluntary"),), next="referral_sent"),
        Wait("referral_sent", lasts=Duration("referral.time", cv="referral.cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="referred"),
        Set("referred", writes=(Write("case.referred_on", "now"),), next="iopc_assessment"),
        Decide("call_in_check", branches=(
            Branch("may_be_called_in", weight="referral.call_in_share", when=("law.call_in = 1",)),
            Branch("severity_assessment", weight="rest"))),
        Fork("may_be_called_in", start="until_called_in", side=True, next="severity_assessment"),
        Wait("until_called_in", lasts=Duration("referral.call_in_after", family="exponential"), owner=IOPC, time_is="another_body",
             next="call_in"),
        Set("call_in", writes=(Write("case.referral", "called_in", when=("case.decided_on = unset", "case.finalised_on = unset")),),
            raises=(Signal("called_in"),), next="track_over"),
        Set("called_in", writes=(Write("case.referred_on", "now"),), next="called_in_frees_place",
            meaning="From wherever the investigation stood; nothing happens once a decision has been made."),
        Assign("called_in_frees_place", team=None, next="iopc_assessment"),
    ),
)  # fmt: skip

IOPC_MODE = Stage(
    name="iopc", number=4, title="IOPC assessment and investigation",
    opens_at="iopc_assessment", opens_for={"case.handled_by=iopc": "iopc_takes"}, opens_with={"case.iopc_mode": "independent"},
    opens_midway=(Midway(stands=("iopc_investigation",), when=("case.handled_by=iopc",), takes="iopc_slot"),
                  Midway(stands=("iopc_assessment",))),
    meaning="The IOPC chooses between returning a matter, a local, a directed and an independent investigation; the last two are its own.",
    nodes=(
        Wait("iopc_assessment", lasts=Duration("iopc.assessment", cv="iopc.assessment_cv"), owner=IOPC, time_is="another_body",
             next="iopc_casework", meaning="Papers and answers that the IOPC asks for."),
        Work("iopc_casework", team="iopc_caseworkers", effort=Duration("iopc_caseworkers.hours", cv="iopc.assessment_cv"), next="iopc_mode",
             meaning="Those who decide on the mode are not those who investigate."),
        Decide("iopc_mode", branches=(
            Branch("returned", weight="iopc.mode.returned"),
            Branch("local", weight="iopc.mode.local"),
            Branch("directed", weight="iopc.mode.directed"),
            Branch("independent", weight="iopc.mode.independent"))),
        Set("returned", writes=(Write("case.iopc_mode", "returned"),), next="mode_chosen"),
        Set("local", writes=(Write("case.iopc_mode", "local"),), next="mode_chosen"),
        Set("directed", writes=(Write("case.iopc_mode", "directed"),), next="mode_chosen"),
        Set("independent", writes=(Write("case.iopc_mode", "independent"),), next="mode_chosen"),
        Decide("mode_chosen", branches=(
            Branch("severity_assessment", when=("case.investigated_on = unset",)),
            Branch("route", otherwise=True)),
            meaning="A matter called in has been assessed already."),
        Set("iopc_takes", writes=(Write("case.handled_by", "iopc"),), next="iopc_slot"),
        Assign("iopc_slot", team="iopc", next="iopc_investigation"),
        Wait("iopc_investigation", lasts=Duration("iopc.investigation", cv="iopc.cv", by={
            "case.iopc_mode": "iopc.by_mode", "case.criminal": "iopc.by_criminal"}), owner=IOPC, time_is="another_body",
             next="iopc_report"),
        Work("iopc_report", team="iopc", effort=Duration("iopc.report_hours", cv="iopc.report_cv"), next="iopc_reports"),
        Set("iopc_reports", writes=(Write("case.iopc_report_on", "now"),), next="iopc_place_freed"),
        Assign("iopc_place_freed", team=None, next="force_views"),
        Wait("force_views", lasts=Duration("iopc.views", cv="iopc.views_cv"), owner=FORCE, time_is="waiting_for_own_staff",
             next="views_given", meaning="The force's views on the report, before the IOPC decides or directs."),
        Set("views_given", writes=(Write("case.views_on", "now"),), next="force_test"),
    ),
)  # fmt: skip
