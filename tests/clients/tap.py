"""A wire tap: passes bytes between clients and a server unchanged and remembers the request lines that went by.

Only this shows from outside, and for any server, whether a client lives on deltas or fetches everything every time.
"""
import contextlib
import re
import socket
import threading

REQUEST = re.compile(rb"(GET|PUT|POST|DELETE) (\S+) HTTP/1\.[01]\r\n")


class Tap:
    def __init__(self, port, target):
        self.requests = []
        self._target = target
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """From now on connections are refused, and those that are open end."""
        # Closing alone would leave the port listening for as long as a thread is blocked in accept().
        _hang_up(self._listener)
        self._listener.close()
        for connection in list(self._open):
            _hang_up(connection)

    def count(self, method, path, since=0):
        """How many requests for this path, with whatever query, came after the first `since`."""
        return sum(request[0] == method and request[1].partition("?")[0] == path for request in self.requests[since:])

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError), socket.create_connection(self._target) as server:
            self._open.update((client, server))
            answers = threading.Thread(target=_pass_on, args=[server, client], daemon=True)
            answers.start()
            _pass_on(client, server, self._remember)
            answers.join()
            self._open.difference_update((client, server))

    def _remember(self, piece):
        """Clients wait for the answer before they ask again, so a request line can only begin a piece."""
        request = REQUEST.match(piece)
        if request:
            self.requests.append((request[1].decode(), request[2].decode()))


def _pass_on(source, sink, remember=lambda piece: None):
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            remember(piece)
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _hang_up(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
