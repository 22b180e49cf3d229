"""AWS KMS behind our small interface; needs the extra `kms` (boto3).

Region and credentials come from where boto3 looks for them. Every call has its limits: a slow
service must not hold a worker for longer than a slow WHOOP would.
"""

import os
from collections.abc import Mapping
from typing import NoReturn

import boto3
import structlog
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from coach.sealing.envelope import DataKey
from coach.sealing.errors import DoesNotOpen, KeysAway

log = structlog.get_logger()

LIMITS = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)
NOT_OURS = {"InvalidCiphertextException", "IncorrectKeyException"}


class AwsKms:
    """GenerateDataKey and Decrypt; https://docs.aws.amazon.com/kms/latest/APIReference/."""

    def __init__(self) -> None:
        self._client: tuple[int, BaseClient] | None = None

    def new_data_key(self, key: str, context: Mapping[str, str]) -> DataKey:
        try:
            made = self._here().generate_data_key(
                KeyId=key, KeySpec="AES_256", EncryptionContext=context
            )
        except (ClientError, BotoCoreError) as error:
            _tell(error)
        return DataKey(plain=made["Plaintext"], wrapped=made["CiphertextBlob"])

    def unwrap(self, key: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        try:
            opened = self._here().decrypt(
                KeyId=key, CiphertextBlob=wrapped, EncryptionContext=context
            )
        except (ClientError, BotoCoreError) as error:
            _tell(error)
        plain: bytes = opened["Plaintext"]
        return plain

    def _here(self) -> BaseClient:
        """Give this process's client: its connections must not be shared with forks."""
        if self._client is None or self._client[0] != os.getpid():
            self._client = (os.getpid(), boto3.session.Session().client("kms", config=LIMITS))
        return self._client[1]


def _tell(error: ClientError | BotoCoreError) -> NoReturn:
    """Sort what went wrong; only its kind is logged."""
    kind = type(error).__name__
    if isinstance(error, ClientError):
        kind = str(error.response.get("Error", {}).get("Code", kind))
    if kind in NOT_OURS:
        raise DoesNotOpen("the data key was wrapped by another key or for somebody else") from None
    log.error("kms_gives_no_key", reason=kind)
    raise KeysAway(f"the key management service answers {kind}") from error
