"""The process: its subprocesses, their confinement, files, clock and end."""
