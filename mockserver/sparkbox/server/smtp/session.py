"""One connection: aiosmtpd's state machine with the vendors' replies, and with limits for every buffer.

It leans on aiosmtpd's internals (https://aiosmtpd.aio-libs.org/en/stable/smtp.html), so ``pyproject.toml`` has an upper
bound. aiosmtpd reads a mail line by line and keeps each as an object; here a mail is read in chunks and kept as one.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections import defaultdict
from typing import Any, Protocol, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, TLSSetupException, syntax
from aiosmtpd.smtp import Session as _State

from sparkbox.core.declare.relay import Misaddressed, Submission, Words
from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.core.request.http import Response
from sparkbox.core.request.large_json import AT_ONCE
from sparkbox.core.state.steps import Rest
from sparkbox.mail.addresses import read_path

from .commands import CommandReader
from .gateway import CLOSING, FAILED, Gateway, Identity
from .idle import Idle
from .incoming import END, Incoming

HOST = "localhost"
IDENT = "ESMTP sparkbox"

MOST_BYTES = 20_000_000
"""Bytes of a mail, as ``SIZE`` announces it. A relay may accept less."""
LONGEST_COMMAND = 1024
LONGEST_LOGIN = 12_288
"""RFC 4954, section 4."""
MOST_CALLS = {"AUTH": 20, "EHLO": 100, "HELO": 100, "STARTTLS": 10, "HELP": 100, "VRFY": 100, "*": 1_000_000}
"""How often a connection may use each command."""

NO_RECIPIENTS = "503 5.5.1 Need RCPT command"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
SILENT = b"421 4.4.2 Idle for too long, closing connection\r\n"
UNREADABLE = "500 5.5.6 Line too long"

_HAS_STATUS = re.compile(r"\d{3}[ -][245]\.\d{1,3}\.\d{1,3} ")
_PATH = re.compile(r'(<(?:[^\s<>"]|"(?:[^"\\]|\\.)*")*>)(?:[ \t]++(.*))?')
_AUTH_PARAMETER = re.compile(r"(?:^|[ \t])AUTH=\S*", re.IGNORECASE)
_STATUSES = {
    "252": "2.5.0", "421": "4.3.2", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "502": "5.5.1", "503": "5.5.1",
    "504": "5.5.4", "538": "5.7.11", "552": "5.3.4", "553": "5.1.3", "554": "5.7.0", "555": "5.5.4",
}  # fmt: skip
"""Enhanced status codes (RFC 2034) for the replies that aiosmtpd gives without one."""

log = logging.getLogger("sparkbox")


class State(_State):
    """The state of a connection since its last handshake."""

    identity: Identity | None = None
    # aiosmtpd's own attribute logs a warning with every login.
    login_data = None

    @property
    def words(self) -> Words:
        return Words() if self.identity is None else self.identity.relay.words


class Server(Protocol):
    """What all connections share: a :class:`~sparkbox.server.smtp.listener.Listener`."""

    gateway: Gateway
    budget: BodyBudget
    sessions: set[Session]


class Session(SMTP):
    """One connection of a :class:`~sparkbox.server.smtp.listener.Listener`. Without ``context`` it has no STARTTLS."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"
    line_length_limit = 16 * 1024  # of commands, and the size of a mail's chunks

    session: State
    envelope: Envelope
    commands: CommandReader

    def __init__(self, listener: Server, context: ssl.SSLContext | None) -> None:
        super().__init__(
            HANDLER,
            hostname=HOST,
            ident=IDENT,
            enable_SMTPUTF8=True,
            data_size_limit=MOST_BYTES,
            tls_context=context,
            auth_require_tls=False,
            authenticator=authenticate,
            command_call_limit=MOST_CALLS,
            loop=asyncio.get_running_loop(),
        )
        # Not as an argument, because the constructor warns of logins without TLS. The vendors allow them.
        self._auth_required = True
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND, AUTH=LONGEST_LOGIN)
        self.listener = listener
        self.client = ""
        self._idle: Idle | None = None

    def copy(self) -> Session:
        """Return a session for another connection.

        aiosmtpd's constructor searches itself and its handler for methods. That takes longer than a whole mail, so it
        is done once.
        """
        session = Session.__new__(Session)
        session.__dict__.update(self.__dict__)
        session.commands = reader = CommandReader(session.hang_up, limit=self.line_length_limit, loop=self.loop)
        asyncio.StreamReaderProtocol.__init__(session, reader, session._cb_client_connected, self.loop)
        session._smtp_methods = {name: getattr(session, f"smtp_{name}") for name in self._smtp_methods}
        session._auth_methods = {
            name: known._replace(method=getattr(session, f"auth_{name}")) for name, known in self._auth_methods.items()
        }
        session.command_size_limits = self.command_size_limits.copy()
        return session

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a client that has connected, or that starts anew after STARTTLS."""
        self.listener.sessions.add(self)
        self.client = str((transport.get_extra_info("peername") or ("",))[0])
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_forget)

    def data_received(self, data: bytes) -> None:
        if self._idle is not None:
            self._idle.hear()
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.listener.sessions.discard(self)
        super().connection_lost(error)

    async def abort(self) -> None:
        """Abort the connection, and wait until its task has ended."""
        handling = self._handler_coroutine
        self._end(at_once=True)
        if handling is not None:
            handling.cancel()
            await asyncio.gather(handling, return_exceptions=True)

    def follow_clock(self) -> None:
        """Let the account's clock decide from now on when the connection is idle for too long."""
        identity = self.session.identity
        login = None if identity is None else self.listener.gateway.login(identity)
        if login is not None and self._idle is not None:
            self._idle.follow(login.account)

    def _reset_timeout(self, duration: float | None = None) -> None:
        if self._idle is None:
            self._idle = Idle(self._expire)
            self._timeout_handle = self._idle  # type: ignore[assignment]

    def _expire(self) -> None:
        self.hang_up(SILENT)

    def hang_up(self, reply: bytes) -> None:
        """Send a last reply and close the connection."""
        self._writer.write(reply)
        self._end()

    def _end(self, *, at_once: bool = False) -> None:
        transport = cast("asyncio.WriteTransport | None", self.transport)
        if transport is not None:
            transport.abort() if at_once else transport.close()

    def _create_session(self) -> State:
        return State(self.loop)

    # Commands that clients write in more ways than aiosmtpd reads.

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced status code."""
        await super().push(status if isinstance(status, bytes) else enhanced(status).encode("utf-8", "replace"))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Return a path and the parameters after it. The handler checks the path, and has the service's reply.

        A parameter AUTH= is ignored.
        """
        found = _PATH.fullmatch(arg)
        return (arg or " ", "") if found is None else (found[1], _AUTH_PARAMETER.sub("", found[2] or ""))

    @syntax("AUTH <mechanism>")
    async def smtp_AUTH(self, arg: str | None) -> None:
        mechanism, space, response = (arg or "").partition(" ")
        await self.listener.gateway.load()
        self.commands.in_login = True
        try:
            await super().smtp_AUTH(mechanism.upper() + space + response)
        finally:
            self.commands.in_login = False

    async def misaddressed(self, command: Misaddressed) -> str:
        """Return the reply to a command whose path is not an address."""
        if self.session.identity is not None:
            await self.listener.gateway.catch_up(self.session.identity)
            self.listener.gateway.misaddress(self.session.identity, command, self.client)
        return command.reply

    # A mail.

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        identity, envelope = self.session.identity, self.envelope
        if identity is None or not envelope.rcpt_tos or arg:
            await self.push(NO_RECIPIENTS if not arg else "501 Syntax: DATA")
            return
        await self.push(identity.relay.words.data)
        incoming = Incoming(self.listener.budget, min(MOST_BYTES, identity.relay.most_bytes))
        try:
            await self._read(incoming)
            data = incoming.content()
        finally:
            incoming.close()
        self.envelope = self._create_envelope()
        if incoming.problem:
            await self.push(incoming.problem)
            return
        sender = "" if envelope.mail_from in (None, "<>") else envelope.mail_from
        self.follow_clock()
        if len(data) > AT_ONCE:
            await asyncio.sleep(0)
        response = self.listener.gateway.submit(
            identity, Submission(sender, tuple(envelope.rcpt_tos), data), self.client
        )
        if response.later is not None:
            response = await self._awaited(response.later)
        await self._reply(response)

    async def _awaited(self, later: Rest[Response]) -> Response:
        """Return the response to a mail that takes several steps. The connection is not idle meanwhile."""
        idle = self._idle
        if idle is None:
            return await later()
        idle.busy = True
        try:
            return await later()
        finally:
            idle.busy = False
            idle.hear()

    async def _read(self, incoming: Incoming) -> None:
        reader = self._reader
        # A mail's end includes the line end before it. For an empty mail that is the command's.
        reader._buffer[:0] = END[:2]  # type: ignore[attr-defined]
        while not incoming.endless:
            try:
                incoming.add(await reader.readuntil(END))
                return
            except asyncio.LimitOverrunError as overrun:
                incoming.add(await reader.readexactly(overrun.consumed))
        await self.push(incoming.problem)
        self._end()
        await asyncio.Future()  # until the connection is closed, which ends this task

    async def _reply(self, response: Response) -> None:
        """Send a response, changed by its fault."""
        fault = response.fault
        if fault is not None and fault.latency:
            await asyncio.sleep(fault.latency)
        if fault is not None and (fault.drop or fault.truncate is not None):
            if not fault.drop:
                self._writer.write(response.body[: fault.truncate])
            self._end(at_once=fault.drop)
            return
        await self.push(response.body)
        if response.status == CLOSING:
            self._end()


class Handler:
    """aiosmtpd's handlers, one for each command."""

    async def handle_EHLO(self, server: Session, session: State, envelope: Envelope, name: str, _: Any) -> list[str]:
        session.host_name = name
        extensions = ["8BITMIME", "ENHANCEDSTATUSCODES", "AUTH=LOGIN PLAIN", "AUTH LOGIN PLAIN", "PIPELINING"]
        extensions += [f"SIZE {MOST_BYTES}", "SMTPUTF8"]
        if server.tls_context is not None and session.ssl is None:
            extensions.append("STARTTLS")
        *lines, last = [HOST, *extensions]
        return [*(f"250-{line}" for line in lines), f"250 {last}"]

    async def handle_MAIL(
        self, server: Session, session: State, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        sender = "<>" if address == "<>" else _path(address)
        if sender is None:
            return await server.misaddressed(Misaddressed(address.strip(), "", session.words.bad_sender))
        envelope.mail_from = sender
        envelope.mail_options.extend(options)
        return session.words.sender

    async def handle_RCPT(
        self, server: Session, session: State, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        identity = session.identity
        if identity is not None and len(envelope.rcpt_tos) >= identity.relay.most_recipients:
            return TOO_MANY_RECIPIENTS
        recipient = _path(address)
        if recipient is None:
            sender = "" if envelope.mail_from in (None, "<>") else envelope.mail_from
            return await server.misaddressed(Misaddressed(sender, address.strip() or "<>", session.words.bad_recipient))
        envelope.rcpt_tos.append(recipient)
        return session.words.recipient

    async def handle_RSET(self, server: Session, session: State, envelope: Envelope) -> str:
        return "250 2.0.0 OK"

    async def handle_NOOP(self, server: Session, session: State, envelope: Envelope, arg: str | None) -> str:
        return "250 2.0.0 OK"

    async def handle_QUIT(self, server: Session, session: State, envelope: Envelope) -> str:
        return "221 2.0.0 Goodbye"

    async def handle_exception(self, error: Exception) -> str:
        """Return the reply to a login's overlong line or a failed handshake; anything else is our bug."""
        if isinstance(error, (ValueError, EOFError, TLSSetupException)):
            return UNREADABLE
        log.error("an SMTP command failed; this is a bug in the sandbox", exc_info=error)
        return FAILED


HANDLER = Handler()


def authenticate(server: SMTP, session: _State, envelope: Envelope, mechanism: str, login: LoginPassword) -> AuthResult:
    """Check a login with the services' relays."""
    if not isinstance(server, Session) or not isinstance(session, State):
        raise TypeError("not a session of this module")
    user, password = (text.decode("utf-8", "replace") for text in login)
    session.identity, reply = server.listener.gateway.identify(user, password, server.client)
    server.follow_clock()
    return AuthResult(success=session.identity is not None, handled=False, message=reply)


def _path(text: str) -> str | None:
    """Return the address between angle brackets, without a route; ``None`` if it is not one."""
    return read_path(text[1:-1]) if text[:1] == "<" and text[-1:] == ">" else None


def _forget(handling: asyncio.Task[None]) -> None:
    """Ignore the error of a client that left in the middle."""
    if not handling.cancelled():
        handling.exception()


def enhanced(reply: str) -> str:
    """Return the reply with an enhanced status code, if aiosmtpd gave none."""
    status = _STATUSES.get(reply[:3])
    if status is None or reply[3:4] != " " or _HAS_STATUS.match(reply):
        return reply
    return f"{reply[:3]} {status} {reply[4:]}"
