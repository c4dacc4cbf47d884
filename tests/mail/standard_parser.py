"""Read mail with the standard library, to compare it with what the sandbox builds."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from typing import Any


class _Lenient(EmailPolicy):
    """The default policy; a header that the standard library fails to read is plain text."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except (ValueError, LookupError, AttributeError, TypeError, MessageError):
            if name.lower().startswith("content-"):
                return super().header_fetch_parse(name, "")
            return _PLAIN(name, " ".join(value.split()))


_PLAIN = HeaderRegistry(use_default_map=False)
_POLICY = _Lenient()


def parse(source: bytes) -> EmailMessage:
    """Parse a mail. Nothing is refused: defects are listed on the result."""
    mail = BytesParser(policy=_POLICY).parsebytes(source)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the default policy builds EmailMessage")
    return mail
