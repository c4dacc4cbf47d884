"""The commands of a mail (RFC 5321, section 3.3): ``MAIL``, ``RCPT``, ``DATA``, and what follows the mail's end."""

from __future__ import annotations

import asyncio
import re

from sparkbox.core.declare.relay import Misaddressed, Submission
from sparkbox.core.request.http import Response
from sparkbox.core.request.large_json import AT_ONCE
from sparkbox.core.state.steps import Rest
from sparkbox.mail.addresses import read_path

from .dialogue import Dialogue, Last, Replies, Reply, line
from .gateway import CLOSING, NO_LOGIN, Identity
from .incoming import Incoming

MOST_BYTES = 20_000_000
"""Bytes of a mail, as ``SIZE`` announces it. A relay may accept less."""

NO_HELO = line("503 5.5.1 Error: send HELO first")
NOT_LOGGED_IN = line(NO_LOGIN)
NO_RECIPIENTS = line("503 5.5.1 Need RCPT command")
TOO_MANY_RECIPIENTS = line("452 4.5.3 Too many recipients")

_PATH = re.compile(r'(<(?:[^\s<>"]|"(?:[^"\\]|\\.)*")*>)(?:[ \t]++(.*))?')
_AUTH_PARAMETER = re.compile(r"(?:^|[ \t])AUTH=\S*", re.IGNORECASE)


def mail(dialogue: Dialogue, arg: str | None) -> Replies:
    """Begin an envelope."""
    problem = _too_early(dialogue)
    if problem is not None:
        return problem
    path, options = _read(arg, "FROM:")
    if path is None or (options and not dialogue.extended):
        return _syntax(dialogue, "MAIL FROM")
    if dialogue.sender:
        return line("503 5.5.1 Error: nested MAIL command")
    problem = _check_options(dialogue, options) if options else None
    if problem is not None:
        return problem
    sender = path if path == "<>" else _address(path)
    if sender is None:
        return _misaddressed(dialogue, Misaddressed(path.strip(), "", dialogue.words.bad_sender))
    dialogue.sender = sender
    return line(dialogue.words.sender)


def rcpt(dialogue: Dialogue, arg: str | None) -> Replies:
    """Add a recipient to the envelope."""
    problem = _too_early(dialogue)
    if problem is not None:
        return problem
    if not dialogue.sender:
        return line("503 5.5.1 Error: need MAIL command")
    path, options = _read(arg, "TO:")
    if path is None or (options and not dialogue.extended):
        return _syntax(dialogue, "RCPT TO")
    if options:
        known = _parameters(options)
        if known is None:
            return _syntax(dialogue, "RCPT TO")
        if known:
            return line("555 5.5.4 RCPT TO parameters not recognized or not implemented")
    identity = dialogue.identity
    if identity is not None and len(dialogue.recipients) >= identity.relay.most_recipients:
        return TOO_MANY_RECIPIENTS
    recipient = _address(path)
    if recipient is None:
        words = dialogue.words.bad_recipient
        return _misaddressed(dialogue, Misaddressed(_sender(dialogue), path.strip() or "<>", words))
    dialogue.recipients.append(recipient)
    return line(dialogue.words.recipient)


def data(dialogue: Dialogue, arg: str | None) -> Replies:
    """Let the mail follow."""
    problem = _too_early(dialogue)
    if problem is not None:
        return problem
    if arg:
        return line("501 5.5.4 Syntax: DATA")
    identity = dialogue.identity
    if identity is None or not dialogue.recipients:
        return NO_RECIPIENTS
    dialogue.incoming = Incoming(dialogue.budget, min(MOST_BYTES, identity.relay.most_bytes))
    return line(dialogue.words.data)


def submit(dialogue: Dialogue, incoming: Incoming) -> Replies:
    """Hand a mail that has arrived to its service."""
    content = incoming.content()
    incoming.close()
    submission = Submission(_sender(dialogue), tuple(dialogue.recipients), content)
    dialogue.incoming = None
    dialogue.reset()
    if incoming.problem or dialogue.identity is None:
        return line(incoming.problem)
    login = dialogue.follow_clock()
    if len(content) > AT_ONCE:
        return _submit_later(dialogue, dialogue.identity, submission)
    return _reply(dialogue.gateway.submit(dialogue.identity, submission, dialogue.client, login))


async def _submit_later(dialogue: Dialogue, identity: Identity, submission: Submission) -> Reply:
    """Let others have their turn between the end of a large mail and its first step."""
    await asyncio.sleep(0)
    replies = _reply(dialogue.gateway.submit(identity, submission, dialogue.client))
    return replies if isinstance(replies, Reply) else await replies


def _reply(response: Response) -> Replies:
    """Return the reply to a mail."""
    if response.later is not None:
        return _awaited(response.later)
    if response.fault is not None:
        return _spoilt(response)
    reply = response.body + b"\r\n"
    return Last(reply) if response.status == CLOSING else reply


async def _awaited(later: Rest[Response]) -> Reply:
    replies = _reply(await later())
    return replies if isinstance(replies, Reply) else await replies


async def _spoilt(response: Response) -> Reply:
    """Return a reply as its fault changes it."""
    fault = response.fault
    if fault is not None and fault.latency:
        await asyncio.sleep(fault.latency)
    if fault is not None and fault.drop:
        return Last(b"", at_once=True)
    if fault is not None and fault.truncate is not None:
        return Last(response.body[: fault.truncate])
    reply = response.body + b"\r\n"
    return Last(reply) if response.status == CLOSING else reply


def _too_early(dialogue: Dialogue) -> bytes | None:
    """Return the reply to a command that needs a greeting and a login before it; ``None`` if it has them."""
    if not dialogue.greeted:
        return NO_HELO
    return NOT_LOGGED_IN if dialogue.identity is None else None


def _read(arg: str | None, keyword: str) -> tuple[str | None, str]:
    """Split an argument into path and parameters; no path without the keyword. A parameter AUTH= is ignored."""
    if arg is None or arg[: len(keyword)].upper() != keyword:
        return None, ""
    text = arg[len(keyword) :].strip()
    found = _PATH.fullmatch(text)
    if found is None:
        return text, ""
    return found[1], _AUTH_PARAMETER.sub("", found[2]) if found[2] else ""


def _parameters(options: str) -> dict[str, str | None] | None:
    """Return the parameters of a command by name; ``None`` if one is malformed."""
    found: dict[str, str | None] = {}
    for option in options.upper().split():
        name, equals, value = option.partition("=")
        if not name.isalnum() or (equals and not value):
            return None
        found[name] = value if equals else None
    return found


def _check_options(dialogue: Dialogue, options: str) -> bytes | None:
    """Return the reply to parameters of ``MAIL`` that are not accepted."""
    known = _parameters(options)
    if known is None:
        return _syntax(dialogue, "MAIL FROM")
    if known.pop("BODY", "7BIT") not in ("7BIT", "8BITMIME"):
        return line("501 5.5.4 Error: BODY can only be one of 7BIT, 8BITMIME")
    if known.pop("SMTPUTF8", None) is not None:
        return line("501 5.5.4 Error: SMTPUTF8 takes no arguments")
    size = known.pop("SIZE", "0")
    if size is None or not size.isdecimal():
        return _syntax(dialogue, "MAIL FROM")
    if int(size) > MOST_BYTES:
        return line("552 5.3.4 Error: message size exceeds fixed maximum message size")
    return line("555 5.5.4 MAIL FROM parameters not recognized or not implemented") if known else None


def _syntax(dialogue: Dialogue, command: str) -> bytes:
    parameters = " [SP <mail-parameters>]" if dialogue.extended else ""
    return line(f"501 5.5.4 Syntax: {command}: <address>{parameters}")


def _address(path: str) -> str | None:
    """Return the address between angle brackets, without a route; ``None`` if it is not one."""
    return read_path(path[1:-1]) if path[:1] == "<" and path[-1:] == ">" else None


def _sender(dialogue: Dialogue) -> str:
    return "" if dialogue.sender == "<>" else dialogue.sender


def _misaddressed(dialogue: Dialogue, command: Misaddressed) -> Replies:
    """Return the reply to a command whose path is not an address."""
    reply = line(command.reply)
    if dialogue.identity is None:
        return reply
    rest = dialogue.gateway.misaddress(dialogue.identity, command, dialogue.client)
    return reply if rest is None else _after(rest, reply)


async def _after(rest: Rest[None], reply: bytes) -> bytes:
    await rest()
    return reply
