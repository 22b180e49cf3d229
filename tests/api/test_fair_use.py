"""What costs much has the limits of the screens, whoever asks for it by a token."""

import io
from collections.abc import Callable

import pytest
from flask import Flask

from coach.accounts.fair_use import CONNECT, IMPORT, INVITE, SYNC, Use
from tests.api.conftest import Answer, MakeProgram, Program, a_token
from tests.cast import Cast
from tests.security.test_fair_use import use_up
from tests.whoop.conftest import Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]
KEY = {"Idempotency-Key": "again"}
GUEST = {"name": "N", "email": "n@example.org"}


def upload(program: Program) -> Answer:
    file = {"file": (io.BytesIO(b"nothing of ours"), "x.csv")}
    return program("POST", "/clients/me/imports", data=file, headers=KEY)


WAYS: dict[str, tuple[Use, str, Callable[[Program], Answer]]] = {
    "link": (CONNECT, "bea", lambda it: it.post("/whoop/authorizations", headers=KEY)),
    "an upload": (IMPORT, "bea", upload),
    "an invitation": (INVITE, "ann", lambda it: it.post("/invitations", GUEST, headers=KEY)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_program_that_has_had_enough_is_told_when_to_come_back(
    app: Flask, cast: Cast, program: MakeProgram, way: str
) -> None:
    use, name, do = WAYS[way]
    who = getattr(cast, name)
    use_up(app, use, who.user_id, use.per_person)
    refused = do(program(who))
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 0 < int(refused.headers["Retry-After"]) <= use.seconds


def test_what_was_refused_as_too_much_may_be_asked_for_again_by_its_key(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    bea = program(cast.bea)
    use_up(app, CONNECT, cast.bea.user_id, CONNECT.per_person)
    assert bea.post("/whoop/authorizations", headers=KEY).status_code == 429
    use_up(app, CONNECT, cast.bea.user_id, 0)
    assert bea.post("/whoop/authorizations", headers=KEY).status_code == 201


def test_a_service_counts_for_its_organisation_alone(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "mara")
    token = a_token(linker.app, cast.olga, service=True)
    service = Program(linker.app.test_client(use_cookies=False), token)
    path = f"/clients/{cast.bea.client_id}/syncs"
    for _ in range(2):
        assert service.post(path).status_code == 202
    use_up(linker.app, SYNC, cast.bea.organisation_id, SYNC.per_organisation)
    assert service.post(path).status_code == 429
