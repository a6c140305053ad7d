"""The manifests in deploy/kubernetes: valid, without privilege, with the commands and settings of everywhere else."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.urls import resolve

from policysite import __version__
from policysite.environment import table

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
MANIFESTS = [each for path in FILES for each in yaml.safe_load_all(path.read_text())]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
USER = int(re.findall(r"^USER (\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])
# From the oldest one that is still looked after to the newest that is known.
KUBERNETES = ("1.34", "1.37")


def name(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata'].get('name') or manifest['metadata']['generateName']}"


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=name)
def test_it_is_valid(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def pods() -> Iterator[Any]:
    for manifest in MANIFESTS:
        spec = manifest.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield pytest.param(manifest, template, id=name(manifest))


@pytest.mark.parametrize(("manifest", "template"), list(pods()))
def test_whoever_breaks_in_is_nobody_and_can_write_nothing(manifest: dict[str, Any], template: dict[str, Any]) -> None:
    spec = template["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] == USER
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["image"].endswith(f"/policysite:{__version__}")
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert container["resources"]["limits"]["memory"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_each_runs_what_compose_runs() -> None:
    for part in ("worker", "beat", "migrate"):
        container = of(part)["containers"][0]
        assert container["command"] == shlex.split(COMPOSE[part]["command"])
    assert "command" not in of("web")["containers"][0]  # the image's own


def of(part: str) -> dict[str, Any]:
    """The pod of one component."""
    found: dict[str, Any] = next(
        each["spec"]["template"]["spec"]
        for each in MANIFESTS
        if each["metadata"]["labels"].get("app.kubernetes.io/component") == part and "template" in each["spec"]
    )
    return found


def test_there_is_one_beat_at_a_time() -> None:
    beat = next(each for each in MANIFESTS if name(each) == "Deployment policysite-beat")["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


def test_the_service_leads_to_pages_and_probes_ask_what_is_there() -> None:
    service = next(each for each in MANIFESTS if each["kind"] == "Service")["spec"]
    web = next(each for each in MANIFESTS if name(each) == "Deployment policysite-web")["spec"]
    assert web["selector"]["matchLabels"] == service["selector"] == web["template"]["metadata"]["labels"]
    container = web["template"]["spec"]["containers"][0]
    for probe in ("startupProbe", "readinessProbe"):
        assert resolve(container[probe]["httpGet"]["path"]).url_name == "health"


def test_all_they_set_is_a_setting_and_all_that_is_needed_is_set() -> None:
    given = {
        key
        for each in MANIFESTS
        if each["kind"] in {"ConfigMap", "Secret"}
        for key in {**each.get("data", {}), **each.get("stringData", {})}
    }
    secret = {setting.name for setting in table.SETTINGS if setting.is_secret}
    open_to_all = {key for each in MANIFESTS if each["kind"] == "ConfigMap" for key in each["data"]}
    assert given - {setting.name for setting in table.SETTINGS} == set()
    assert {setting.name for setting in table.SETTINGS if setting.is_needed} <= given
    assert open_to_all & secret == set()


def test_only_migrate_owns_the_tables() -> None:
    for _manifest, template in (each.values for each in pods()):
        secrets = [
            source["secretRef"]["name"]
            for source in template["spec"]["containers"][0]["envFrom"]
            if "secretRef" in source
        ]
        is_migrate = template["metadata"]["labels"]["app.kubernetes.io/component"] == "migrate"
        # The last one counts.
        assert secrets == (["policysite", "policysite-owner"] if is_migrate else ["policysite"])
