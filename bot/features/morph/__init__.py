"""`/morph`: animations that lead from icon to icon."""
