"""Tests of the export importer."""
