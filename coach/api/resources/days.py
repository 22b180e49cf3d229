"""Days: what is believed of a client on each date, who said it, and what people type."""

from collections.abc import Collection
from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from json import dumps as json_of
from typing import Any
from uuid import UUID

from pydantic import Field, JsonValue, create_model
from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.models import Role
from coach.accounts.sharing import fields_of
from coach.api import auth, clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.clients import Looked
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse, in_utc
from coach.check_ins import saying
from coach.dashboard.client_routes import OWN_WORDS
from coach.database.tenancy import current_organisation
from coach.days import editing
from coach.days.day_form import EDITABLE, LONGEST_NOTE
from coach.days.editing import USE_DEVICE, Edit
from coach.days.metrics import METRICS, Metric
from coach.days.models import DailyLog
from coach.extensions import db
from coach.web.problems import FieldError, Refused, invalid

TAG = "Days"
_TYPES = {"number": float, "whole": int, "time": datetime, "text": str}
_EXAMPLES = {"recovery_score": 67.0, "hrv": 61.4, "strain": 11.2, "sleep_hours": 7.4}


class DayMarks(Sparse):
    """What a day says of itself beside its values; what is not shared is null."""

    date: Date = Field(examples=["2026-05-14"])
    source: str = Field(
        description="`whoop` when any value shown came from WHOOP, else `manual`",
        examples=["whoop"],
    )
    sources: dict[str, str] = Field(
        description="per field `manual`, `whoop` or `whoop_export`", examples=[{"hrv": "whoop"}]
    )
    doubtful: list[str] = Field(
        description="fields that are to be taken with care", examples=[["hrv"]]
    )
    calibrating: bool = Field(description="WHOOP still learns what is usual")
    state: str = Field(
        description="`provisional` while the day goes on, then `final`", examples=["final"]
    )
    version: int = Field(description="send it back to change the day")
    not_shared: list[str] = Field(
        description="field groups the client does not share with you", examples=[["journal"]]
    )


def _field(metric: Metric) -> tuple[Any, Any]:  # what pydantic takes for a field
    example = _EXAMPLES.get(metric.name)
    said = Field(description=metric.unit, examples=[example] if example else None)
    return _TYPES[metric.kind] | None, said


_values: dict[str, Any] = {name: _field(metric) for name, metric in METRICS.items()}
Day = create_model("Day", __base__=DayMarks, **_values)


class DayPage(Page[Day]):
    """Days, newest first."""


class Edits(Said):
    """What a person types: null is empty on purpose; `use_device` takes back what was typed."""

    version: int = Field(ge=0, le=2**31 - 1, description="the version you saw; 0: no day yet")
    values: dict[str, JsonValue] = Field(
        default_factory=dict, max_length=len(METRICS), examples=[{"hrv": 61.5}]
    )
    use_device: list[str] = Field(
        default_factory=list,
        max_length=len(METRICS),
        description="fields to give back to WHOOP",
        examples=[["sleep_hours"]],
    )


@operation("/clients/<client_id>/days", Scope.READ_DAYS, DayPage, tag=TAG)
def list_days(client_id: str, query: Chosen) -> DayPage:
    """List the days of a client, newest first."""
    looked = clients.look(client_id, "days")
    chosen = select(DailyLog).where(
        *theirs(DailyLog, looked.client),
        *of_dates(DailyLog.date, query),
    )
    found, cursor = paging.rows(chosen, [DailyLog.date], query)
    visible = fields_of(looked.shares)
    shown = [_day(row, visible, looked.withheld) for row in found if _is_seen(row, visible)]
    return DayPage(items=shown, next_cursor=cursor)


@operation("/clients/<client_id>/days/<date>", Scope.READ_DAYS, Day, tag=TAG)
def get_day(client_id: str, date: str) -> Sparse:
    """Give one day of a client."""
    looked = clients.look(client_id, "days")
    day = clients.day_in_path(date, client=looked.client)
    return _one(looked, day)


@operation(
    "/clients/<client_id>/days/<date>",
    Scope.WRITE_DAYS,
    Day,
    tag=TAG,
    method="PUT",
)
def edit_day(client_id: str, date: str, json: Edits) -> Sparse:
    """Type values of one day: no device changes them until they are given back.

    409 when somebody changed the day since you saw it, with what the values are by now.
    """
    looked = _editable(client_id)
    day = clients.day_in_path(date, client=looked.client)
    edits = _edits(json, _typable(looked))
    try:
        editing.type_values(
            looked.client.id, day, edits, by=auth.caller().user_id, version=json.version
        )
    except editing.Stale as stale:
        raise _stale(looked.client.id, day, edits, stale.newest) from None
    except editing.Impossible as impossible:
        raise invalid(f"values.{impossible.field}", _possible(impossible.field)) from None
    if "mood" in edits:
        saying.follow_day(looked.client.id, day, by=auth.caller())
    db.session.expire_all()
    if auth.caller().role is not Role.CLIENT:
        typed = {"fields": sorted(edits)}
        audit.record(
            "day_corrected", by=auth.caller().user_id, subject=looked.client.id, details=typed
        )
    found = _log(looked, day) or _empty(day)  # when the last word of a day was taken back
    return _day(found, fields_of(looked.shares), looked.withheld)


def _stale(client_id: UUID, day: Date, edits: Collection[str], newest: int) -> Refused:
    """Refuse what was typed over values that are others by now, and name these."""
    found = db.session.get(
        DailyLog, (current_organisation(), client_id, day), populate_existing=True
    )
    errors = [FieldError("version", f"the day is at version {newest} by now")]
    errors += [
        FieldError(
            f"values.{name}", f"is {json_of(getattr(found, name, None), default=str)} by now"
        )
        for name in edits
    ]
    return Refused(409, "Somebody changed the day.", errors=errors)


def _typable(looked: Looked) -> frozenset[str]:
    """Name what the caller may type; a client's own words are nobody else's."""
    own = auth.caller().role is Role.CLIENT or auth.is_service()
    return fields_of(looked.shares) - (frozenset() if own else OWN_WORDS)


def _editable(client_id: str) -> Looked:
    """Find a client to type for: themselves, or whom the caller coaches; an owner only looks."""
    client = clients.find(client_id)
    if auth.caller().role is not Role.CLIENT and not auth.is_service():
        auth.caller().coached_or_404(client.id)
    return Looked(client, auth.shared(client.id))


def _edits(said: Edits, visible: Collection[str]) -> dict[str, Edit]:
    for name in (*said.values, *said.use_device):
        if name not in EDITABLE or name not in visible:
            raise invalid(f"values.{name[:50]}", "is no value that you may type")
    typed = {name: _typed(METRICS[name], value) for name, value in said.values.items()}
    return {**typed, **dict.fromkeys(said.use_device, USE_DEVICE)}


def _typed(metric: Metric, value: JsonValue) -> Edit:
    if value is None:
        return None
    if isinstance(value, str) and len(value) > LONGEST_NOTE:
        raise invalid(f"values.{metric.name}", f"must have at most {LONGEST_NOTE} characters")
    known = isinstance(value, int | float | str) and not isinstance(value, bool)
    if not known or not metric.accepts(value):  # type: ignore[arg-type]  # seen above
        raise invalid(f"values.{metric.name}", _possible(metric.name))
    return int(value) if metric.kind == "whole" else value  # type: ignore[arg-type,return-value]  # as above


def _possible(name: str) -> str:
    metric = METRICS[name]
    if metric.kind == "text":
        return "must be text"
    return f"must be a number from {metric.low:g} to {metric.high:g} {metric.unit}".strip()


def _one(looked: Looked, day: Date) -> Sparse:
    found, visible = _log(looked, day), fields_of(looked.shares)
    if found is None or not _is_seen(found, visible):
        raise Refused(404)
    return _day(found, visible, looked.withheld)


def _log(looked: Looked, day: Date) -> DailyLog | None:
    owner = looked.client.organisation_id
    return db.session.get(DailyLog, (owner, looked.client.id, day))


def _empty(day: Date) -> DailyLog:
    return DailyLog(date=day, version=0, state="final", sources={}, doubtful=[], calibrating=False)


def _is_seen(log: DailyLog, visible: Collection[str]) -> bool:
    """Tell whether anything that is shared is known of a day."""
    return any(name in visible for name in log.sources)


def _day(log: DailyLog, visible: Collection[str], withheld: list[str]) -> Sparse:
    # Of our own columns, which the database has checked: nothing is validated a second time.
    values: dict[str, Any] = {
        name: getattr(log, name) if name in visible else None for name in METRICS
    }
    sources = {name: str(said) for name, said in log.sources.items() if name in visible}
    return Day.model_construct(
        date=log.date,
        source="whoop" if set(sources.values()) - {"manual"} else "manual",
        sources=sources,
        doubtful=[name for name in log.doubtful if name in visible],
        calibrating=log.calibrating,
        state=log.state,
        version=log.version,
        not_shared=withheld,
        **{
            **values,
            "sleep_started_at": in_utc(values["sleep_started_at"]),
            "sleep_ended_at": in_utc(values["sleep_ended_at"]),
        },
    )
