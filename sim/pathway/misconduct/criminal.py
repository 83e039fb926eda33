"""What becomes of a criminal side? Investigation, charging decision, trial; and how long misconduct work waits for it."""

from sim.pathway.kinds import Branch, Decide, Duration, Fork, Set, Stage, Wait, Write
from sim.pathway.misconduct.owners import COURTS, CRIMINAL_JUSTICE, PROSECUTORS

CRIMINAL = Stage(
    name="criminal", number=23, title="Criminal track",
    opens_at="criminal_investigation", opens_in=(("", "criminal_track"),),
    meaning="Runs beside the case. It pauses proceedings where the appropriate authority so decides; a fresh decision follows.",
    nodes=(
        Decide("criminal_check", branches=(
            Branch("criminal_begins", weight="criminal.share", by={
                "case.severity": "criminal.by_severity", "allegation.breach": "criminal.by_breach", "case.stream": "criminal.by_stream"}),
            Branch("notice_due", weight="rest"))),
        Set("criminal_begins", writes=(Write("case.criminal", "live"),), next="criminal_track"),
        Fork("criminal_track", start="criminal_investigation", side=True, next="notice_due"),
        Wait("criminal_investigation", lasts=Duration("criminal.investigation", cv="criminal.cv"), owner=CRIMINAL_JUSTICE,
             time_is="legal_pause", next="prosecutor_check"),
        Decide("prosecutor_check", branches=(
            Branch("charging_decision", weight="criminal.prosecutor_share", when=("case.handled_by != iopc",)),
            Branch("charging_decision", weight="criminal.prosecutor_share_iopc", when=("case.handled_by = iopc", "law.charging_test = 0")),
            Branch("charging_decision", weight="criminal.prosecutor_share_iopc_charging_test",
                   when=("case.handled_by = iopc", "law.charging_test = 1")),
            Branch("no_further_action", weight="rest")),
            meaning="Whether the file goes to the Crown Prosecution Service; the IOPC's threshold rose on 29 June 2026."),
        Wait("charging_decision", lasts=Duration("criminal.charging_decision", cv="criminal.cv"), owner=PROSECUTORS,
             time_is="legal_pause", next="charge"),
        Decide("charge", branches=(
            Branch("trial", weight="criminal.charge_share", when=("law.charging_test = 0",)),
            Branch("trial", weight="criminal.charge_share", when=("law.charging_test = 1", "case.handled_by != iopc")),
            Branch("trial", weight="criminal.charge_share_charging_test", when=("law.charging_test = 1", "case.handled_by = iopc")),
            Branch("no_further_action", weight="rest"))),
        Set("no_further_action", writes=(Write("case.criminal_result", "no_further_action"),), next="criminal_ends"),
        Wait("trial", lasts=Duration("criminal.trial", cv="criminal.cv"), owner=COURTS, time_is="legal_pause", next="verdict"),
        Decide("verdict", branches=(
            Branch("convicted", weight="criminal.convicted_share"),
            Branch("acquitted", weight="rest"))),
        Set("acquitted", writes=(Write("case.criminal_result", "acquitted"),), next="criminal_ends",
            meaning="The civil standard applies to misconduct: a case to answer stays open."),
        Set("convicted", next="criminal_ends", writes=(
            Write("case.criminal_result", "convicted"),
            Write("allegation.severity", "gross", when=(
                "law.indictable_conviction_is_gross = 1", "allegation.severity = misconduct", "allegation.seriousness = high")),
            Write("subject.severity", "max allegation.severity"),
            Write("case.severity", "max allegation.severity"))),
        Set("criminal_ends", writes=(Write("case.criminal", "ended"),), next="track_over"),
    ),
)  # fmt: skip
