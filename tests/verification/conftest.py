"""The same simulated WHOOP as in tests/whoop."""

from tests.whoop.conftest import linker, whoop

__all__ = ["linker", "whoop"]
