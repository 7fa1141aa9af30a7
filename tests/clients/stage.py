"""What one scene plays on: a folder for logs, servers and programs of its own, all gone when it ends."""
import processes
import programs
from server import Server


class Stage:
    def __init__(self, client, checks, server_binary, work, folder):
        self.client, self.checks, self.work, self.folder = client, checks, work, folder
        self._server_binary = server_binary
        self._started = []
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.log"):
            old.unlink()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for started in self._started:
            started.kill()

    def server(self, settings, join=()):
        server = Server(self._server_binary, self.folder)
        self._keep(server)
        return server.start(settings, join)

    def program(self, servers, name=None, **changes):
        """Starts the client's program, told to use these servers."""
        own = programs.settings(name or self.client.name, [server.url for server in servers],
                                transport=self.client.transport, **changes)
        log = self.folder / f"client-{own['port']}.log"
        return self._keep(programs.Program(self.client.command(self.work), own, log))

    def process(self, command, name):
        return self._keep(processes.Process(command, self.folder / f"{name}.log"))

    def _keep(self, started):
        self._started.append(started)
        self.checks.logs.append(started.log)
        return started
