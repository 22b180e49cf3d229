"""What makes a password, and what a try at one costs."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import text

from coach.accounts import passwords, throttle
from coach.extensions import db
from coach.processes import WEB_THREADS
from tests.cast import PASSWORD, Cast
from tests.critic import Critic

ABOUT = ["bea.lindqvist@example.org", "Bea Lindqvist"]


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "password1234",
        "Password1234!",
        "iloveyou2026",
        "123456789123",
        "qwertyqwerty",
        "monkeymonkeymonkey",
        "bea.lindqvist@example.org",
        "lindqvist1987",
        "BeaLindqvist",
        "aaaaaaaaaaaa",
        "whoopwhoopwhoop",
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    assert passwords.is_guessable(password, ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "seven quiet harbours",
        "пароль из трёх слов",
        "8213 9912 7788 4521",
        "🚲 on the moon, twice",
        "x" * 5 + " lindqvist rides north " + "y" * 40,
    ],
)
def test_long_passwords_with_spaces_and_any_script_are_fine(password: str) -> None:
    assert not passwords.is_guessable(password, ABOUT)


def test_a_common_password_is_refused_where_one_is_chosen(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    answer = bea.post_form("/account/password", {"old": PASSWORD, "password": "password1234"})
    assert answer.status_code == 422
    assert "easy to guess" in answer.text


def test_stored_hashes_are_argon2id_at_the_documented_cost(
    documented_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASHER", documented_hasher)
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "HASHER", None)
    assert not passwords.matches("x" * 1_000_000, "anything")


@pytest.fixture
def no_turn_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "WAITS_SECONDS", 0.01)
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords.turns.acquire()
    yield
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords.turns.release()


@pytest.mark.usefixtures("no_turn_left")
def test_too_many_hashes_at_once_are_put_off(app: Flask, cast: Cast) -> None:
    for email in (cast.bea.email, "nobody@example.org"):
        fields = {"email": email, "password": PASSWORD}
        answer = Critic.of(app).post_form("/sign-in", fields)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def no_place_left() -> Iterator[None]:
    most = passwords.HASHES_AT_ONCE + passwords.WAIT_AT_MOST
    for _ in range(most):
        passwords.places.acquire()
    yield
    for _ in range(most):
        passwords.places.release()


@pytest.mark.usefixtures("no_place_left")
def test_in_a_flood_of_guesses_one_more_is_sent_away_at_once_and_is_no_try(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords.turns, "acquire", None)  # nobody waits for a turn
    for _ in range(throttle.TRIES_PER_ACCOUNT + 1):
        fields = {"email": cast.bea.email, "password": PASSWORD}
        answer = Critic.of(app).post_form("/sign-in", fields)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


def test_after_a_check_a_process_rests_for_twice_as_long_as_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    moments = iter([100.0, 100.0, 104.0, 109.0, 112.0, 113.0])
    clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=slept.append)
    monkeypatch.setattr(passwords, "time", clock)
    pace = passwords.Pace()
    for _ in range(2):
        with pace.kept():
            pass
    assert slept == [0.0, 3.0], "nobody waits but who comes while it rests"


def test_a_flood_of_guesses_leaves_threads_to_who_reads_pages() -> None:
    assert passwords.HASHES_AT_ONCE + passwords.WAIT_AT_MOST < WEB_THREADS


def test_known_and_unknown_people_get_the_same_answer(app: Flask, cast: Cast) -> None:
    known, unknown = (
        Critic.of(app).post_form("/sign-in", {"email": email, "password": "not this one"})
        for email in (cast.bea.email, "nobody@example.org")
    )
    assert known.status_code == unknown.status_code == 422
    changing = {"Set-Cookie", "X-Request-ID", "Content-Length", "Date"}
    assert [it for it in known.headers if it[0] not in changing] == [
        it for it in unknown.headers if it[0] not in changing
    ]
    assert _alert(known.text) == _alert(unknown.text)


def test_throttling_does_not_need_redis(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "redis", None)
    fields = {"email": cast.bea.email, "password": "not this one"}
    codes = [Critic.of(app).post_form("/sign-in", fields).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]


def test_one_password_on_very_many_accounts_is_slowed_down(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "TRIES_IN_ALL", 7)
    with app.app_context():
        db.session.execute(text("DELETE FROM login_attempts"))
        tries = "INSERT INTO login_attempts (id, account_hash, address_hash) VALUES (gen_random_uuid(), :n, :n)"
        db.session.execute(text(tries), [{"n": str(n)} for n in range(7)])
        db.session.commit()
    fields = {"email": cast.bea.email, "password": PASSWORD}
    assert Critic.of(app).post_form("/sign-in", fields).status_code == 429


def _alert(page: str) -> str:
    return page.split('class="alert__body"')[1].split("</div>", maxsplit=1)[0]
