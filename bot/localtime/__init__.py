"""Local time: schedules, time zones and parsing times."""
