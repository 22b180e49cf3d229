"""Fair use: how often a person, and all of an organisation, may do what costs much.

Counted in Redis, by the hour or minute. While it is away nobody is held up: what guards accounts
(`throttle`) counts in PostgreSQL.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from time import time
from typing import Final
from uuid import UUID

from flask import current_app
from flask.typing import ResponseReturnValue
from redis import Redis
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from coach.accounts.access import View, viewer

AN_HOUR: Final = 3600
A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Use:
    """Something that costs much, and how often it is fair within so many seconds."""

    name: str
    per_person: int
    per_organisation: int
    seconds: int


CONNECT = Use("connect", per_person=20, per_organisation=1000, seconds=AN_HOUR)
EXPORT = Use("export", per_person=60, per_organisation=600, seconds=AN_HOUR)
IMPORT = Use("import", per_person=100, per_organisation=2000, seconds=AN_HOUR)
INVITE = Use("invite", per_person=600, per_organisation=2000, seconds=24 * AN_HOUR)
SEARCH = Use("search", per_person=120, per_organisation=2400, seconds=A_MINUTE)
SYNC = Use("sync", per_person=60, per_organisation=2000, seconds=AN_HOUR)


def limited(use: Use) -> Callable[[View], View]:
    """Let a view be used so often; beyond that it answers 429 and says when to come back."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **keywords: object) -> ResponseReturnValue:
            spend(use)
            return view(*args, **keywords)

        return guarded

    return guard


def spend(use: Use, times: int = 1) -> None:
    """Count a use by who is looking; raises TooManyRequests when it is one too many."""
    looking = viewer()
    of_whom = {looking.user_id: use.per_person, looking.organisation_id: use.per_organisation}
    spend_of(use, of_whom, times)


def spend_of(use: Use, of_whom: Mapping[UUID, int], times: int = 1) -> None:
    """Count a use by people and organisations, each with its limit; raises TooManyRequests."""
    moment = time()
    window = int(moment) // use.seconds
    keys = [f"coach:use:{use.name}:{who}:{window}" for who in of_whom]
    counted = _counted(keys, times, use.seconds)
    if any(count > limit for count, limit in zip(counted, of_whom.values(), strict=True)):
        wait = (window + 1) * use.seconds - int(moment)
        raise TooManyRequests(retry_after=wait)


def _counted(keys: Sequence[str], times: int, seconds: int) -> Sequence[int]:
    """Count, and give how many each window holds by now; nothing when nobody can say."""
    redis: Redis = current_app.extensions["redis"]
    with suppress(RedisError), redis.pipeline(transaction=False) as asked:
        for key in keys:
            asked.incrby(key, times)
        for key in keys:
            asked.expire(key, seconds)
        return [int(count) for count in asked.execute()[: len(keys)]]
    return [0] * len(keys)
