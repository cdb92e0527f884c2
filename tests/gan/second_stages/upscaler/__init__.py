"""Tests of gan.second_stages.upscaler."""
