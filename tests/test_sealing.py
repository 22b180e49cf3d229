"""Sealing by keys of our own, and by data keys that a key management service wraps."""

import os
from collections.abc import Mapping

import pytest
from moto import mock_aws

from coach.sealing import DoesNotOpen, KeysAway, LocalKey, Sealer, new_key, parse_key
from coach.sealing.aws import AwsKms
from coach.sealing.envelope import DataKey, EnvelopeKey
from coach.sealing.remembered import LONGEST, Remembered

OLD, NEW = LocalKey(parse_key(new_key())), LocalKey(parse_key(new_key()))


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeKms:
    """Wraps by remembering; may be slow, refuse by number, or be away."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.away = False
        self.slow = 0.0
        self.allowed: int | None = None
        self.calls = 0
        self.kept: dict[bytes, tuple[str, bytes, dict[str, str]]] = {}

    def new_data_key(self, key: str, context: Mapping[str, str]) -> DataKey:
        self._answer()
        made = DataKey(plain=os.urandom(32), wrapped=os.urandom(184))
        self.kept[made.wrapped] = (key, made.plain, dict(context))
        return made

    def unwrap(self, key: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        self._answer()
        by, plain, told = self.kept.get(wrapped, ("", b"", {}))
        if (by, told) != (key, dict(context)):
            raise DoesNotOpen("another context")
        return plain

    def _answer(self) -> None:
        self.calls += 1
        self.clock.now += self.slow
        if self.away or (self.allowed is not None and self.calls > self.allowed):
            raise KeysAway("throttled" if not self.away else "away")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kms(clock: Clock) -> FakeKms:
    return FakeKms(clock)


@pytest.fixture
def managed(kms: FakeKms, clock: Clock) -> Sealer:
    return Sealer([EnvelopeKey("alias/coach", kms, Remembered(900, clock)), OLD])


def test_what_is_sealed_opens_at_its_place() -> None:
    sealer = Sealer([NEW])
    assert sealer.open(sealer.seal("token", place="a/b/c"), place="a/b/c") == "token"


def test_a_value_moved_elsewhere_does_not_open() -> None:
    sealer = Sealer([NEW])
    with pytest.raises(DoesNotOpen):
        sealer.open(sealer.seal("token", place="a/b/c"), place="a/x/c")


def test_an_older_key_still_opens_and_a_missing_one_says_so() -> None:
    sealed = Sealer([OLD]).seal("token", place="p")
    assert Sealer([NEW, OLD]).open(sealed, place="p") == "token"
    with pytest.raises(DoesNotOpen, match="ENCRYPTION_KEYS"):
        Sealer([NEW]).open(sealed, place="p")


def test_the_same_text_never_looks_the_same() -> None:
    sealer = Sealer([NEW])
    assert sealer.seal("token", place="p") != sealer.seal("token", place="p")


@pytest.mark.parametrize(
    "broken", ["", "v1", "v1.{id}", "v1.{id}.", "v1.{id}.AA", "v1.{id}.?", "x"]
)
def test_a_broken_value_does_not_open(broken: str) -> None:
    with pytest.raises(DoesNotOpen):
        Sealer([NEW]).open(broken.format(id=NEW.id), place="p")


def test_a_managed_value_opens_and_tells_nothing(managed: Sealer) -> None:
    sealed = managed.seal("token", place="org/link/access_token")
    assert "token" not in sealed
    assert managed.open(sealed, place="org/link/access_token") == "token"


def test_one_organisation_takes_one_data_key_for_as_long_as_it_is_remembered(
    managed: Sealer, kms: FakeKms, clock: Clock
) -> None:
    for number in range(100):
        managed.open(managed.seal("token", place=f"org/{number}/t"), place=f"org/{number}/t")
    assert kms.calls == 1
    managed.seal("token", place="other/1/t")
    assert kms.calls == 2
    clock.now += 901
    managed.seal("token", place="org/1/t")
    assert kms.calls == 3


def test_the_service_unwraps_a_data_key_for_no_other_organisation(
    managed: Sealer, clock: Clock
) -> None:
    sealed = managed.seal("token", place="org/link/t")
    clock.now += 901
    with pytest.raises(DoesNotOpen):
        managed.open(sealed, place="other/link/t")


def test_a_managed_value_moved_within_its_organisation_does_not_open(managed: Sealer) -> None:
    sealed = managed.seal("token", place="org/link/t")
    with pytest.raises(DoesNotOpen):
        managed.open(sealed, place="org/other/t")


def test_without_the_service_what_is_remembered_goes_on_and_nothing_else(
    managed: Sealer, kms: FakeKms, clock: Clock
) -> None:
    sealed = managed.seal("token", place="org/link/t")
    kms.away = True
    assert managed.open(sealed, place="org/link/t") == "token"
    assert managed.open(managed.seal("new", place="org/link/t"), place="org/link/t") == "new"
    for place in ("other/link/t", "third/link/t"):
        with pytest.raises(KeysAway):
            managed.seal("token", place=place)
    clock.now += 901
    with pytest.raises(KeysAway):
        managed.open(sealed, place="org/link/t")
    kms.away = False
    assert managed.open(sealed, place="org/link/t") == "token"


def test_a_throttled_service_stops_only_what_is_not_remembered(
    managed: Sealer, kms: FakeKms
) -> None:
    kms.allowed = 1
    managed.seal("token", place="org/link/t")
    with pytest.raises(KeysAway):
        managed.seal("token", place="other/link/t")
    managed.seal("token", place="org/link/t")


def test_a_slow_service_shortens_no_life_of_a_data_key(
    managed: Sealer, kms: FakeKms, clock: Clock
) -> None:
    kms.slow = 5.0
    managed.seal("token", place="org/link/t")
    clock.now += 890
    managed.seal("token", place="org/link/t")
    assert kms.calls == 1


def test_who_spends_a_refresh_token_can_seal_for_the_next_minute(
    managed: Sealer, kms: FakeKms, clock: Clock
) -> None:
    managed.seal("token", place="org/link/t")
    clock.now += 850  # 50 seconds are left
    managed.make_ready("org/link/t")
    assert kms.calls == 2
    kms.away = True
    clock.now += 850
    with pytest.raises(KeysAway):
        managed.make_ready("org/link/t")


def test_a_key_of_our_own_still_opens_behind_a_managed_one(managed: Sealer) -> None:
    sealed = Sealer([OLD]).seal("token", place="org/link/t")
    assert managed.open(sealed, place="org/link/t") == "token"
    assert managed.newest != OLD.id


def test_a_fork_remembers_what_another_process_asked_for(clock: Clock) -> None:
    remembered = Remembered(60, clock)
    if (child := os.fork()) == 0:
        remembered.put("name", b"from a work horse")
        os._exit(0)
    os.waitpid(child, 0)
    kept = remembered.get("name")
    assert kept is not None
    assert kept.payload == b"from a work horse"


def test_a_torn_or_too_long_entry_counts_as_absent(clock: Clock) -> None:
    remembered = Remembered(60, clock)
    remembered.put("long", b"x" * (LONGEST + 1))
    assert remembered.get("long") is None
    remembered.put("name", b"payload")
    whole = remembered._shared[:]  # noqa: SLF001  # a writer that died half way
    remembered._shared[: len(whole)] = whole.replace(b"payload", b"pay!oad")  # noqa: SLF001
    assert remembered.get("name") is None


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.usefixtures("aws")
def test_aws_wraps_data_keys_for_one_context_and_one_key() -> None:
    with mock_aws():
        kms = AwsKms()
        client = kms._here()  # noqa: SLF001
        name = client.create_key()["KeyMetadata"]["KeyId"]
        made = kms.new_data_key(name, {"coach": "org"})
        assert len(made.plain) == 32
        assert kms.unwrap(name, made.wrapped, {"coach": "org"}) == made.plain
        with pytest.raises(DoesNotOpen):
            kms.unwrap(name, made.wrapped, {"coach": "other"})
        with pytest.raises(KeysAway, match="NotFoundException"):
            kms.new_data_key("alias/absent", {"coach": "org"})


@pytest.mark.usefixtures("aws")
def test_a_rotation_moves_from_a_key_of_ours_to_one_of_aws() -> None:
    with mock_aws():
        kms = AwsKms()
        name = kms._here().create_key()["KeyMetadata"]["Arn"]  # noqa: SLF001
        sealer = Sealer([EnvelopeKey(name, kms, Remembered(900)), OLD])
        before = Sealer([OLD]).seal("token", place="org/link/t")
        after = sealer.seal(sealer.open(before, place="org/link/t"), place="org/link/t")
        assert after.startswith(f"v2.{sealer.newest}.")
        assert sealer.open(after, place="org/link/t") == "token"
