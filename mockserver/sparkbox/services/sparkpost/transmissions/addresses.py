"""Addresses in the places where SparkPost takes more than a bare address: the sender, and headers."""

from __future__ import annotations

from sparkbox.mail.addresses import Mailbox, gather, is_domain, read, read_all
from sparkbox.mail.headers import decoded


def sender_in(text: str) -> Mailbox:
    """Read ``from`` as a text: ``Fred <fred@example.com>`` or a bare address.

    Other texts become an address without a domain, which the vendor refuses:
    https://github.com/anymail/django-anymail/issues/212.
    """
    box = read(text)
    return Mailbox(text.strip()) if box is None else Mailbox(box.email, decoded(box.name))


def lacks_local_part(sender: str) -> bool:
    """Return whether a sender is only ``@`` and a domain."""
    before, at, domain = sender.rpartition("<")[2].removesuffix(">").partition("@")
    return at != "" and before == "" and is_domain(domain)


def is_list(text: str) -> bool:
    """Return whether a header with mailboxes or groups can have this text."""
    return read(text) is not None or read_all(text) is not None


def addresses_in(header: str) -> frozenset[str]:
    """Return the addresses in a header like ``Cc``, in lower case."""
    return frozenset(box.email.lower() for box in gather(header))
