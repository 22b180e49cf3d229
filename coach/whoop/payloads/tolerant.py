"""A tolerant reader: a senseless field becomes None and is reported, the record lives on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

MAX_TEXT = 200
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a record that we could not use; never holds the value itself."""

    record: str
    key: str
    field: str
    reason: str


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are not numbers")  # noqa: TRY004 - pydantic wants it
    return value


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is written as text")  # noqa: TRY004 - pydantic wants it
    return value


def _in_utc(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("not a time of our era")
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # WHOOP: no zone means UTC
    return zoned.astimezone(UTC)


Number = Annotated[float, BeforeValidator(_no_truth), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_no_truth), Field(ge=-(2**63), lt=2**63)]
Moment = Annotated[datetime, BeforeValidator(_only_text), AfterValidator(_in_utc)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]


_moment = TypeAdapter[datetime](Moment)


def parse_moment(value: object) -> datetime | None:
    """Read a time as a record would; None for what is none."""
    try:
        return _moment.validate_python(value)
    except ValidationError:
        return None


class Payload(BaseModel):
    """Something WHOOP sent; what is null, absent or senseless is None."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    indispensable: ClassVar[frozenset[str]] = frozenset()
    key: ClassVar[str] = "id"

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> tuple[Self | None, list[Problem]]:
        """Read what can be read; None when the record cannot be told from others."""
        notes: list[tuple[str, str]] = []
        try:
            record = cls.model_validate(dict(raw), context=notes)
        except ValidationError as error:
            record = None
            notes += [(f"{cls.__name__}.{one['loc'][0]}", one["type"]) for one in error.errors()]
        key = str(raw.get(cls.key))[:MAX_TEXT]
        return record, [Problem(cls.__name__, key, field, reason) for field, reason in notes]

    @classmethod
    def parse_all(cls, raws: Iterable[Mapping[str, object]]) -> tuple[list[Self], list[Problem]]:
        """Read many; those refused are missing from the list and named in the problems."""
        records: list[Self] = []
        problems: list[Problem] = []
        for raw in raws:
            record, found = cls.parse(raw)
            records += [] if record is None else [record]
            problems += found
        return records, problems

    @field_validator("*", mode="wrap")
    @classmethod
    def _forgive(
        cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> object:
        try:
            return read(value)
        except ValidationError as error:
            if info.context is None or info.field_name in cls.indispensable:
                raise
            info.context.append((f"{cls.__name__}.{info.field_name}", error.errors()[0]["type"]))
            return None
