"""`coach doctor`: whether this installation is well, and if not, what is to be done.

Here belong looks at the whole installation, each a few lines that only read and say one sentence.
Not here: mending anything, or what watches all the time (`coach/observability`).
"""
