"""The workload as it is written elsewhere: one file for each tool, as a user of that tool would write it."""
