"""The scene: a server, its description, a client generated from it, and what people do with it."""
import importlib
import json
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from openapi_spec_validator import validate

from checks import Checks, Report
from server import Server

NAME = "generated client"


def generated(document, folder):
    """The package that the generator makes of the description."""
    file, package = folder / "openapi.json", folder / "peerage_client"
    file.write_text(json.dumps(document))
    subprocess.run(["openapi-python-client", "generate", "--path", file, "--output-path", package, "--meta", "none"],
                   check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, str(folder))
    return importlib.import_module("peerage_client")


def calls(package):
    """The functions of the client by the names of their operations."""
    found = {}
    for file in Path(package.__path__[0]).glob("api/*/*.py"):
        if file.stem != "__init__":
            found[file.stem] = importlib.import_module(f"peerage_client.api.{file.parent.name}.{file.stem}")
    return found


def play(checks, server, folder):
    document = json.loads(server._send("GET", "/api/v1/openapi.json")[1])

    def valid():
        validate(document)

    checks.now("the description is valid OpenAPI", valid)
    package = generated(document, folder)
    models, call = importlib.import_module("peerage_client.models"), calls(package)
    operations = [way["operationId"] for path in document["paths"].values() for way in path.values()]
    checks.now("every operation has a function", lambda: None if len(call) == len(operations) == len(set(operations)) else f"{sorted(call)}")
    client = package.Client(base_url=server.url.removesuffix("/eureka/"))

    def expect(what, wanted, answer, holds=lambda parsed: True):
        def complaint():
            good = answer.status_code == wanted and holds(answer.parsed)
            return None if good else f"{answer.status_code}: {answer.content[:300]!r}"
        checks.now(what, complaint)
        return answer.parsed

    who = {"by": "ann", "reason": "test"}
    body = models.Register(host="h.example", port=8080, zone="a", metadata=models.RegisterMetadata.from_dict({"version": "1"}))
    for name in ("i", "j"):
        expect("registers", 201, call["register"].sync_detailed("orders", name, client=client, body=body), lambda it: it.app == "ORDERS")
    expect("renews", 200, call["renew"].sync_detailed("orders", "i", client=client), lambda it: it.renew_every_ms == 30000)
    expect("is told to register again", 404, call["renew"].sync_detailed("orders", "nobody", client=client), lambda it: it.type_ == "/problems/unknown-instance")
    expect("lists", 200, call["list_"].sync_detailed(client=client, query="app:orders zone:a"), lambda it: [row.id for row in it.instances] == ["i", "j"])
    expect("is told of a mistake", 400, call["list_"].sync_detailed(client=client, query="zone:"), lambda it: it.additional_properties["position"] == 5)
    expect("reads one", 200, call["one"].sync_detailed("ORDERS", "i", client=client), lambda it: it.explanation.code == models.Code.FRESH)
    expect("asks why", 200, call["explain"].sync_detailed("ORDERS", "i", client=client), lambda it: it.code == models.Code.FRESH)
    expect("reads services", 200, call["services"].sync_detailed(client=client), lambda it: it.services[0].up == 2)
    expect("reads zones", 200, call["zones"].sync_detailed(client=client), lambda it: it.zones[0].name == "a")
    overriding = models.Overriding(status="DOWN", ttl_ms=60000, **who)
    expect("overrules", 200, call["overrule"].sync_detailed("orders", "i", client=client, body=overriding), lambda it: "DOWN" in it.effect)
    expect("reads overrides", 200, call["overrides"].sync_detailed(client=client), lambda it: it.overrides[0].by == "ann")
    drain = expect("drains", 200, call["drain"].sync_detailed(client=client, body=models.DrainTarget(app="orders", id="j", confirm_empties_zone=True, **who)), lambda it: it.instances[0].holds)
    expect("follows a drain", 200, call["one_drain"].sync_detailed(drain.id, client=client), lambda it: it.instances[0].holds)
    expect("evicts", 200, call["evict"].sync_detailed("orders", "i", client=client, body=models.Evict(**who)))
    expect("reads events", 200, call["events"].sync_detailed(client=client, limit=100), lambda it: it.events[0].kind == "evicted")
    expect("reads protection", 200, call["protection"].sync_detailed(client=client), lambda it: it.active is False)
    expect("reads settings", 200, call["settings"].sync_detailed(client=client), lambda it: any(each.key == "actions" for each in it.settings))
    expect("reads the cluster", 200, call["seen_here"].sync_detailed(client=client), lambda it: it.agreed)
    expect("cancels", 200, call["cancel"].sync_detailed("orders", "j", client=client), lambda it: it.was)


def main():
    binary, folder = Path(sys.argv[1]), Path(sys.argv[2])
    report = Report()
    server = Server(binary, folder)
    try:
        play(Checks(report, NAME), server.start({}), folder)
    finally:
        server.kill()
    print(report.summary())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
