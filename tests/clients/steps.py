"""The steps every client goes through, each for any client that can do it."""
import time
from xml.sax.saxutils import escape

from checks import absent, differences
from programs import LEASE_SECONDS, METADATA
from watch import Watch

# A stop cancels at once; leases do not end that soon.
AT_ONCE_SECONDS = 2
# Between the end of a lease and the sweep that finds it.
SWEEP_SECONDS = 2

# Longer than a beat, so that every client meets the outage and not only its end. A server that is back while a client
# still retries would also meet a fault of py-eureka-client: a delta fetch that needs a retry, and then finds another
# registry, waits for ever for a lock that it holds itself.
OUTAGE_SECONDS = 2

# The instance that the driver registers, for others to watch. Its lease outlasts every scene.
OTHER = {
    "instanceId": "other-1", "hostName": "other.example", "app": "OTHER", "ipAddr": "10.0.0.9",
    "status": "UP", "overriddenStatus": "UNKNOWN", "countryId": 1,
    "port": {"$": 9000, "@enabled": "true"}, "securePort": {"$": 443, "@enabled": "false"},
    "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
    "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": 3600},
    "metadata": {**METADATA, "colour": "red"}, "vipAddress": "other", "secureVipAddress": "other",
    "homePageUrl": "http://other.example:9000/", "statusPageUrl": "http://other.example:9000/info",
    "healthCheckUrl": "http://other.example:9000/health",
}
OTHER_OWN = {"app": OTHER["app"], "id": OTHER["instanceId"]}


def registered_as(own):
    """What the server must show of a client that was told `own`."""
    return {
        "instanceId": own["id"], "app": own["app"], "hostName": own["host"], "ipAddr": own["ip"], "status": "UP",
        "port": {"$": own["port"], "@enabled": "true"},
        "securePort": {"$": own["securePort"], "@enabled": str(own["securePortEnabled"]).lower()},
        "vipAddress": own["vip"], "secureVipAddress": own["secureVip"], "homePageUrl": own["homePageUrl"],
        "statusPageUrl": own["statusPageUrl"], "healthCheckUrl": own["healthCheckUrl"], "metadata": own["metadata"],
        "leaseInfo": {"renewalIntervalInSecs": 1, "durationInSecs": own["leaseSeconds"]},
    }


def shows(server, own, status):
    return differences(server.instances().get(own["id"]), {"status": status})


def up_at(server, own):
    return shows(server, own, "UP")


def registers(checks, server, program):
    own = program.own
    checks.until("registers", lambda: up_at(server, own), seconds=40, vital=True)
    checks.now("its fields arrive intact", lambda: differences(server.instances().get(own["id"]), registered_as(own)))


def keeps_its_lease(checks, server, program):
    own, renewals = program.own, set()

    def renewed():
        renewals.add(server.renewed_at(own))
        return up_at(server, own)

    span = 3 * LEASE_SECONDS
    checks.throughout(f"its beats keep it registered over three leases of {LEASE_SECONDS} s", span, renewed)
    checks.that("its beats renew the lease", len(renewals) > span / 2, f"renewed at {sorted(renewals)}")


def sees_itself(checks, program, client):
    checks.until("fetches the registry", lambda: reads(program, client, program.own, "UP"))


def watches_another(checks, server, program, client):
    """Comes, changes and goes, and how that was learnt."""
    def sees(status, colour):
        return lambda: reads(program, client, OTHER_OWN, status, {**METADATA, "colour": colour})

    before = len(server.tap.requests)
    server.register(OTHER)
    checks.until("sees another come, with its metadata", sees("UP", "red"))
    server.set_metadata(OTHER_OWN, "colour", "blue")
    server.set_status(OTHER_OWN, "OUT_OF_SERVICE")
    checks.until("sees its metadata and status change", sees("OUT_OF_SERVICE", "blue"))
    server.cancel(OTHER_OWN)
    checks.until("sees it leave", lambda: absent(program.sees, OTHER_OWN))
    fetches_as_it_should(checks, server.tap, client, before)


def fetches_as_it_should(checks, tap, client, since):
    deltas = tap.count("GET", "/eureka/apps/delta", since)
    full = tap.count("GET", "/eureka/apps", since) + tap.count("GET", "/eureka/apps/", since)
    counted = f"{deltas} deltas and {full} full fetches"
    if client.deltas == "only":
        checks.that("learns all that from deltas alone", deltas and not full, counted)
    elif client.deltas == "mostly":
        checks.that("learns that from deltas, save for the new application", deltas and full <= 1, counted)


def reads(program, client, own, status, metadata=None):
    """The complaint if the client's view does not show the instance so."""
    if client.only_up and status != "UP":
        return absent(program.sees, own)
    wanted = {"app": own["app"], "status": status}
    if metadata:
        wanted["metadata"] = {key: escape(value) if client.raw_xml else value for key, value in metadata.items()}
    return differences(program.sees.get(own["id"]), wanted)


def is_overridden(checks, server, program, client):
    """Out of service and back, as the server shows it and as the client itself reads it."""
    own = program.own

    def shown_and_read(status):
        return lambda: shows(server, own, status) or reads(program, client, own, status)

    take_out = (lambda: program.ask("out")) if client.overrides else (lambda: server.set_status(own, "OUT_OF_SERVICE"))
    put_back = (lambda: program.ask("back")) if client.overrides else (lambda: server.remove_status(own))
    by = "its own call" if client.overrides else "an operator"
    take_out()
    checks.until(f"is taken out of service by {by}", shown_and_read("OUT_OF_SERVICE"))
    put_back()
    checks.until(f"is put back by {by}", shown_and_read("UP"))


def returns_after_loss(checks, server, program):
    server.cancel(program.own)
    checks.until("comes back after its lease was lost", lambda: up_at(server, program.own))


def returns_after_restart(checks, server, program, client, settings):
    server.stop()
    time.sleep(OUTAGE_SECONDS)
    server.start(settings)
    checks.until("comes back after the server was restarted empty", lambda: up_at(server, program.own))
    server.register(OTHER)
    checks.until("reads the restarted server", lambda: reads(program, client, OTHER_OWN, "UP"))


def stops_cleanly(checks, server, program, client):
    """The server evicts nothing here, so an instance that goes was cancelled."""
    own = program.own
    code = program.stop()
    checks.that("ends when asked", code == 0, f"exit code {code}")
    if client.cancels:
        checks.until("is cancelled at once", lambda: absent(server.instances(), own), AT_ONCE_SECONDS)


def fails_over(checks, servers, program):
    """Returns the server that is left."""
    own = program.own
    homes = []

    def has_a_home():
        homes[:] = [server for server in servers if not up_at(server, own)]
        return None if homes else "at none of the servers"

    checks.until("registers with one of two servers", has_a_home, seconds=40, vital=True)
    lost = homes[0]
    left = next(server for server in servers if server is not lost)
    lost.kill()
    checks.until("moves to the other when that one is killed", lambda: up_at(left, own), vital=True)
    arrived = left.renewed_at(own)
    checks.until("beats there", lambda: "not renewed" if left.renewed_at(own) == arrived else None)
    return left


def outlives_each_peer(checks, servers, program):
    """Of three peers one after another is killed and started again. A list that lacks the client, of any that lives,
    at any time, fails."""
    own = program.own
    for server in servers:
        checks.until("is at every peer", lambda: up_at(server, own), vital=True)
    with Watch(servers, own) as watch:
        for number, killed in enumerate(servers, 1):
            others = [server for server in servers if server is not killed]
            killed.kill()
            beats = {server: server.renewed_at(own) for server in others}
            checks.until(f"beats at another when peer {number} is killed",
                         lambda: None if any(server.renewed_at(own) != beats[server] for server in others)
                         else "not renewed")
            checks.throughout("outlives its lease there", LEASE_SECONDS + SWEEP_SECONDS,
                              lambda: next(filter(None, (up_at(server, own) for server in others)), None))
            killed.start({}, [server.peers_at for server in others])
            checks.until("is at that peer when it is back", lambda: up_at(killed, own), vital=True)
    checks.that("was in every list all the time", watch.looks and not watch.gaps,
                f"of {watch.looks} looks {len(watch.gaps)} missed it: {watch.gaps[:5]}")


def expires_when_killed(checks, server, program):
    own = program.own
    program.kill()
    last_beat = server.renewed_at(own)
    checks.now("is still registered right after kill -9", lambda: up_at(server, own))
    gone_by = last_beat + LEASE_SECONDS + SWEEP_SECONDS - time.time()
    checks.until("is gone when its lease ends", lambda: absent(server.instances(), own), gone_by)
    lived = time.time() - last_beat
    checks.that("is not gone before", lived >= LEASE_SECONDS, f"gone {lived:.1f} s after its last beat")
