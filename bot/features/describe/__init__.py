"""`/describe`: icons with attributes that a person names."""
