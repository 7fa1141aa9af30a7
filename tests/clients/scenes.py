"""What clients go through, each scene on a stage of its own."""
import steps
from server import EVICTING, NOT_EVICTING


def life(stage):
    """From registration to clean stop."""
    client, checks = stage.client, stage.checks
    server = stage.server(EVICTING)
    program = stage.program([server])
    steps.registers(checks, server, program)
    steps.sees_itself(checks, program, client)
    steps.watches_another(checks, server, program, client)
    steps.is_overridden(checks, server, program, client)
    steps.keeps_its_lease(checks, server, program)
    steps.returns_after_loss(checks, server, program)
    steps.returns_after_restart(checks, server, program, client, NOT_EVICTING)
    steps.stops_cleanly(checks, server, program, client)


def failover(stage):
    """Two servers that know nothing of each other; then the client dies."""
    servers = [stage.server(EVICTING), stage.server(EVICTING)]
    program = stage.program(servers)
    left = steps.fails_over(stage.checks, servers, program)
    steps.expires_when_killed(stage.checks, left, program)


def cluster(stage):
    """Three peers that share a registry are killed in turn; the client moves, and nobody ever misses it."""
    servers = []
    for _ in range(3):
        servers.append(stage.server({}, [server.peers_at for server in servers]))
    program = stage.program(servers)
    steps.registers(stage.checks, servers[0], program)
    steps.outlives_each_peer(stage.checks, servers, program)


def call_by_name(stage):
    """Two applications; one calls the other through the load balancer, knowing only its name."""
    checks, name = stage.checks, stage.client.name
    server = stage.server(EVICTING)
    # Here the registered address must be the real one, without a secure port, which the load balancer would prefer.
    address = {"host": "127.0.0.1", "ip": "127.0.0.1", "securePortEnabled": False}
    called = stage.program([server], name=f"{name}-called", **address)
    caller = stage.program([server], name=f"{name}-caller", **address)
    steps.registers(checks, server, called)
    steps.registers(checks, server, caller)

    def answered():
        answer = caller.ask(f"call {called.own['vip']}")
        return None if answer == called.own["id"] else f"answered {answer!r}, not {called.own['id']!r}"

    checks.until("calls another by its name", answered)
