"""A stand-in for WHOOP: its sign-in, its consent page, its API and its export, for development and tests.

Here belongs: everything that plays WHOOP's side. Here does not belong: anything of ours. This package imports
nothing of the features and no feature imports it; the app reaches it by its two base addresses, like WHOOP itself.
"""
