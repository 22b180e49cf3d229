"""Looks at WHOOP's side: address, scopes, signatures, limits, links. Nothing is sent there."""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select, text
from werkzeug.exceptions import HTTPException

from coach.doctor.findings import Finding, Ground, fail, ok, warn
from coach.extensions import db
from coach.whoop import apps, webhook
from coach.whoop.apps import INSTALLATION
from coach.whoop.gauges import left as quota_left
from coach.whoop.grant.models import AppStanding
from coach.whoop.models import WhoopApp, WhoopLink

NEEDED = (
    *("offline", "read:recovery", "read:cycles", "read:workout", "read:sleep", "read:profile"),
    "read:body_measurement",
)
LOW = 0.2
_MEMBERS = (
    select(WhoopApp.id, WhoopApp.slug, func.count(func.distinct(WhoopLink.external_user_id)))
    .outerjoin(WhoopLink, WhoopLink.whoop_app_id == WhoopApp.id)
    .group_by(WhoopApp.id, WhoopApp.slug)
    .order_by(WhoopApp.slug)
)
_SHARES_LESS = text(
    "SELECT count(*) FROM integrations"
    " WHERE status = 'active' AND NOT scopes @> CAST(:scopes AS jsonb)"
)
_TO_LINK_AGAIN = text("SELECT count(*) FROM integrations WHERE status = 'reconnect_needed'")


def redirect(ground: Ground) -> Iterator[Finding]:
    """Tell whether WHOOP sends people back to a page of ours."""
    known = ground.settings
    address, base = urlsplit(known.callback_address), urlsplit(known.base_url)
    if (address.scheme, address.netloc) != (base.scheme, base.netloc):
        says = f"{known.callback_address} is not below BASE_URL {known.base_url}"
        yield fail("redirect address", says, "Make WHOOP_REDIRECT_URI and BASE_URL agree.")
        return
    try:
        current_app.url_map.bind(base.netloc).match(address.path, method="GET")
    except HTTPException:
        says = f"{address.path} is no page of Coach"
        yield fail("redirect address", says, "Leave WHOOP_REDIRECT_URI out, or correct it.")
    else:
        says = f"{known.callback_address} (must stand so, to the letter, in WHOOP's dashboard)"
        yield ok("redirect address", says)


def scopes(ground: Ground) -> Iterator[Finding]:
    missing = [each for each in NEEDED if each not in ground.settings.whoop_scope.split()]
    if missing:
        made = fail if "offline" in missing else warn
        does = "Add them to WHOOP_SCOPE and to the app at WHOOP; clients link again."
        yield made("scopes", f"WHOOP_SCOPE lacks {', '.join(missing)}", does)
    else:
        yield ok("scopes", "all that Coach reads")


def signature(ground: Ground) -> Iterator[Finding]:
    """Tell whether an announcement with our signature is taken, and another one refused."""
    body, now = b'{"doctor": true}', datetime.now(UTC)
    stamp = str(int(now.timestamp() * 1000))
    secret = ground.settings.whoop_client_secret.get_secret_value().encode()
    known = apps.signing_secrets(INSTALLATION)
    verdicts = [
        webhook.is_genuine(body, signature=signed, timestamp=stamp, secrets=known, now=now)
        for signed in (_signed(secret, stamp, body), _signed(b"another", stamp, body))
    ]
    if verdicts == [True, False]:
        yield ok(
            "webhook signature", f"round trip works at {ground.settings.base_url}/webhooks/whoop"
        )
    else:
        yield fail("webhook signature", "the round trip fails", "Check WHOOP_CLIENT_SECRET.")


def standing(_ground: Ground) -> Iterator[Finding]:
    """Tell whether WHOOP takes our apps."""
    refused = (
        select(WhoopApp.slug)
        .join(AppStanding, AppStanding.whoop_app_id == WhoopApp.id)
        .where(AppStanding.refused_since.is_not(None))
    )
    slugs = list(db.session.scalars(refused))
    if slugs:
        does = "Check client id and secret in WHOOP's dashboard."
        yield fail("WHOOP app", f"WHOOP refuses {', '.join(slugs)}", does)
    else:
        yield ok("WHOOP app", "not refused")


def quota(_ground: Ground) -> Iterator[Finding]:
    """Tell of each limit how much is left, by the app that has the smallest share of it left."""
    shares = sorted(quota_left(), key=lambda each: each.calls / each.limit, reverse=True)
    for each in {(one.app, one.window): one for one in shares}.values():
        about = f"quota {each.app}"
        says = f"{each.calls} of {each.limit} calls left in this {each.window}"
        if each.calls < each.limit * LOW and each.window == "day":
            does = "Background reading waits; ask WHOOP for more, or give organisations own apps."
            yield warn(about, says, does)
        else:
            yield ok(about, says)


def members(_ground: Ground) -> Iterator[Finding]:
    """Count the members, and how many may still link."""
    for app_id, slug, linked in db.session.execute(_MEMBERS).all():
        cap = apps.limits_of(app_id).member_cap
        about, says = f"members {slug}", f"{linked} linked" + (f" of {cap}" if cap else ", no cap")
        if cap and linked >= cap:
            does = "Let WHOOP approve the app, then set WHOOP_MEMBER_CAP=0."
            yield warn(about, f"{says}: nobody else can link", does)
        else:
            yield ok(about, says)


def links(ground: Ground) -> Iterator[Finding]:
    """Count the links that share less than we ask for, or wait for their client."""
    if ground.all_rows is None:
        return
    wanted = "[" + ", ".join(f'"{each}"' for each in ground.settings.whoop_scope.split()) + "]"
    with ground.all_rows.connect() as connection:
        less = connection.execute(_SHARES_LESS, {"scopes": wanted}).scalar_one()
        again = connection.execute(_TO_LINK_AGAIN).scalar_one()
    if less:
        yield warn("granted scopes", f"{less} links share less", "Their clients may link again.")
    if again:
        yield warn("links", f"{again} clients have to link again", "They see it in their cabinet.")
    else:
        yield ok("links", "nobody has to link again")


def _signed(secret: bytes, stamp: str, body: bytes) -> str:
    return b64encode(hmac.digest(secret, stamp.encode() + body, "sha256")).decode()


BY_SETTINGS = (redirect, scopes, signature)
IN_DATABASE = (standing, quota, members, links)
