"""A sandbox with the post office and its control API, called in process with every answer checked."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from sparkbox.app import Application
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.mail.message import MailMessage
from tests.core.office import Client

A = "mock-a"
B = "mock-b"
NOON = 1_772_366_400.0  # 2026-03-01T12:00:00Z


class Harness(Client):
    """Calls go through ASGI on one loop of their own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.app = Application(self.sandbox)
        self._runner = asyncio.Runner()
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://mock")

    def __enter__(self) -> Harness:
        return self

    def __exit__(self, *exception: object) -> None:
        self.run(self.client.aclose())
        self.run(self.app.close())
        self._runner.close()

    def run(self, coroutine: Any) -> Any:
        return self._runner.run(coroutine)

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Any request; ``path`` is whole."""
        if json is not None:
            more["json"] = json
        response: httpx.Response = self.run(self.client.request(method, path, **more))
        return response

    def ask(self, method: str, path: str, json: Any = None, status: int = 200) -> Any:
        """A control call, below ``/_mock/``, that is to be answered with ``status``; gives what was answered."""
        response = self.call(method, f"/_mock/{path}", json)
        assert response.status_code == status, response.text
        return response.json()

    def get(self, path: str, status: int = 200) -> Any:
        return self.ask("GET", path, status=status)

    def post(self, path: str, json: Any = None, status: int = 200) -> Any:
        return self.ask("POST", path, json, status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self.ask("DELETE", path, status=status)

    def refused(self, method: str, path: str, json: Any = None) -> tuple[int, str, str]:
        """A control call that is to be refused: status, code and message."""
        response = self.call(method, f"/_mock/{path}", json)
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    def send(self, to: str = "you@example.com", key: str = A, text: str = "hello") -> httpx.Response:
        """A letter, through the service."""
        return self.call("POST", "/post/v1/letters", {"to": {"address": to}, "text": text}, headers={"x-key": key})

    def account(self, key: str = A) -> Account:
        return super().account(key)

    def context(self, key: str = A) -> Context:
        return super().context(key)

    def capture(self, key: str = A, **fields: Any) -> str:
        """A message of any kind; gives its id."""
        return str(
            self.context(key).capture(Message(**fields) if "channel" in fields else MailMessage(**fields)).number
        )
