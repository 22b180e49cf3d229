"""The client with which everything here asks WHOOP: at the pace of its app, one list for each kind."""

from uuid import UUID

from coach.extensions import settings
from coach.outbound import Outbound
from coach.whoop.client import Authorised, PageOf, TokenSource, Transport, WhoopClient
from coach.whoop.payloads import RecordKind
from coach.whoop.quota.pace import Pace
from coach.work.models import Lane


def connect(tokens: TokenSource, *, app_id: UUID, lane: Lane = Lane.FRESH) -> WhoopClient:
    """Give a client for one person's data at the WHOOP of the settings, at its app's pace."""
    return connect_at(Pace(app_id, lane), tokens)


def connect_at(pace: Pace, tokens: TokenSource) -> WhoopClient:
    """Give a client as `connect` does, at a pace that is kept elsewhere too."""
    base_url = settings().whoop_api_base_url
    transport = Transport(Outbound([base_url]), base_url, pace.before_call, pace.after_call)
    return WhoopClient(Authorised(transport, tokens))


def lister(kind: RecordKind, whoop: WhoopClient) -> PageOf:
    """Give the list of a kind."""
    return {
        RecordKind.CYCLE: whoop.cycles,
        RecordKind.SLEEP: whoop.sleeps,
        RecordKind.RECOVERY: whoop.recoveries,
        RecordKind.WORKOUT: whoop.workouts,
    }[kind]
