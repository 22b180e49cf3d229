"""SOURCE: the file a client exported from WHOOP.

Here belong opening a stranger's file safely, the rows as the export names them, what a row says
of a day, and the import itself. Not here: which of several sources is believed (days).
"""
