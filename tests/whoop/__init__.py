"""Tests of coach.whoop."""
