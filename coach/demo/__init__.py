"""`coach demo`: everything at once on one machine, with made-up people.

Here belongs what the demo starts and whom it makes. The people get their data the way real ones
do: through the pages a browser shows, WHOOP's consent page included. Not here: any short cut.
"""
