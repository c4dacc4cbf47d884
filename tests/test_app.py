"""Where a request leads that names no service."""

from __future__ import annotations

import httpx
import pytest

from sparkbox import create_app


async def get(path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8025") as client:
        return await client.get(path, headers=headers)


@pytest.mark.asyncio
async def test_root_lists_the_services() -> None:
    response = await get("/")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert response.text == (
        "This is sparkbox.\n"
        "The services: /sparkpost, /sendpulse, /engagespark, /sendspark, /sparked\n"
        "What was sent: /_mock/messages\n"
        "What else it can do: /_mock/openapi\n"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/api/v1/transmissions", "/sparkpots/api/v1/templates", "/x%00" + "y" * 500])
async def test_path_without_a_service_is_404_with_the_services(path: str) -> None:
    response = await get(path)
    assert response.status_code == 404
    assert "there is nothing at" in response.text
    assert "/sparkpost, /sendpulse" in response.text
    assert len(response.text) < 400


@pytest.mark.asyncio
async def test_vendors_host_needs_no_prefix() -> None:
    response = await get("/api/v1/transmissions", host="API.sparkpost.com:8025")
    assert response.json() == {"errors": [{"message": "Unauthorized."}]}
