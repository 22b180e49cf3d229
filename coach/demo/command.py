"""Start database, queue, simulated WHOOP, web, workers and scheduler; fill them; stay up."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
import httpx

from coach import migrating
from coach.app import create_app
from coach.demo.people import (
    ANSWERS,
    CLIENTS,
    COACHES,
    OWNER,
    PASSWORD,
    TAGS,
    DemoClient,
    make_people,
)
from coach.demo.visitor import Visitor
from coach.runtime.home import open_home
from coach.runtime.services import provide
from coach.runtime.supervisor import Child, Supervisor
from coach.work.models import Queue
from config import Settings

LOOPBACK = "127.0.0.1"
MANUAL_SLEEP = "6.25"


@click.command("demo")
@click.option("--port", default=8000, show_default=True)
@click.option("--home", default="var/demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="End when everything is there, instead of staying up.")
def demo(port: int, home: Path, *, once: bool) -> None:
    """Show Coach with a simulated WHOOP and made-up people, on loopback only."""
    began = time.monotonic()
    port, whoop_port = _free(port), _free(port + 1)
    with open_home(home, postgres=True, valkey=True) as services:
        environment = {
            "LOG_LEVEL": "WARNING",  # or the addresses are lost among the lines of eight processes
            **os.environ,
            **_addresses(port, whoop_port),
            "ENVIRONMENT": "development",
            "COACH_HOME": str(home.absolute()),
            "DATABASE_URL": str(services.database_url),
            "MIGRATION_DATABASE_URL": str(services.migration_url),
            "REDIS_URL": str(services.redis_url),
        }
        settings = provide(Settings.from_env(environment))
        migrating.upgrade(settings)
        with create_app(settings).app_context():
            fresh = make_people()
        with Supervisor() as supervisor:
            for child in _children(environment, port, whoop_port):
                supervisor.start(child)
            _first_page(settings.base_url)
            click.echo(f"ready_after_s={time.monotonic() - began:.1f}")
            if fresh:
                _fill(settings, environment)
            _welcome(settings, environment, time.monotonic() - began)
            if not once:
                supervisor.watch()


def _addresses(port: int, whoop_port: int) -> dict[str, str]:
    whoop = f"http://{LOOPBACK}:{whoop_port}"
    return {
        "HOST": LOOPBACK,
        "PORT": str(port),
        "BASE_URL": f"http://{LOOPBACK}:{port}",
        "FEATURE_WHOOP_INTEGRATION": "1",
        "WHOOP_CLIENT_ID": "demo-client",
        "WHOOP_CLIENT_SECRET": "demo-client-secret",
        "WHOOP_API_BASE_URL": f"{whoop}/developer",
        "WHOOP_OAUTH_BASE_URL": f"{whoop}/oauth/oauth2",
        "WHOOP_RATE_LIMIT_PER_MINUTE": "1000",  # as many as the simulated WHOOP allows
        "WHOOP_RATE_LIMIT_PER_DAY": "100000",
        "WHOOP_MEMBER_CAP": "0",
    }


def _children(environment: Mapping[str, str], port: int, whoop_port: int) -> list[Child]:
    coach = [sys.executable, "-m", "coach"]
    env = dict(environment)
    return [
        Child("simulator", [*coach, "simulator", "--port", str(whoop_port)], env),
        Child("scheduler", [*coach, "scheduler"], env),
        *(Child(queue.value, [*coach, "worker", queue.value], env) for queue in _DEMO_QUEUES),
        Child("web", [*coach, "web", "--workers", "1"], env, lambda: _listens(port)),
    ]


_DEMO_QUEUES = (Queue.SYNC, Queue.IMPORT, Queue.INSIGHTS, Queue.MAIL, Queue.UPKEEP)


def _fill(settings: Settings, environment: Mapping[str, str]) -> None:
    """Let each client bring their data the way a person would."""
    whoop = environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
    for client in CLIENTS:
        if client.member is not None:
            _bring_data(client, settings.base_url, whoop)
    for client in CLIENTS:
        if client.member is not None and not client.exports:
            _see_it_synced(client, settings.base_url, whoop)


def _see_it_synced(client: DemoClient, base_url: str, whoop: str) -> None:
    """Wait until a client's days are there; some say how they are, and one types a value."""
    with Visitor(base_url, whoop) as visitor:
        visitor.sign_in(client.email, PASSWORD)
        visitor.wait_until_synced()
        if client is CLIENTS[0]:
            visitor.type_value(visitor.newest_day(), "sleep_hours", MANUAL_SLEEP)
        if client.name in ANSWERS:
            visitor.share_everything()
            visitor.check_in(ANSWERS[client.name])
        if client.name in TAGS:
            visitor.tag_today(TAGS[client.name])


def _bring_data(client: DemoClient, base_url: str, whoop: str) -> None:
    with Visitor(base_url, whoop) as visitor:
        visitor.sign_in(client.email, PASSWORD)
        if client.exports:
            visitor.upload("my_whoop_data.zip", _export_of(whoop, client))
        elif client.member is not None:
            visitor.link_whoop(client.member)


def _export_of(whoop: str, client: DemoClient) -> bytes:
    """Download the member's export from the simulated WHOOP, as the mail's link would."""
    page = httpx.get(whoop).text
    number = page.partition(f"{client.member}@members.example")[2].partition("/_simulator/export/")
    export_id = number[2].partition('"')[0]
    answer = httpx.get(f"{whoop}/_simulator/export/{export_id}", timeout=30)
    answer.raise_for_status()
    return answer.content


def _first_page(base_url: str) -> None:
    httpx.get(f"{base_url}/sign-in", timeout=30).raise_for_status()


def _welcome(settings: Settings, environment: Mapping[str, str], seconds: float) -> None:
    whoop = environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
    lines = [
        "",
        f"Coach is ready after {seconds:.0f} s:  {settings.base_url}",
        f"Simulated WHOOP:             {whoop}",
        f"Everybody's password:        {PASSWORD}",
        f"Owner:    {OWNER.email}",
        *(f"Coach:    {coach.email}" for coach in COACHES),
        f"Clients:  {', '.join(client.email for client in CLIENTS)}",
        "",
    ]
    click.echo("\n".join(lines))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _free(port: int) -> int:
    """Give this port, or the next that nobody listens on."""
    while _listens(port):
        port += 2
    return port
