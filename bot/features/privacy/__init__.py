"""`/my-data` and `/forget-me`."""
