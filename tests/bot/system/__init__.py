"""Programs that the tests of confinement run in place of a decoder, and those tests."""
