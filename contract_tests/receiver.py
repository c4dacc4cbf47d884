"""A target for webhooks: it accepts whatever is posted to it, and responds as it is set to."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import orjson


class Delivery(NamedTuple):
    """What was posted; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: Any
    """The body's JSON."""


class Receiver:
    """``with Receiver() as receiver:`` listens on a free local port; ``status`` and ``response`` may change."""

    def __init__(self) -> None:
        self.status = 200
        self.response: Any = {"ok": True}
        self.deliveries: list[Delivery] = []

    def __enter__(self) -> Receiver:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.deliveries.append(Delivery(self.path, headers, orjson.loads(body)))
            response = orjson.dumps(receiver.response)
            self.send_response(receiver.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(response)))
            self.end_headers()
            self.wfile.write(response)

        def log_message(self, format: str, *values: Any) -> None:
            """Log nothing."""

    return Handler
