"""How is a plan played out? Engines read a plan, write a record, and know nothing of what the plan is about."""
