"""What may be told of a failure: its kind and where it happened, never what it quotes.

The message of an exception may hold what a person typed: a row, a key, a number that is none.
"""

import traceback
from collections.abc import Iterator


def story(error: BaseException) -> str:
    """Tell an exception and its causes, the first cause first: places and kinds, no messages."""
    return "\n".join(_told(each) for each in reversed(list(_chain(error))))


def kind(error: BaseException) -> str:
    """Name an exception; of one by the database also the name of the constraint."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    diagnosis = getattr(getattr(error, "orig", error), "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    return f"{name} ({constraint})" if constraint else name


def _told(error: BaseException) -> str:
    places = traceback.format_list(traceback.extract_tb(error.__traceback__))
    return "".join(places) + kind(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
