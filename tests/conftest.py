"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure: hypothesis would report an example that took 200 ms.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
