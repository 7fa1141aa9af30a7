"""Which clients there are, and which scenes each goes through."""
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import builds
import prometheus
import scenes


@dataclass(frozen=True)
class Client:
    name: str
    build: Any
    command: Callable[[Path], list]
    # How the program names the transport or the variant of the library it is to use.
    transport: Any = ""
    # "only": after its first full fetch it lives on deltas; "mostly": it fetches all again when a delta brings an
    # application new to it; "never": it has no deltas.
    deltas: str = "only"
    # The library can set and remove the override of its own status.
    overrides: bool = False
    # At its stop the library cancels; otherwise it is left to its lease.
    cancels: bool = True
    # The library keeps only what is UP.
    only_up: bool = False
    # The library hands out metadata as the XML text it received.
    raw_xml: bool = False
    scenes: tuple = (scenes.life, scenes.failover)


def spring(line, transport, *more_scenes, **abilities):
    return Client(f"spring-{line}-{transport}", builds.JAVA, builds.java_command(f"spring-{line}", "SpringClient"),
                  transport, overrides=True, scenes=(scenes.life, scenes.failover, *more_scenes), **abilities)


def netflix(line):
    return Client(f"netflix-{line}", builds.JAVA, builds.java_command(f"netflix-{line}", "NetflixClient"))


def armeria(protocol):
    return Client(f"armeria-{protocol}", builds.JAVA, builds.java_command("armeria", "ArmeriaClient"), protocol,
                  deltas="never", only_up=True)


def node(name, package, delta=False, path="apps/"):
    return Client(name, builds.NODE, builds.node_command, {"package": package, "delta": delta, "path": path},
                  deltas="only" if delta else "never")


def go(name, program, transport="", **abilities):
    return Client(name, builds.GO, builds.go_command(program), transport, deltas="never", **abilities)


CLIENTS = (
    spring("2025.0", "resttemplate"),
    spring("2025.0", "restclient", scenes.call_by_name, scenes.cluster),
    spring("2025.0", "webclient"),
    spring("2025.0", "jersey"),
    spring("2025.1", "restclient"),
    spring("2025.1", "webclient"),
    spring("2025.1", "jersey"),
    spring("2021.0", "resttemplate", scenes.call_by_name),
    # Its DELETE fails, whatever the server: it asks for an HTTP client when the application has been closed.
    spring("2021.0", "webclient", cancels=False),
    netflix("1.10"),
    netflix("2.0"),
    armeria("http"),
    armeria("h1c"),
    Client("py-eureka-client", builds.PYTHON, builds.python_command, deltas="mostly", overrides=True),
    node("eureka-js-client", "eureka-js-client"),
    node("eureka-js-client-delta", "eureka-js-client", delta=True),
    # The path that both libraries use by default.
    node("rocketsoftware-js-client", "@rocketsoftware/eureka-js-client", path="v2/apps/"),
    go("fargo-json", "fargo", "json", overrides=True),
    go("fargo-xml", "fargo", "xml", overrides=True),
    go("go-eureka-client", "go-eureka-client", raw_xml=True),
    Client("prometheus", prometheus.BUILD, prometheus.command, scenes=(prometheus.service_discovery,)),
)
