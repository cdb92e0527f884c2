"""Local days and times: schedules, time zones and what people call them."""
