import pytest
from tests.cast import Cast
from tests.critic import Critic


@pytest.mark.parametrize("path", ["/", "/cabinet", "/cabinet/days", "/cabinet/days/2026-05-14", "/cabinet/integrations", "/cabinet/sharing", "/cabinet/imports", "/cabinet/whoop", "/cabinet/whoop/connect", "/account"])
def test_client(browser: Critic, cast: Cast, path: str) -> None:
    browser.sign_in(cast.bea)
    a = browser.get(path, follow_redirects=True)
    assert a.status_code == 200, a.text


@pytest.mark.parametrize("path", ["/", "/dashboard", "/dashboard?q=zz", "/people", "/account"])
def test_coach(browser: Critic, cast: Cast, path: str) -> None:
    browser.sign_in(cast.ann)
    a = browser.get(path, follow_redirects=True)
    assert a.status_code == 200, a.text
    a = browser.get(f"/dashboard/clients/{cast.bea.client_id}")
    assert a.status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/reset/x", "/invitations/x", "/setup/x", "/healthz", "/readyz", "/nope"])
def test_visitor(browser: Critic, path: str) -> None:
    a = browser.get(path, follow_redirects=True)
    assert a.status_code in (200, 404, 410), a.text
