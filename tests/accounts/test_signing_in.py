from tests.cast import Cast
from tests.critic import Critic


def test_a_person_signs_in_and_lands_where_they_belong(browser: Critic, cast: Cast) -> None:
    answer = browser.post_form(
        "/sign-in", {"email": cast.bea.email, "password": "correct horse battery"}
    )
    assert answer.status_code == 303
    assert browser.get("/", follow_redirects=True).request.path == "/cabinet"


def test_a_wrong_password_says_what_to_do(browser: Critic, cast: Cast) -> None:
    answer = browser.post_form("/sign-in", {"email": cast.bea.email, "password": "nope"})
    assert answer.status_code == 422
    assert "choose a new password" in answer.text


def test_signing_out_makes_every_copied_cookie_worthless(browser: Critic, cast: Cast) -> None:
    browser.sign_in(cast.bea)
    copied = browser.get_cookie("coach")
    assert copied
    browser.post_form("/sign-out", page="/account")
    browser.set_cookie("coach", copied.value)
    assert browser.get("/cabinet").status_code == 303


def test_the_session_id_changes_when_signing_in(browser: Critic, cast: Cast) -> None:
    browser.token()
    before = browser.get_cookie("coach")
    browser.sign_in(cast.bea)
    after = browser.get_cookie("coach")
    assert before
    assert after
    assert before.value != after.value
