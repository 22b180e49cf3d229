"""The keys of KMS_KEYS: each in AWS KMS, all with one memory."""

from collections.abc import Sequence

from coach.sealing.aws import AwsKms
from coach.sealing.envelope import EnvelopeKey
from coach.sealing.remembered import Remembered


def keys_of_aws(names: Sequence[str], *, seconds: float) -> list[EnvelopeKey]:
    """Give a key for each id, ARN or alias; data keys are remembered for so many seconds."""
    kms, remembered = AwsKms(), Remembered(seconds)
    return [EnvelopeKey(name, kms, remembered) for name in names]
