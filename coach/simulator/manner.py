"""How announcements are carried: all of them at once, or some of them as on a bad day."""

from pydantic import BaseModel, ConfigDict, Field

Share = Field(default=0.0, ge=0, le=1)


class Manner(BaseModel):
    """Shares are of the announcements; each falls by itself, and the same way for the same seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dropped: float = Share
    duplicated: float = Share
    delayed: float = Share
    reordered: float = Share  # held back a little, so that later ones overtake
    delay_seconds: float = Field(default=1800.0, ge=0)
    reorder_seconds: float = Field(default=120.0, ge=0)
    pending: bool = False  # announce a record also while it waits for its score
    signed_again: bool = True  # a retry has a new timestamp; False sends the first headers again
    virtual_stamps: bool = False  # sign with this world's time, not with the wall's
    seed: int = 1


PUNCTUAL = Manner()
