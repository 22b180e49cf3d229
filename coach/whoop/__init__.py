"""SOURCE: everything that knows the word WHOOP.

Here belong the grant, the client, WHOOP's shapes and their translation into readings, sync and the
pages to connect and disconnect. Not here: what a day believes (days), how insights are computed,
and how HTTP leaves the house (outbound). No other folder knows WHOOP's names.
"""
