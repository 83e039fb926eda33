"""What happens to a case? The vocabulary (`kinds`) and the one declaration in it (`misconduct`)."""
