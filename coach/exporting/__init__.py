"""A CLIENT'S DATA OUT: tables for spreadsheets, JSON for programs, and WHOOP's own form to import.

Here belong what each table holds, how it is written and who may take it. Not here: what a person
sees on screen (cabinet, dashboard), and reading what was exported (csv_import).
"""
