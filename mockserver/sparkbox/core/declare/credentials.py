"""How one service opens accounts: with its own credentials, and with no other service's."""

from __future__ import annotations

from ..state.account import Account
from ..state.accounts import MADE, MOST_CREDENTIAL, Accounts
from ..state.config import Settings
from ..state.signing import same


class Credentials:
    """Opens accounts for ``service``. ``note`` says why the last credential was refused, if there is more to say."""

    __slots__ = ("_settings", "accounts", "note", "service")

    def __init__(self, accounts: Accounts, settings: Settings, service: str) -> None:
        self.accounts = accounts
        self.service = service
        self.note: str | None = None
        self._settings = settings

    def open(self, credential: str) -> Account | None:
        """Return the account that a credential opens, made on first use; ``None`` if the credential is refused."""
        account = self.accounts.open(credential, self.service)
        if account is None:
            self.note = self._why_not(credential)
        return account

    def made(self, credential: str) -> Account | None:
        """Return the account in which a key, token or page of this service was made; ``None`` if there is none."""
        account = self.accounts.made(credential, self.service)
        return None if account is None else self.accounts.open(account.credential)

    def take_secret(self, credential: str, secret: str) -> bool:
        """Return whether a secret goes with a credential.

        A ready credential has a secret of its own; with any other goes any that begins with ``mock-`` and is no other
        service's. A sandbox that accepts any key takes any secret.
        """
        if not secret or self._settings.accept_any_key:
            return secret != ""
        ready = self.accounts.ready.get(self.accounts.root(credential))
        if ready is not None and ready.service == self.service:
            return same(ready.secret, secret)
        if self.accounts.owners.get(secret, self.service) != self.service:
            self.note = f"{_shown(secret)} is not one of {self.service}'s secrets"
            return False
        return secret.startswith("mock-") and len(secret) <= MOST_CREDENTIAL

    def _why_not(self, credential: str) -> str | None:
        owner, root = self.accounts.owner(credential), self.accounts.root(credential)
        if not owner:
            lost = "was taken back, or its account was reset or is gone"
            return f"the key {_shown(credential)} {lost}" if credential.startswith(MADE) else None
        refused = f"{_shown(credential)} is a credential of {owner}, and refused by {self.service}"
        if credential.startswith(MADE) or credential in self.accounts.owners:
            return refused
        return f"{refused}, where {_shown(f'{root}.{self.service}')} opens the same account"


def _shown(credential: str) -> str:
    return credential if len(credential) <= 100 else credential[:100] + "…"
