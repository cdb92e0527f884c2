"""REST API v10, one file a family of routes; pipeline.py is what every request goes through."""
