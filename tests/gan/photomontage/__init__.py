"""Tests of gan.photomontage."""
