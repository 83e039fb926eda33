"""How do police misconduct allegations move from report to outcome, and what would change that?"""

__version__ = "0.1.0"
