"""The services of docker-compose.yml; their commands are run as processes elsewhere."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from ruamel.yaml import YAML

from coach.runtime.wheels import valkey_program
from config import Settings
from tests.packaging.tree import COMPOSE, MAKE_SECRETS, ask
from tests.processes.stage import free_port, wait_until

ENGINES = {"postgres", "valkey"}
OURS = {"migrate": "coach migrate", "web": "coach web"} | {
    "worker": "coach worker",
    "scheduler": "coach scheduler",
}
FILLED_IN = {"BASE_URL": "https://coach.example.org"}
MOUNTED = "/run/secrets/"


class Service(TypedDict):
    command: NotRequired[str | list[str]]
    depends_on: NotRequired[dict[str, dict[str, str]]]
    environment: dict[str, str]
    healthcheck: dict[str, object]
    image: str
    secrets: NotRequired[list[str]]
    volumes: list[str]


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return cast("dict[str, Service]", YAML(typ="safe").load(COMPOSE)["services"])


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the script makes which the page tells to run."""
    folder = tmp_path_factory.mktemp("compose")
    for _ in range(2):  # what is there stays
        subprocess.run([str(MAKE_SECRETS)], cwd=folder, check=True, capture_output=True)  # noqa: S603
    return folder / "secrets"


def filled_in(environment: dict[str, str], secrets: Path) -> dict[str, str]:
    """Do what compose does with `${NAME:-default}`, `${NAME:?message}` and mounted secrets."""

    def value(found: re.Match[str]) -> str:
        return FILLED_IN.get(found["name"], found["rest"] if found["kind"] == "-" else "secret")

    pattern = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[-?])(?P<rest>[^}]*)\}")
    return {
        name: pattern.sub(value, text).replace(MOUNTED, f"{secrets}/")
        for name, text in environment.items()
    }


def test_the_file_follows_the_compose_schema() -> None:
    checked = ask(
        *(sys.executable, "-m", "check_jsonschema"),
        *("--builtin-schema", "vendor.compose-spec", str(COMPOSE)),
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_part_of_the_design_is_a_service(services: dict[str, Service]) -> None:
    assert set(services) == ENGINES | set(OURS)


@pytest.mark.parametrize(("name", "command"), OURS.items())
def test_our_services_run_one_command_of_coach(
    services: dict[str, Service], name: str, command: str
) -> None:
    assert services[name].get("command") == command


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_ones_that_coach_starts_with(
    services: dict[str, Service], secrets: Path, name: str
) -> None:
    environment = filled_in(services[name]["environment"], secrets)
    settings = Settings.from_env(environment)
    assert settings.in_production
    known = {each.upper() for each in Settings.model_fields}
    assert {each.removesuffix("_FILE") for each in environment} <= known
    assert settings.mail_url is None


@pytest.mark.parametrize("name", OURS)
def test_every_secret_is_a_file_that_the_service_is_given(
    services: dict[str, Service], secrets: Path, name: str
) -> None:
    service = services[name]
    named = {
        path.removeprefix(MOUNTED)
        for setting, path in service["environment"].items()
        if setting.endswith("_FILE")
    }
    assert named == set(service.get("secrets", []))
    assert named <= {path.name for path in secrets.iterdir()}
    secret = ("URL", "KEY", "SECRET", "TOKEN", "DSN")
    said = {setting for setting in service["environment"] if setting.endswith(secret)}
    assert said <= {"BASE_URL", "TRACES_URL"}


def test_only_migrating_is_given_the_role_that_owns_the_tables(
    services: dict[str, Service],
) -> None:
    owning = {
        name for name in OURS if "migration_database_url" in services[name].get("secrets", [])
    }
    assert owning == {"migrate"}


def test_secrets_are_closed_to_others_and_fit_each_other(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    password = (secrets / "postgres_password").read_text()
    assert f"coach_owner:{password}@" in (secrets / "migration_database_url").read_text()
    assert password not in (secrets / "database_url").read_text()
    queue = (secrets / "valkey_password").read_text()
    assert f":{queue}@" in (secrets / "redis_url").read_text()


@pytest.mark.parametrize("name", sorted(ENGINES | set(OURS) - {"migrate"}))
def test_whatever_stays_up_is_asked_for_its_health(services: dict[str, Service], name: str) -> None:
    assert services[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_coach_starts_after_the_migration(services: dict[str, Service], name: str) -> None:
    assert services[name].get("depends_on") == {
        "migrate": {"condition": "service_completed_successfully"},
        "postgres": {"condition": "service_healthy"},
        "valkey": {"condition": "service_healthy"},
    }


def test_web_and_worker_share_the_folder_of_uploads(services: dict[str, Service]) -> None:
    home = services["web"]["environment"]["COACH_HOME"]
    assert services["web"]["volumes"] == services["worker"]["volumes"] == [f"coach-home:{home}"]


def test_valkey_keeps_its_queue_on_disk(services: dict[str, Service]) -> None:
    assert "--appendonly yes" in " ".join(services["valkey"].get("command", []))
    assert services["valkey"]["volumes"] == ["valkey-data:/data"]


def test_valkey_takes_its_password_from_standard_input(
    services: dict[str, Service], secrets: Path
) -> None:
    command = services["valkey"].get("command", [])
    assert isinstance(command, list)
    shell, option, script = command
    assert (shell, option) == ("sh", "-c")
    port = free_port()
    here = script.replace(MOUNTED, f"{secrets}/").replace("valkey-server", str(valkey_program()))
    # In a folder of its own, on a port of its own; the rest is what the container runs.
    more = f"{here.strip()} --port {port} --bind 127.0.0.1 --dir {secrets.parent}"
    server = subprocess.Popen(  # noqa: S603
        [shell, option, more], stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        password = (secrets / "valkey_password").read_text()
        with Redis(port=port, password=password) as redis:
            wait_until(lambda: answers(redis), what="the start of Valkey")
            assert redis.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        with Redis(port=port) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # the shell does not hand it on
        server.wait(10)


def answers(redis: Redis) -> bool:
    with suppress(RedisError):
        return bool(redis.ping())
    return False
