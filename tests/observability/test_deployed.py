"""The dashboard and the alert rules name only metrics that exist, by labels they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import Histogram
from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase
from ruamel.yaml import YAML

from coach.observability.counters import REGISTRY
from coach.operator import alarms
from coach.whoop import gauges as whoop_gauges
from coach.work import gauges as work_gauges

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
RULES = DEPLOY / "prometheus" / "coach-rules.yml"
DASHBOARD = DEPLOY / "grafana" / "coach.json"
OF_HISTOGRAMS = ("_bucket", "_count", "_sum")
RUNNING = (DEPLOY.parent / "running.md").read_text()


@pytest.fixture
def labels(app: Flask) -> dict[str, set[str]]:
    """Give every metric of `/metrics`, as Prometheus stores it, with its labels."""
    with app.app_context():
        gauges: list[Metric] = [
            *(work_gauges.record()),
            *(work_gauges.workers()),
            *(whoop_gauges.behind()),
            *(whoop_gauges.quota()),
            *(alarms.gauges()),
        ]
    found = {metric.name: set(vars(metric)["_labelnames"]) for metric in gauges}
    found |= {"coach_database_up": set(), "coach_redis_up": set()}
    for each in REGISTRY._collector_to_names:  # noqa: SLF001  # what is registered, with its labels
        assert isinstance(each, MetricWrapperBase)
        name, given = each._name, set(each._labelnames)  # noqa: SLF001
        if isinstance(each, Histogram):
            found |= {name + ending: given | {"le"} for ending in OF_HISTOGRAMS}
        else:
            found[f"{name}_total"] = given
    return found


@pytest.fixture
def existing(labels: dict[str, set[str]]) -> set[str]:
    return set(labels)


def rules() -> list[dict[str, str]]:
    (group,) = YAML(typ="safe").load(RULES)["groups"]
    return list(group["rules"])


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_metric_that_is_named_exists(existing: set[str]) -> None:
    named = {name for each in expressions() for name in re.findall(r"\bcoach_\w+", each)}
    assert named - existing == set()


def test_every_label_that_is_chosen_by_is_one_of_its_metric(labels: dict[str, set[str]]) -> None:
    for each in expressions():
        for name, chosen in re.findall(r"\b(coach_\w+)\{([^}]*)\}", each):
            assert set(re.findall(r"(\w+)[!=]", chosen)) <= labels[name], each
        for names in re.findall(r"\bby \(([^)]*)\)", each):
            known = set().union(*(labels[name] for name in re.findall(r"\bcoach_\w+", each)))
            assert set(names.split(", ")) <= known, each


def test_every_route_that_is_chosen_exists(app: Flask) -> None:
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    named = {route for each in expressions() for route in re.findall(r'route="([^"]+)"', each)}
    assert named - routes == set()
    assert "/dashboard" in named


def test_every_metric_that_exists_is_on_the_dashboard(existing: set[str]) -> None:
    shown = " ".join(expressions())
    stems = {re.sub("|".join(f"{each}$" for each in OF_HISTOGRAMS), "", each) for each in existing}
    assert {stem for stem in stems if stem not in shown} == set()


def test_every_metric_is_explained(existing: set[str]) -> None:
    stems = {re.sub("|".join(f"{each}$" for each in OF_HISTOGRAMS), "", each) for each in existing}
    assert {stem for stem in stems if f"`{stem}`" not in RUNNING} == set()


def test_parentheses_close_and_every_alert_says_what_it_means() -> None:
    for each in expressions():
        assert each.count("(") == each.count(")"), each
    for rule in rules():
        assert set(rule) >= {"alert", "expr", "labels", "annotations"}


def test_no_two_panels_lie_on_each_other() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = {(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels}
    assert len(places) == len({each["id"] for each in panels}) == len(panels)
