"""A linking that a service begins for its client, and where browsers may be sent back to."""

from datetime import datetime

from flask import g, url_for
from pydantic import Field

from coach.accounts import audit
from coach.accounts.fair_use import CONNECT
from coach.accounts.models import Role
from coach.api import auth, clients, linking
from coach.api.operations import operation
from coach.api.resources.whoop import only_when_switched_on
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Said, in_utc
from coach.extensions import settings
from coach.web.problems import invalid

TAG = "WHOOP"


class NewLinkingCode(Said):
    """For whom, and the page of yours on which their browser is to end."""

    client_id: str = Field(max_length=200, examples=["ext:athlete-17"])
    return_to: str = Field(
        max_length=linking.LONGEST_ADDRESS,
        description="a page on your list, with whatever behind `?`",
        examples=["https://app.example.org/whoop?athlete=17"],
    )


class OneLinkingCode(Answer):
    """What to open in the client's browser; it counts once."""

    url: str = Field(examples=["https://coach.example.org/link/whoop/Xq3…"])
    expires_at: datetime


class ReturnAddresses(Answer):
    """The pages to which browsers may be sent back after a linking."""

    items: list[str] = Field(examples=[["https://app.example.org/whoop"]])


class NewReturnAddresses(Said):
    """Exactly these pages from now on."""

    items: list[str] = Field(
        max_length=linking.MOST_ADDRESSES, examples=[["https://app.example.org/whoop"]]
    )


@operation("/whoop/linking-codes", Scope.SYNC, OneLinkingCode, tag=TAG, method="POST", status=201)
def create_linking_code(json: NewLinkingCode) -> OneLinkingCode:
    """Begin a linking for a client of yours: an address that counts once, for five minutes.

    They agree on our page, WHOOP asks them, and their browser ends at `return_to` with
    `oauth=success`, `denied` or `error` and `provider=whoop` behind its `?`. Only for services.
    """
    auth.only(service=True)
    only_when_switched_on()
    client = clients.find(json.client_id)
    if not linking.may_return(json.return_to):
        raise invalid("return_to", "is no page on the list of return addresses")
    auth.spend(CONNECT)
    code, expires = linking.begin(client, auth.bearer().id, json.return_to, now=g.asked_at)
    url = settings().base_url + url_for("api_linking.show", code=code)
    return OneLinkingCode(url=url, expires_at=in_utc(expires))


@operation("/whoop/return-addresses", Scope.SYNC, ReturnAddresses, tag=TAG)
def list_return_addresses() -> ReturnAddresses:
    """List the pages to which browsers may be sent back."""
    auth.only(Role.OWNER, service=True)
    return ReturnAddresses(items=list(linking.returns()))


@operation("/whoop/return-addresses", Scope.SYNC, ReturnAddresses, tag=TAG, method="PUT")
def set_return_addresses(json: NewReturnAddresses) -> ReturnAddresses:
    """Say to which pages browsers may be sent back; an owner does, no service can."""
    auth.only(Role.OWNER)
    for at, address in enumerate(json.items):
        if len(address) > linking.LONGEST_ADDRESS or not linking.is_page(address):
            raise invalid(f"items.{at}", "must be an https address without user or fragment")
    linking.allow_returns(json.items)
    audit.record("return_addresses_set", by=auth.caller().user_id)
    return ReturnAddresses(items=list(linking.returns()))
