"""The commands (RFC 5321, section 4.1) that begin, change and end a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from sparkbox.core.declare.relay import Rejected

from . import foreign, transaction
from .dialogue import Dialogue, Last, Replies, StartTls, line
from .gateway import NO_LOGIN, Identity
from .lines import LONGEST_LINE
from .login import MECHANISMS, Exchange
from .transaction import MOST_BYTES

HOST = "localhost"
GREETING = line(f"220 {HOST} ESMTP sparkbox")

LONGEST_COMMAND = 1024
LONGEST_BEFORE_EHLO = 512
LONGEST_LOGIN = 12_288
"""RFC 4954, section 4."""
LONGEST_MAIL = LONGEST_COMMAND + 36
"""With the parameters SIZE (RFC 1870, section 3) and SMTPUTF8 (RFC 6531, section 3.2)."""
MOST_UNKNOWN = 5
"""The last one ends the connection."""

OK = line("250 2.0.0 OK")
BAD_SYNTAX = line("500 5.5.2 Error: bad syntax")
TOO_LONG = line("500 5.5.2 Command line too long")
LOGIN_TOO_LONG = line("500 5.5.6 Line too long")

EXTENSIONS = (
    "8BITMIME",
    "ENHANCEDSTATUSCODES",
    "AUTH=LOGIN PLAIN",  # as clients of before RFC 2554 read it
    "AUTH LOGIN PLAIN",
    "PIPELINING",
    f"SIZE {MOST_BYTES}",
    "SMTPUTF8",
)


class Command(NamedTuple):
    """A command; ``obey`` gets its argument, ``None`` without one, and returns the reply."""

    obey: Callable[[Dialogue, str | None], Replies]
    syntax: str = ""
    parameters: str = ""
    """What the syntax has beside it after ``EHLO``."""
    most: int | None = None
    """How often a connection may use it."""
    longest: int = LONGEST_COMMAND
    """Bytes of its line after ``EHLO``."""


def obey(dialogue: Dialogue, text: bytes) -> Replies:
    """Obey a command, a line without its line feed."""
    goodbye = foreign.goodbye(text)
    if goodbye is not None:
        return Last(goodbye)
    if len(text) > LONGEST_LINE:
        return TOO_LONG
    text = text.rstrip(b"\r")
    word, _, rest = text.partition(b" ")
    if not text or not word.isascii():
        return BAD_SYNTAX
    name = word.decode().upper()
    command = COMMANDS.get(name, _UNKNOWN)
    if len(text) > (command.longest if dialogue.extended else LONGEST_BEFORE_EHLO):
        return TOO_LONG
    if command.most is not None:
        dialogue.used[name] += 1
        if dialogue.used[name] > command.most:
            return Last(line(f"421 4.7.0 {name} sent too many times"))
    elif command is _UNKNOWN:
        return _unknown(dialogue, name)
    return command.obey(dialogue, rest.strip().decode("utf-8", "replace") if rest else None)


def respond(dialogue: Dialogue, exchange: Exchange, response: bytes) -> Replies:
    """Take the client's response to a challenge."""
    if len(response) > LONGEST_LINE:
        dialogue.exchange = None
        return LOGIN_TOO_LONG
    return _advance(dialogue, lambda: exchange.send(response))


def _unknown(dialogue: Dialogue, name: str) -> Replies:
    dialogue.unknown += 1
    if dialogue.unknown >= MOST_UNKNOWN:
        return Last(line("502 5.5.1 Too many unrecognized commands, goodbye."))
    return line(f'500 5.5.2 Error: command "{name}" not recognized')


def _ehlo(dialogue: Dialogue, arg: str | None) -> Replies:
    if not arg:
        return line("501 5.5.4 Syntax: EHLO hostname")
    dialogue.greeted = dialogue.extended = True
    dialogue.reset()
    *lines, last = [HOST, *EXTENSIONS, *(["STARTTLS"] if dialogue.has_starttls and not dialogue.encrypted else [])]
    return b"".join([*(line(f"250-{each}") for each in lines), line(f"250 {last}")])


def _helo(dialogue: Dialogue, arg: str | None) -> Replies:
    if not arg:
        return line("501 5.5.4 Syntax: HELO hostname")
    dialogue.greeted, dialogue.extended = True, False
    dialogue.reset()
    return line(f"250 {HOST}")


def _noop(dialogue: Dialogue, arg: str | None) -> Replies:
    return OK


def _rset(dialogue: Dialogue, arg: str | None) -> Replies:
    if arg:
        return line("501 5.5.4 Syntax: RSET")
    dialogue.reset()
    return OK


def _quit(dialogue: Dialogue, arg: str | None) -> Replies:
    return line("501 5.5.4 Syntax: QUIT") if arg else Last(line("221 2.0.0 Goodbye"))


def _starttls(dialogue: Dialogue, arg: str | None) -> Replies:
    if arg:
        return line("501 5.5.4 Syntax: STARTTLS")
    if not dialogue.has_starttls or dialogue.encrypted:
        return line("454 4.7.0 TLS not available")
    return StartTls(line("220 Ready to start TLS"))


def _auth(dialogue: Dialogue, arg: str | None) -> Replies:
    if not dialogue.greeted:
        return line("503 5.5.1 Error: send EHLO first")
    if not dialogue.extended:
        return line("500 5.5.2 Error: command 'AUTH' not recognized")
    if dialogue.identity is not None:
        return line("503 5.5.1 Already authenticated")
    mechanism, space, response = (arg or "").partition(" ")
    words = f"{mechanism.upper()}{space}{response}".split()
    if not words:
        return line("501 5.5.4 Not enough value")
    if len(words) > 2:
        return line("501 5.5.4 Too many values")
    begin = MECHANISMS.get(words[0])
    if begin is None:
        return line("504 5.5.4 Unrecognized authentication type")
    dialogue.exchange = exchange = begin(words[1] if len(words) > 1 else None)
    return _advance(dialogue, lambda: next(exchange))


def _advance(dialogue: Dialogue, step: Callable[[], bytes]) -> Replies:
    """Return the next challenge of a login, or the reply at its end."""
    try:
        return step()
    except StopIteration as end:
        dialogue.exchange = None
        user, password = end.value
        gateway, client = dialogue.gateway, dialogue.client
        if gateway.at_once:
            return _identified(dialogue, gateway.identify(user, password, client))
        return _identify(dialogue, gateway.identify_later(user, password, client))
    except Rejected as rejected:
        dialogue.exchange = None
        return line(rejected.reply)


async def _identify(dialogue: Dialogue, later: Awaitable[tuple[Identity | None, str]]) -> bytes:
    return _identified(dialogue, await later)


def _identified(dialogue: Dialogue, found: tuple[Identity | None, str]) -> bytes:
    identity, reply = found
    if identity is not None:
        dialogue.identity, dialogue.words = identity, identity.relay.words
        dialogue.follow_clock()
    return line(reply)


def _help(dialogue: Dialogue, arg: str | None) -> Replies:
    if dialogue.identity is None:
        return line(NO_LOGIN)
    known = {
        name: command
        for name, command in sorted(COMMANDS.items())
        if command.syntax and (name != "STARTTLS" or dialogue.has_starttls)
    }
    found = known.get(arg.upper()) if arg else None
    if found is not None:
        return line(f"250 Syntax: {found.syntax}{found.parameters if dialogue.extended else ''}")
    return line(f"{'501 5.5.4' if arg else '250'} Supported commands: {' '.join(known)}")


def _vrfy(dialogue: Dialogue, arg: str | None) -> Replies:
    if dialogue.identity is None:
        return line(NO_LOGIN)
    if not arg:
        return line("501 5.5.4 Syntax: VRFY <address>")
    return line("252 2.5.0 Cannot VRFY user, but will accept message and attempt delivery")


def _expn(dialogue: Dialogue, arg: str | None) -> Replies:
    return line("502 5.5.1 EXPN not implemented")


COMMANDS = {
    "EHLO": Command(_ehlo, "EHLO hostname", most=100),
    "HELO": Command(_helo, "HELO hostname", most=100),
    "STARTTLS": Command(_starttls, "STARTTLS", most=10),
    "AUTH": Command(_auth, "AUTH <mechanism>", most=20, longest=LONGEST_LOGIN),
    "MAIL": Command(transaction.mail, "MAIL FROM: <address>", " [SP <mail-parameters>]", longest=LONGEST_MAIL),
    "RCPT": Command(transaction.rcpt, "RCPT TO: <address>", " [SP <mail-parameters>]"),
    "DATA": Command(transaction.data, "DATA"),
    "RSET": Command(_rset, "RSET"),
    "NOOP": Command(_noop, "NOOP [ignored]"),
    "HELP": Command(_help, "HELP [command]", most=100),
    "VRFY": Command(_vrfy, "VRFY <address>", most=100),
    "EXPN": Command(_expn),
    "QUIT": Command(_quit, "QUIT"),
}
_UNKNOWN = Command(_noop)
