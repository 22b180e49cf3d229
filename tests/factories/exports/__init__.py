"""Exports in every generation, language and quirk, each with the rows it must give.

Here belong a made-up life, how WHOOP and spreadsheets write it down, and the table of fixtures.
Nothing here may ask the application: what is expected is worked out on its own.
"""
