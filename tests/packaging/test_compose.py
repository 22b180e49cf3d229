"""The services of docker-compose.yml; their commands are run as processes elsewhere."""

import re
import sys
from typing import NotRequired, TypedDict, cast

import pytest
from ruamel.yaml import YAML

from config import ALWAYS_IN_PRODUCTION, Settings
from tests.packaging.tree import COMPOSE, ask

ENGINES = {"postgres", "valkey"}
OURS = {"migrate": "coach migrate", "web": "coach web"} | {
    "worker": "coach worker",
    "scheduler": "coach scheduler",
}
FILLED_IN = {
    "BASE_URL": "https://coach.example.org",
    "ENCRYPTION_KEYS": "A" * 43 + "=",
}


class Service(TypedDict):
    command: NotRequired[str]
    depends_on: NotRequired[dict[str, dict[str, str]]]
    environment: dict[str, str]
    healthcheck: dict[str, object]
    image: str
    volumes: list[str]


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return cast("dict[str, Service]", YAML(typ="safe").load(COMPOSE)["services"])


def filled_in(environment: dict[str, str]) -> dict[str, str]:
    """Do what compose does with `${NAME:-default}` and `${NAME:?message}`."""

    def value(found: re.Match[str]) -> str:
        return FILLED_IN.get(found["name"], found["rest"] if found["kind"] == "-" else "secret")

    pattern = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[-?])(?P<rest>[^}]*)\}")
    return {name: pattern.sub(value, text) for name, text in environment.items()}


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
    services: dict[str, Service], name: str
) -> None:
    environment = filled_in(services[name]["environment"])
    settings = Settings.from_env(environment)
    assert settings.in_production
    assert set(environment) - {each.upper() for each in Settings.model_fields} == set()


@pytest.mark.parametrize("name", OURS)
def test_no_secret_has_a_value_or_a_default(services: dict[str, Service], name: str) -> None:
    environment = services[name]["environment"]
    for setting in set(ALWAYS_IN_PRODUCTION):
        assert ":?" in environment[setting]


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
    assert "--appendonly yes" in services["valkey"].get("command", "")
    assert services["valkey"]["volumes"] == ["valkey-data:/data"]
