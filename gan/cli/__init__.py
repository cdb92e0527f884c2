"""The commands of ``python -m gan``, one module each: they read options, call the library and say what was done."""
