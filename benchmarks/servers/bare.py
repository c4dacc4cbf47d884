"""The yardstick: a bare Starlette application that returns the same bytes, under the same uvicorn settings.

It is what one writes by hand: a route, a handler, a ``JSONResponse``.
"""

from __future__ import annotations

import json
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def application(body: bytes) -> Starlette:
    """``GET /thing/{id}`` and ``POST /things``, both returning ``body``."""

    payload = json.loads(body)

    async def get(request: Request) -> JSONResponse:
        return JSONResponse(payload)

    async def post(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse(payload)

    return Starlette(routes=[Route("/thing/{id}", get), Route("/things", post, methods=["POST"])])


def main() -> None:
    port, body = int(sys.argv[1]), sys.stdin.buffer.read()
    config = uvicorn.Config(
        application(body),
        port=port,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
