"""How fast is it, and beside whom? One workload on both engines and on others, and the whole model from the command line."""
