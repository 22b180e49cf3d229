"""Who a client is, and their body measurements."""

from datetime import date as Date  # noqa: N812  # the field is called date
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from coach.accounts.models import Client, FieldGroup, User
from coach.api import clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.record_days import DAYS
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Sparse
from coach.extensions import db
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import BodyMeasurement, RecordKind

TAG = "Clients"


class Profile(Sparse):
    """A client; `user_id` is null until the invitation is accepted."""

    id: UUID
    external_id: str | None = Field(
        description="the organisation's own id", examples=["athlete-17"]
    )
    user_id: UUID | None
    name: str = Field(examples=["Bea"])
    email: str | None = Field(examples=["bea@example.org"])
    timezone: str = Field(examples=["Europe/Berlin"])


class Measurement(Sparse):
    """What WHOOP said of a body on one date; it keeps no history, so neither is complete."""

    date: Date
    height_m: float | None
    weight_kg: float | None
    max_heart_rate: int | None = Field(description="bpm")


class MeasurementPage(Page[Measurement]):
    """Body measurements, newest first."""


@operation("/clients/<client_id>/profile", Scope.READ_DAYS, Profile, tag=TAG)
def get_profile(client_id: str) -> Profile:
    """Say who a client is."""
    return profile_of(clients.find(client_id))


@operation(
    "/clients/<client_id>/body-measurements", Scope.READ_DAYS, MeasurementPage, tag="Records"
)
def list_body_measurements(client_id: str, query: Chosen) -> MeasurementPage:
    """List body measurements, newest first; none when the check-in group is not shared."""
    looked = clients.look(client_id, "body measurements")
    chosen = select(WhoopRecord).where(
        *theirs(WhoopRecord, looked.client),
        WhoopRecord.kind == RecordKind.BODY_MEASUREMENT,
        WhoopRecord.deleted_at.is_(None),
        *of_dates(DAYS[RecordKind.BODY_MEASUREMENT], query),
    )
    if not looked.sees(FieldGroup.CHECK_IN):
        return MeasurementPage(items=[], next_cursor=None)
    found, cursor = paging.rows(chosen, [WhoopRecord.provider_id], query)
    return MeasurementPage(items=[_measurement(row) for row in found], next_cursor=cursor)


def profile_of(client: Client) -> Profile:
    """Write who a client is."""
    email = db.session.scalar(select(User.email).where(User.id == client.user_id))
    return Profile(
        id=client.id,
        external_id=client.external_id,
        user_id=client.user_id,
        name=client.name,
        email=email,
        timezone=client.timezone,
    )


def _measurement(row: WhoopRecord) -> Measurement:
    told, _problems = BodyMeasurement.parse(row.raw)
    body = told or BodyMeasurement()
    return Measurement(
        date=Date.fromisoformat(row.provider_id),
        height_m=body.height_meter,
        weight_kg=body.weight_kilogram,
        max_heart_rate=body.max_heart_rate,
    )
