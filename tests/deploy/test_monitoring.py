"""Alert rules and dashboard ask for metrics and labels that exist; each alarm is explained."""

import json
import re
from pathlib import Path

import pytest
import yaml

from edge.metrics import Metrics

PROJECT = Path(__file__).parents[2]
RULES = PROJECT / "deploy" / "alerts" / "vongtay.rules.yml"
SCRAPING = RULES.with_name("prometheus.yml")
DASHBOARD = PROJECT / "deploy" / "dashboards" / "vongtay.json"
OPERATE = PROJECT / "docs" / "operate.md"

METRIC = re.compile(r"\bvongtay_\w+")
SELECTOR = re.compile(r"(?P<metric>[a-z]\w*)\{(?P<matchers>[^}]*)\}")
GROUPED = re.compile(r"\b(?:by|on|group_right|group_left)\s*\(([^)]*)\)")
# Grafana's own, of a template variable: the values that a label has.
LISTED = re.compile(r"\blabel_values\(.*,([^,)]*)\)")
SECTION = re.compile(r"^### `(\w+)`$(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
FROM_SCRAPING = {"service", "process", "job", "instance"}


def labels_of_samples():
    """Every sample name that /metrics can show, with its labels."""
    known = {"up": set()}
    for collector in Metrics().registry._collector_to_names:
        labels = set(collector._labelnames)
        kinds = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}
        for suffix in kinds[collector._type]:
            extra = {"le"} if suffix == "_bucket" else set()
            known[collector._name + suffix] = labels | extra
    return known


KNOWN = labels_of_samples()


def expressions():
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield pytest.param(rule["expr"], id=rule["alert"])
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield pytest.param(target["expr"], id=panel["title"])
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield pytest.param(variable["query"]["query"], id=f"${variable['name']}")


def alerts():
    return [
        rule["alert"]
        for group in yaml.safe_load(RULES.read_text())["groups"]
        for rule in group["rules"]
    ]


def unknown_in(expression):
    asked = set(METRIC.findall(expression))
    unknown = asked - KNOWN.keys()
    labels = FROM_SCRAPING | {"source"}.union(*(KNOWN.get(metric, set()) for metric in asked))
    for selector in SELECTOR.finditer(expression):
        of = FROM_SCRAPING | KNOWN.get(selector["metric"], set())
        names = {part.split("=")[0].rstrip("!") for part in _matchers(selector["matchers"])}
        unknown |= names - of
    for group in (*GROUPED.findall(expression), *LISTED.findall(expression)):
        unknown |= {name.strip() for name in group.split(",") if name.strip()} - labels
    return unknown


def _matchers(text):
    return re.findall(r'\w+\s*(?:=~|!~|!=|=)\s*"[^"]*"', text)


@pytest.mark.parametrize("expression", list(expressions()))
def test_what_is_asked_for_exists(expression):
    assert METRIC.search(expression) or "up{" in expression
    assert unknown_in(expression) == set()


@pytest.mark.parametrize(
    "planted",
    [
        "vongtay_relay_lag_minutes > 1",
        'vongtay_ready{colour="red"} == 0',
        "sum by (servise) (vongtay_log_holes)",
        "vongtay_request_seconds > 1",
        "label_values(vongtay_raedy, service)",
        "label_values(vongtay_ready, servise)",
    ],
)
def test_what_does_not_exist_is_found(planted):
    assert unknown_in(planted)


def test_every_metric_is_on_the_dashboard():
    shown = " ".join(
        target["expr"]
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel.get("targets", ())
    )
    names = {collector._name for collector in Metrics().registry._collector_to_names}
    assert {name for name in names if name not in shown} == set()


def test_each_alarm_says_what_it_means_and_what_to_do():
    sections = SECTION.findall(OPERATE.read_text(encoding="utf-8"))
    assert [name for name, _ in sections] == alerts()
    parts = {name: [part.strip() for part in said.split("**Do:**")] for name, said in sections}
    assert {name: said for name, said in parts.items() if len(said) != 2 or not all(said)} == {}


def test_every_process_is_scraped_with_its_labels():
    (job,) = yaml.safe_load(SCRAPING.read_text())["scrape_configs"]
    (targets,) = (config["targets"] for config in job["static_configs"])
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    processes = {name for name in compose if name.endswith(("-web", "-worker"))}
    assert {target.removesuffix(":8080") for target in targets} == processes
    for rule in job["relabel_configs"]:
        assert all(re.fullmatch(rule["regex"], target) for target in targets)
