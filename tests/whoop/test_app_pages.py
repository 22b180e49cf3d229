"""The owner's page about WHOOP: what it takes, what it shows, and what it never shows."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db, sealer
from coach.sealing import DoesNotOpen
from coach.whoop import apps
from coach.whoop.grant.models import AppStanding
from coach.whoop.models import WhoopApp
from coach.whoop.quota import pace
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.announcing import SECRET as INSTALLATION_SECRET
from tests.whoop.announcing import body, post, signed
from tests.whoop.own_app import CLIENT_ID, NEW_SECRET, PAGE, SECRET, enter

LIMITS = {"per_minute": "50", "per_day": "700", "member_cap": "0"}


def row_of(app: Flask, who: Somebody) -> WhoopApp | None:
    with app.app_context():
        mine = WhoopApp.organisation_id == who.organisation_id
        return db.session.scalar(db.select(WhoopApp).where(mine))


def test_an_owner_enters_an_app_and_learns_what_to_register(app: Flask, cast: Cast) -> None:
    browser, slug = enter(app, cast.olga)
    page = browser.get(PAGE).text
    assert f'value="http://localhost/cabinet/whoop-callback/{slug}"' in page
    assert f'value="http://localhost/webhooks/whoop/{slug}"' in page
    assert re.fullmatch(r"[0-9a-f]{16}", slug)
    assert CLIENT_ID in page


def test_a_secret_is_sealed_and_shown_on_no_page_and_in_no_log(
    app: Flask, cast: Cast, capfd: pytest.CaptureFixture[str]
) -> None:
    browser, _ = enter(app, cast.olga)
    browser.post_form(f"{PAGE}/secrets", {"secret": NEW_SECRET})
    bad = browser.post_form(f"{PAGE}/secrets", {"secret": "own-canary with spaces"})
    pages = browser.get(PAGE).text + bad.text
    row = row_of(app, cast.olga)
    assert row
    stored = str(row.sealed_secrets)
    assert bad.status_code == 422
    assert "own-canary" not in pages + stored + str(capfd.readouterr())
    assert "In use since" in pages
    with app.app_context():
        assert apps.app_of(cast.olga.organisation_id).secret == NEW_SECRET
        assert "canary" not in repr(apps.app_of(cast.olga.organisation_id))


def test_a_sealed_secret_opens_for_its_own_app_only(app: Flask, cast: Cast) -> None:
    enter(app, cast.olga)
    enter(app, cast.zoe)
    mine, theirs = row_of(app, cast.olga), row_of(app, cast.zoe)
    assert mine
    assert theirs
    with app.app_context(), pytest.raises(DoesNotOpen):
        sealer().open(mine.sealed_secrets[0]["sealed"], place=f"whoop_apps/{theirs.id}/secret")


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"client_id": "x"},
        {"client_id": "", "secret": SECRET},
        {"client_id": "two words", "secret": SECRET},
        {"client_id": "x" * 201, "secret": SECRET},
        {"client_id": "x", "secret": "short"},
        {"client_id": "x", "secret": "ünïcode-secret"},
        {"client_id": "x\n", "secret": SECRET},
        {"client_id": "x\x00", "secret": SECRET},
    ],
    ids=str,
)
def test_nonsense_is_refused_and_nothing_kept(
    app: Flask, cast: Cast, typed: dict[str, str]
) -> None:
    browser = Critic.of(app).sign_in(cast.olga)
    answer = browser.post_form(PAGE, typed)
    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert row_of(app, cast.olga) is None


def test_a_second_app_has_to_wait_for_the_first_to_go(app: Flask, cast: Cast) -> None:
    browser, slug = enter(app, cast.olga)
    answer = browser.post_form(PAGE, {"client_id": "another", "secret": NEW_SECRET})
    assert answer.status_code == 409
    assert "Remove it first" in answer.text
    assert browser.post_form(f"{PAGE}/removal").status_code == 303
    assert row_of(app, cast.olga) is None
    assert enter(app, cast.olga)[1] != slug


def test_a_few_secrets_may_count_at_once_and_the_old_ones_retire(app: Flask, cast: Cast) -> None:
    browser, _ = enter(app, cast.olga)
    said = [
        browser.post_form(f"{PAGE}/secrets", {"secret": f"{NEW_SECRET}-{n}"}).status_code
        for n in range(3)
    ]
    assert said == [303, 303, 409]
    assert browser.post_form(f"{PAGE}/secrets/retirement").status_code == 303
    with app.app_context():
        assert apps.app_of(cast.olga.organisation_id).secret == f"{NEW_SECRET}-1"
    assert "Retire the old secrets" not in browser.get(PAGE).text


def test_the_limits_of_an_app_are_those_its_owner_says(app: Flask, cast: Cast) -> None:
    browser, _ = enter(app, cast.olga)
    assert browser.post_form(f"{PAGE}/limits", LIMITS).status_code == 303
    with app.app_context():
        known = apps.app_of(cast.olga.organisation_id)
        book = pace.look(known.id, known.limits)
        assert (book.per_minute, book.per_day, known.limits.member_cap) == (50, 700, 0)
    for wrong in (
        {"per_minute": "0"},
        {"per_day": "-1"},
        {"member_cap": "x"},
        {"per_day": "9" * 30},
    ):
        assert browser.post_form(f"{PAGE}/limits", LIMITS | wrong).status_code == 422


def test_nobody_else_sees_or_changes_it(app: Flask, cast: Cast) -> None:
    _, slug = enter(app, cast.olga)
    zoe = Critic.of(app).sign_in(cast.zoe)
    page = zoe.get(PAGE).text
    assert slug not in page
    assert CLIENT_ID not in page
    for path in ("secrets", "secrets/retirement", "limits", "removal"):
        answer = zoe.post_form(f"{PAGE}/{path}", LIMITS | {"secret": NEW_SECRET})
        assert answer.status_code == 404
    for person in (cast.ann, cast.bea, cast.yan, cast.xenia):
        browser = Critic.of(app).sign_in(person)
        assert browser.get(PAGE).status_code == 403
        assert PAGE not in browser.get("/account").text
        assert browser.post_form(f"{PAGE}/removal").status_code == 403
    row = row_of(app, cast.olga)
    assert row
    assert (row.slug, len(row.sealed_secrets), row.per_day) == (slug, 1, None)


def test_a_callback_of_another_organisations_app_is_as_good_as_absent(
    app: Flask, cast: Cast
) -> None:
    _, slug = enter(app, cast.olga)
    xenia, bea = Critic.of(app).sign_in(cast.xenia), Critic.of(app).sign_in(cast.bea)
    assert xenia.get(f"/cabinet/whoop-callback/{slug}?error=x").status_code == 404
    assert bea.get(f"/cabinet/whoop-callback/{slug}?error=x").status_code == 200
    assert bea.get("/cabinet/whoop-callback/installation?error=x").status_code == 404


def announce(app: Flask, slug: str, secret: str, **more: str) -> int:
    raw = body()
    return post(
        app, raw, signed(raw, secret=secret, **more), path=f"/webhooks/whoop/{slug}"
    ).status_code


def test_announcements_count_with_either_secret_until_the_old_one_retires(
    app: Flask, cast: Cast
) -> None:
    browser, slug = enter(app, cast.olga)
    assert [announce(app, slug, each) for each in (SECRET, NEW_SECRET)] == [204, 401]
    browser.post_form(f"{PAGE}/secrets", {"secret": NEW_SECRET})
    assert [announce(app, slug, each) for each in (SECRET, NEW_SECRET)] == [204, 204]
    browser.post_form(f"{PAGE}/secrets/retirement")
    assert [announce(app, slug, each) for each in (SECRET, NEW_SECRET)] == [401, 204]


def test_one_app_never_vouches_for_another(app: Flask, cast: Cast) -> None:
    _, slug = enter(app, cast.olga)
    _, other = enter(app, cast.zoe, NEW_SECRET)
    assert announce(app, slug, NEW_SECRET) == announce(app, other, SECRET) == 401
    assert announce(app, slug, INSTALLATION_SECRET) == 401
    assert announce(app, "installation", SECRET) == 401


def test_an_unknown_app_answers_exactly_like_a_bad_signature(app: Flask, cast: Cast) -> None:
    _, slug = enter(app, cast.olga)
    raw = body()
    answers = [
        post(app, raw, signed(raw, secret=secret), path=f"/webhooks/whoop/{where}")
        for where, secret in ((slug, "wrong"), ("absent", "wrong"), ("absent", SECRET))
    ]
    shown = [
        (answer.status_code, answer.data, {k for k, _ in answer.headers}) for answer in answers
    ]
    assert shown[0] == shown[1] == shown[2]


def test_an_owner_sees_figures_and_never_a_strangers(app: Flask, cast: Cast) -> None:
    page = Critic.of(app).sign_in(cast.olga).get(PAGE).text
    for words in ("Calls in the last day", "Left today", "shared by all", "Forecast for today"):
        assert words in page
    own = enter(app, cast.olga)[0].get(PAGE).text
    assert "Calls in the last minute" in own
    assert "shared by all" not in own


def put_standing(app: Flask, app_id: UUID, **values: object) -> None:
    with app.app_context():
        row = {"whoop_app_id": app_id, **values}
        made = insert(AppStanding).values(row)
        db.session.execute(made.on_conflict_do_update(index_elements=["whoop_app_id"], set_=row))
        db.session.commit()


def test_an_owner_is_told_that_whoop_refuses_the_app_and_what_to_do(app: Flask, cast: Cast) -> None:
    browser, _ = enter(app, cast.olga)
    assert "has refused" not in browser.get(PAGE).text
    own = row_of(app, cast.olga)
    assert own
    put_standing(app, own.id, refused_since=db.func.now())
    page = browser.get(PAGE).text
    assert "WHOOP has refused your app since" in page
    assert "Add the client secret" in page
    assert "has refused" not in Critic.of(app).sign_in(cast.zoe).get(PAGE).text


def test_of_the_shared_app_an_owner_is_told_whom_to_ask_and_of_a_freeze_while_it_lasts(
    app: Flask, cast: Cast
) -> None:
    with app.app_context():
        shared = apps.installation_app()
        db.session.commit()
    owner = Critic.of(app).sign_in(cast.olga)
    tomorrow = db.func.now() + timedelta(days=1)
    put_standing(app, shared, refused_since=db.func.now(), frozen_until=tomorrow)
    page = owner.get(PAGE).text
    assert "Tell whoever runs this server" in page
    assert "nobody is asked to link again" in page
    put_standing(app, shared, refused_since=None, frozen_until=db.func.now())
    page = owner.get(PAGE).text
    assert "has refused" not in page
    assert "nobody is asked to link again" not in page


def test_an_owner_sees_how_many_members_whoop_allows(app: Flask, cast: Cast) -> None:
    browser, _ = enter(app, cast.olga)
    assert "of 10" in browser.get(PAGE).text
    browser.post_form(f"{PAGE}/limits", LIMITS | {"member_cap": "0"})
    assert "no cap" in browser.get(PAGE).text
