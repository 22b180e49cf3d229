"""Coach: a multi-tenant coaching app that reads WHOOP and never overwrites what a person typed."""

import gc

# To start makes half a million objects, and a list of hundreds tens of thousands that all die with
# the answer; to look among them for cycles after every 700, as Python does by itself, took a tenth
# of each start and a third of such a request.
gc.set_threshold(20_000)
