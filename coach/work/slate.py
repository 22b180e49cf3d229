"""A slate on which a work horse writes what it is at, and its worker that it should come to an end.

It is memory that a fork shares with its parent, so it outlives a horse that was killed.
"""

from mmap import mmap
from uuid import UUID

_NOBODY = UUID(int=0)
_ID = slice(0, 16)
_STOP = 16


class Slate:
    """One worker's; its horses, one after the other, inherit it."""

    def __init__(self) -> None:
        self._shared = mmap(-1, _STOP + 1)

    def write(self, work_id: UUID | None) -> None:
        """Say what is being done; None for nothing."""
        self._shared[_ID] = (work_id or _NOBODY).bytes

    def read(self) -> UUID | None:
        """Tell what is being done, or was when the horse was killed."""
        work_id = UUID(bytes=self._shared[_ID])
        return None if work_id == _NOBODY else work_id

    def ask_to_stop(self) -> None:
        """Let the horse take up nothing more."""
        self._shared[_STOP] = 1

    def is_to_stop(self) -> bool:
        """Tell whether the horse was asked to stop."""
        return bool(self._shared[_STOP])


slate = Slate()
