"""What do these posts, on these dates, do? A staffing sheet becomes dated numbers of posts and of speed, laid over a scenario."""

from sim.scenario.staffing.columns import Row
from sim.scenario.staffing.elsewhere import elsewhere
from sim.scenario.staffing.laid import present_rows, replaced, rows_of_any_world, staff, staffed_teams
from sim.scenario.staffing.roster import Quarter, Roster, roster
from sim.scenario.staffing.sheet import LAYOUT, Sheet, plain, read_sheet, write_sheet

__all__ = [
    "LAYOUT",
    "Quarter",
    "Roster",
    "Row",
    "Sheet",
    "elsewhere",
    "plain",
    "present_rows",
    "read_sheet",
    "replaced",
    "roster",
    "rows_of_any_world",
    "staff",
    "staffed_teams",
    "write_sheet",
]
