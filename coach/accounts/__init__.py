"""WHO: organisations, coaches, clients, invitations, consents, and who did what.

Here belong people, how they belong together, signing in, and `Viewer`, the only door to clients.
Not here: anything a device measured.
"""
