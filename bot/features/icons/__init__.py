"""`/melicon`, `/me` and `/name`, and the buttons of a single icon."""
