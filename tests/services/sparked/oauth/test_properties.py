"""OAuth against a model, in any order of requests."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sparked.oauth.scopes import NAMES
from tests.services.sparked.api import Api, api_error, oauth_error, returned
from tests.services.view import NOW

PATHS = {
    "read:profile": ("GET", "/api/v1/creators/{}"),
    "read:insights": ("GET", "/api/v1/creators/{}/insights"),
    "read:gameplan": ("GET", "/api/v1/gameplan/{}"),
    "write:gameplan": ("POST", "/api/v1/gameplan/{}/slots"),
    "read:assets": ("GET", "/api/v1/studio/{}/assets"),
    "read:mediakit": ("GET", "/api/v1/mediakit/{}"),
}
SCOPES = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)


@dataclass
class Consent:
    """An authorization in the model."""

    creator: str
    scopes: frozenset[str]
    live: bool = True


@dataclass
class Code:
    text: str
    consent: Consent
    verifier: str | None
    expires: float
    used: bool = False


@dataclass
class Access:
    text: str
    consent: Consent
    scopes: frozenset[str]
    expires: float
    revoked: bool = False


@dataclass
class Refresh:
    text: str
    consent: Consent
    used: bool = False


class OAuth(RuleBasedStateMachine):
    """No code is exchanged twice, no token exceeds its scopes, and nothing revoked becomes valid again."""

    @initialize()
    def begin(self) -> None:
        self.api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
        self.creators = self.api.creators
        self.now = NOW
        self.codes: list[Code] = []
        self.accesses: list[Access] = []
        self.refreshes: list[Refresh] = []

    @rule(
        index=st.integers(0, 3),
        wanted=SCOPES,
        unticked=st.none() | SCOPES,
        proof=st.sampled_from([None, "a" * 43, "b" * 128]),
        at_once=st.booleans(),
    )
    def consent(
        self, index: int, wanted: list[str], unticked: list[str] | None, proof: str | None, at_once: bool
    ) -> None:
        ticked = [name for name in wanted if name not in (unticked or ())]
        changes = {} if proof is None else {"code_challenge": challenge(proof), "code_challenge_method": "S256"}
        page = self.api.authorize(" ".join(wanted), **changes)
        brought = returned(self.api.decide(page, ticked=ticked, creator=self.creators[index]))
        if not ticked:
            assert brought["error"] == "access_denied"
        else:
            consent = Consent(self.creators[index], frozenset(ticked))
            self.codes.append(Code(brought["code"], consent, proof, self.now + 600))
            if at_once:
                self._exchange(self.codes[-1], proves=True)

    @precondition(lambda self: self.codes)
    @rule(pick=st.integers(0, 50), proves=st.booleans() | st.just(True))
    def exchange(self, pick: int, proves: bool) -> None:
        self._exchange(self.codes[-1 - pick % min(3, len(self.codes))], proves)

    @precondition(lambda self: self.refreshes)
    @rule(pick=st.integers(0, 50), requested=st.sampled_from(["nothing", "less", "other"]), other=SCOPES)
    def refresh(self, pick: int, requested: str, other: list[str]) -> None:
        token = self.refreshes[-1 - pick % min(4, len(self.refreshes))]
        granted = {
            "nothing": token.consent.scopes,
            "less": frozenset(sorted(token.consent.scopes)[:1]),
            "other": frozenset(other),
        }[requested]
        response = self.api.refresh(token.text, scope=None if requested == "nothing" else " ".join(granted))
        if token.used or not token.consent.live:
            assert oauth_error(response) == (400, "invalid_grant")
            token.consent.live = False
        elif not granted <= token.consent.scopes:
            assert oauth_error(response) == (400, "invalid_scope")
        else:
            token.used = True
            self._buy(response, token.consent, granted)

    @precondition(lambda self: self.refreshes)
    @rule(pick=st.integers(0, 50))
    def revoke(self, pick: int) -> None:
        token = self.refreshes[pick % len(self.refreshes)]
        assert self.api.post_form("/oauth/revoke", {"token": token.text}).status_code == 200
        token.consent.live = False

    @precondition(lambda self: self.accesses)
    @rule(pick=st.integers(0, 50))
    def revoke_access(self, pick: int) -> None:
        token = self.accesses[pick % len(self.accesses)]
        assert self.api.post_form("/oauth/revoke", {"token": token.text}).status_code == 200
        token.revoked = True

    @rule(seconds=st.sampled_from([1, 300, 599, 600, 3599, 3600]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.api.clock.freeze(self.now)

    @invariant()
    def every_token_opens_what_the_model_says(self) -> None:
        for token in self.accesses[-6:]:
            for scope, (method, path) in PATHS.items():
                body: dict[str, Any] | None = {} if method == "POST" else None
                response = self.api.send(method, path.format(token.consent.creator), body, token=token.text)
                if token.revoked or not token.consent.live or self.now >= token.expires:
                    assert api_error(response) == (401, "unauthorized")
                elif scope not in token.scopes:
                    assert api_error(response) == (403, "insufficient_scope")
                else:
                    assert response.status_code in (200, 422)

    def _exchange(self, code: Code, proves: bool) -> None:
        response = self.api.exchange(code.text, code_verifier=code.verifier if proves else "x" * 43)
        if not code.used and code.consent.live and self.now < code.expires and proves:
            code.used = True
            self._buy(response, code.consent, code.consent.scopes)
        else:
            assert oauth_error(response) == (400, "invalid_grant")
            code.consent.live = code.consent.live and not code.used

    def _buy(self, response: httpx.Response, consent: Consent, granted: frozenset[str]) -> None:
        assert response.status_code == 200, response.text
        fields = response.json()
        assert frozenset(fields["scope"].split()) == granted <= consent.scopes
        assert fields["access_token"] not in [token.text for token in self.accesses]
        self.accesses.append(Access(fields["access_token"], consent, granted, self.now + 3600))
        self.refreshes.append(Refresh(fields["refresh_token"], consent))


OAuth.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestOAuth = OAuth.TestCase


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
