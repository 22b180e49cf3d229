"""THE FORMULAS: plain Python over runs of days; each names its source, window and version.

Not here: anything that knows a database, a request or a person's name. Baselines are a person's
own; below its minimum of days a figure is refused, never guessed.
"""
