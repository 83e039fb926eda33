"""Does the model match what was seen, which numbers could have made it so, and how much of an answer is ignorance?"""
