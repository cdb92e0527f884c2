"""The process: subprocesses, confinement, files, clock and shutdown."""
