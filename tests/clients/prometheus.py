"""Prometheus, which reads the registry in XML and makes every instance a target."""
import http.client
import json
import re
import shutil
from xml.sax.saxutils import escape

import builds
import steps
from checks import absent, differences
from processes import free_port
from programs import METADATA
from server import EVICTING

# Prometheus hands new targets on every five seconds, however often it looks.
TARGET_SECONDS = 20

CONFIG = """\
global:
  scrape_interval: 1h
scrape_configs:
  - job_name: eureka
    eureka_sd_configs:
      - server: {server}
        refresh_interval: 1s
"""


class Package:
    """The binary on PATH, or that of Debian's package, unpacked but not installed: installing starts a service."""

    sources = "prometheus"

    def make(self, work):
        if shutil.which("prometheus") or (work / "prometheus/usr/bin/prometheus").exists():
            return
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise builds.Missing("prometheus not on PATH, and no apt-get to fetch it with")
        print("     unpacking prometheus", flush=True)
        (work / "prometheus").mkdir(parents=True, exist_ok=True)
        unpack = "apt-get download prometheus && dpkg-deb -x prometheus_*.deb ."
        try:
            builds.run(["sh", "-ec", unpack], work / "prometheus")
        except builds.Broken as failure:
            raise builds.Missing(f"prometheus not on PATH, and {failure.args[0]}") from failure


BUILD = Package()


def command(work):
    return [shutil.which("prometheus") or work / "prometheus/usr/bin/prometheus"]


def service_discovery(stage):
    checks = stage.checks
    server = stage.server(EVICTING)
    port = free_port()
    (stage.folder / "prometheus.yml").write_text(CONFIG.format(server=server.url.rstrip("/")))
    stage.process([*stage.client.command(stage.work), f"--config.file={stage.folder}/prometheus.yml",
                   f"--storage.tsdb.path={stage.folder}/data", f"--web.listen-address=127.0.0.1:{port}"], "prometheus")

    def target(status, colour):
        return lambda: differences(targets(port).get(steps.OTHER["instanceId"]), labels(status, colour))

    server.register(steps.OTHER)
    checks.until("an instance becomes a target with all its labels", target("UP", "red"), TARGET_SECONDS)
    server.set_metadata(steps.OTHER_OWN, "colour", "blue")
    server.set_status(steps.OTHER_OWN, "OUT_OF_SERVICE")
    checks.until("its labels follow metadata and status", target("OUT_OF_SERVICE", "blue"), TARGET_SECONDS)
    server.cancel(steps.OTHER_OWN)
    checks.until("it is a target no more", lambda: absent(targets(port), steps.OTHER_OWN), TARGET_SECONDS)
    server.stop()
    server.start(EVICTING)
    server.register(steps.OTHER)
    checks.until("the restarted server is read again", target("UP", "red"), TARGET_SECONDS)


def targets(port):
    """The discovered labels of all targets, by instance id, without the common beginning of their names."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/api/v1/targets?state=active")
        active = json.loads(connection.getresponse().read())["data"]["activeTargets"]
    finally:
        connection.close()
    found = [{name.removeprefix("__meta_eureka_app_"): value for name, value in target["discoveredLabels"].items()}
             for target in active]
    return {labels["instance_id"]: labels for labels in found}


def labels(status, colour):
    """What Prometheus must make of the other instance: metadata names in word characters, values as they are in XML."""
    other = steps.OTHER
    return {
        "__address__": f"{other['hostName']}:{other['port']['$']}", "name": other["app"], "instance_status": status,
        "instance_hostname": other["hostName"], "instance_ip_addr": other["ipAddr"],
        "instance_vip_address": other["vipAddress"], "instance_secure_vip_address": other["secureVipAddress"],
        "instance_homepage_url": other["homePageUrl"], "instance_statuspage_url": other["statusPageUrl"],
        "instance_healthcheck_url": other["healthCheckUrl"], "instance_port": "9000", "instance_port_enabled": "true",
        "instance_secure_port": "443", "instance_secure_port_enabled": "false", "instance_datacenterinfo_name": "MyOwn",
        "instance_country_id": "1", "instance_metadata_colour": colour,
        **{f"instance_metadata_{re.sub('[^a-z]', '_', key)}": escape(value) for key, value in METADATA.items()},
    }
