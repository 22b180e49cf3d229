import pytest

from coach.sealing import DoesNotOpen, Sealer, new_key, parse_key

OLD, NEW = parse_key(new_key()), parse_key(new_key())


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
