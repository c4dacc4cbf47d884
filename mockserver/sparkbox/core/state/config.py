"""The settings of a sandbox. Sizes are bytes, times seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Profile = Literal["easy", "strict"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a :class:`~sparkbox.core.state.sandbox.Sandbox`."""

    seed: int | None = None
    """Where ids and chance begin; 0 if none is given. Signatures, keys and tokens are only the same in each run
    if one is.
    """
    profile: Profile = "easy"
    """New accounts start with it: ``easy`` lets a first run succeed, ``strict`` asks for what the vendor asks for."""
    rate_limits: bool = True
    accept_any_key: bool = False
    allowed_hosts: str = ""
    """Further names that it may be called by, with commas between: ``*.`` for any first label, ``*`` for any name."""
    validate_responses: bool = False
    """Check every response and error against the declarations: for our own tests."""
    most_requests: int = 10_000
    most_request_bytes: int = 64 * MIB
    most_messages: int = 20_000
    most_message_bytes: int = 128 * MIB
    most_events: int = 50_000
    most_event_bytes: int = 64 * MIB
    most_deliveries: int = 10_000
    most_delivery_bytes: int = 32 * MIB
    most_state_bytes: int = 512 * MIB
    """All records of all accounts together; beyond it services answer that they are unavailable."""
    most_body_bytes: int = 256 * MIB
    """Bodies and mails that are under way, on all connections together; beyond it they are refused."""
    head_seconds: float = 20.0
    """For the head of a request by HTTP, from the connection's beginning or the head's on."""
    body_seconds: float = 60.0
    unread_seconds: float = 60.0
    """For each 64 KiB of a response that waits for its reader."""
    keep_alive_seconds: float = 75.0
    most_accounts: int = 10_000
    idle_account_seconds: float = 3600.0
