"""Tests of gan.second_stages.photomontage."""
