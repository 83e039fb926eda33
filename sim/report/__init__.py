"""What do we say? Tables, figures and the summary of a study; nothing is computed that is not in one of its tables.

`write` leaves figures and tables in a folder, `figure` draws one of them, `print_summary` says the main thing on a screen, `headline_table` is the table both
begin with. Every output says that the model is illustrative, and shows published figures beside its own with their role.
"""

from sim.report.summary import print_summary
from sim.report.tables import headline_table
from sim.report.write import figure, not_drawn, write, write_tables

__all__ = ["figure", "headline_table", "not_drawn", "print_summary", "write", "write_tables"]
