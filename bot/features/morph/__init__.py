"""`/morph`: animations between icons."""
