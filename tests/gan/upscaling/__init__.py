"""Tests of gan.upscaling."""
