"""Whom a mail is from and whom its headers name, in the places where SparkPost takes more than a bare address."""

from __future__ import annotations

from sparkbox.mail.addresses import Mailbox, gather, is_domain, read, read_all
from sparkbox.mail.headers import decoded


def sender_in(text: str) -> Mailbox:
    """``from`` as one text, ``Fred <fred@example.com>`` or a bare address.

    What is not one mailbox stays whole as the address of somebody without a domain: the vendor refuses it for that,
    https://github.com/anymail/django-anymail/issues/212.
    """
    box = read(text)
    return Mailbox(text.strip()) if box is None else Mailbox(box.email, decoded(box.name))


def lacks_local_part(sender: str) -> bool:
    """Whether a sender is a domain with an ``@`` before it, and nothing else."""
    before, at, domain = sender.rpartition("<")[2].removesuffix(">").partition("@")
    return at != "" and before == "" and is_domain(domain)


def is_list(text: str) -> bool:
    """Whether ``text`` may stand in a header that names one or more mailboxes, or a group of them."""
    return read(text) is not None or read_all(text) is not None


def addresses_in(header: str) -> frozenset[str]:
    """All addresses in a header like ``Cc``, in lower case."""
    return frozenset(box.email.lower() for box in gather(header))
