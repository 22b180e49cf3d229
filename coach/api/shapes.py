"""What all public shapes share: unknown fields are refused, times carry their offset."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator, model_validator
from pydantic.config import JsonDict

Row = TypeVar("Row", bound=BaseModel)
Json = dict[str, object]
MOST_ROWS = 400
LONGEST_CURSOR = 1500


class Said(BaseModel):
    """What a caller sends: an unknown field is a mistake that is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def hold_no_nul(cls, value: object) -> object:
        """Refuse what PostgreSQL cannot store."""
        if isinstance(value, str) and ("\0" in value or _is_broken(value)):
            raise ValueError("must not contain NUL or half characters")
        return value


class Answer(BaseModel):
    """What we answer."""

    model_config = ConfigDict(frozen=True)


def _may_be_sparse(schema: JsonDict) -> None:
    schema.pop("required", None)  # `fields=` leaves out what was not asked for


class Sparse(BaseModel):
    """A row of which a caller may ask for some fields only."""

    model_config = ConfigDict(frozen=True, json_schema_extra=_may_be_sparse)


class Page(Answer, Generic[Row]):
    """Some rows, in a stable order, and the cursor of the next ones; none at the end."""

    items: list[Row]
    next_cursor: str | None


class Paging(Said):
    """Which rows of a list: `cursor` is the `next_cursor` of the page before."""

    limit: int = Field(50, ge=1, le=MOST_ROWS, description="rows a page")
    cursor: str | None = Field(
        None, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before"
    )
    fields: str | None = Field(
        None, max_length=1000, description="names of fields, separated by commas", examples=["date"]
    )


class Chosen(Paging):
    """Rows of some dates."""

    start_date: date | None = Field(None, description="first date, inclusive, in the client's days")
    end_date: date | None = Field(None, description="last date, inclusive, in the client's days")

    @model_validator(mode="after")
    def begin_before_it_ends(self) -> "Chosen":
        """Refuse a span that ends before it begins."""
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise ValueError("start_date must not be after end_date")
        return self


class Only(Said):
    """Which fields of one thing are asked for."""

    fields: str | None = Field(
        None, max_length=1000, description="names of fields, separated by commas", examples=["date"]
    )


class Nothing(Said):
    """A call that takes no parameters."""


Raw = Annotated[Json, WithJsonSchema({"type": "object", "additionalProperties": True})]


def at(moment: datetime, offset_minutes: int | None = 0) -> datetime:
    """Write a moment with the offset of the place where it happened."""
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes or 0)))


def in_utc(moment: datetime | None) -> datetime | None:
    """Write a moment in UTC."""
    return moment.astimezone(UTC) if moment else None


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
