"""Getting everything back after a disaster: one file with the database and the uploads, and back.

Here belong making that file, restoring it, and what a restored past must be told: who was erased
since, which tokens may be spent already. Not here: the keys that open what is sealed. They are kept
elsewhere, or the file alone would open everything.
"""
