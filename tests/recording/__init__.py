"""Tests of msktop.recording."""
