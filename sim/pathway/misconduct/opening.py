"""What is so of a case that is open when a run begins, by how far it has come?"""

RECORDED = {"case.recorded": "yes"}
ASSESSED = {"case.investigated_on": "received"}
REPORTED = {**ASSESSED, "case.report_on": "received"}
DECIDED = {
    **REPORTED,
    "case.decided_on": "received",
    "allegation.decision": "case_to_answer",
    "allegation.decided_on": "received",
    "subject.case_to_answer": "case.severity",
}
REFERRED = {**DECIDED, "subject.referred_on": "received", "subject.route": "hearing"}
"""Dates of which nothing is known are the day of receipt."""
