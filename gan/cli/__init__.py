"""The commands of ``python -m gan``, one module each: read options, call the library, report."""
