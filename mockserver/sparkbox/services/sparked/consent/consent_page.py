"""The consent page: the requested scopes, and which of the sandbox's creators decides."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlsplit

from sparkbox.core.request.http import Response

from .. import pages
from ..creators.models import Creator
from ..oauth.scopes import BY_NAME, Scope
from .consents import AuthorizationRequest


def render(
    client_id: str, name: str, request: AuthorizationRequest, signed: str, creators: Sequence[Creator]
) -> Response:
    """Return a form with a checkbox for each scope, Approve and Deny. It needs no scripts."""
    app = escape(name)
    wanted = [BY_NAME[scope] for scope in request.scopes]
    body = f"""\
<div class="pair">{_mark(name)}{pages.ARROWS}{pages.SPARK}</div>
<h1>{app} wants to use your Sparked data</h1>
<p class="soft">You decide what it gets. Untick whatever you would rather keep to yourself.</p>
<form method="post" action="authorize?client_id={quote(client_id, safe="")}">
<input type="hidden" name="request" value="{escape(signed)}">
<fieldset>
<legend>{app} will be able to</legend>
{"".join(map(_scope, wanted))}</fieldset>
<fieldset class="sandbox">
<legend><span class="badge">Sandbox</span>Whose consent is it?</legend>
<p class="small soft" id="why">The real page asks the creator to log in. Nobody has a password here, so you choose.</p>
<div class="people" role="radiogroup" aria-label="Creator" aria-describedby="why">
{"".join(_person(creator, checked=index == 0) for index, creator in enumerate(creators))}</div>
</fieldset>
<div class="actions">
<button name="decision" value="approve">Approve</button>
<button class="quiet" name="decision" value="deny">Deny</button>
</div>
</form>
<p class="back small soft">Either way you go back to <strong>{escape(_target(request.redirect_uri))}</strong>.
Approving shares nothing but what is ticked, and the app's access can be ended at any time.</p>"""
    return pages.response(f"{name} wants to use your Sparked data", body, sends_to=request.redirect_uri)


def _scope(scope: Scope) -> str:
    id = scope.name.replace(":", "-")
    items = "".join(f"<li>{escape(item)}</li>" for item in scope.opens)
    mark = ' <span class="writes">makes changes</span>' if scope.writes else ""
    return (
        f'<div class="choice">\n<input type="checkbox" id="{id}" name="scope" value="{scope.name}" checked '
        f'aria-describedby="{id}-data">\n'
        f'<div><label for="{id}"><strong>{escape(scope.title)}</strong>{mark}</label>\n'
        f'<ul id="{id}-data">{items}</ul><code>{scope.name}</code></div>\n</div>\n'
    )


def _person(creator: Creator, *, checked: bool) -> str:
    return (
        f'<label class="choice person" for="{creator.id}">\n'
        f'<input type="radio" id="{creator.id}" name="creator" value="{creator.id}"{" checked" if checked else ""}>\n'
        f'<img src="../media/avatars/{creator.avatar}" alt="" width="34" height="34">\n'
        f"<span><strong>{escape(creator.name)}</strong><code>{creator.id}</code></span>\n</label>\n"
    )


def _mark(name: str) -> str:
    """Return the app's initials on a coloured background, in place of a logo."""
    hue = pages.hue(name)
    return (
        f'<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><rect width="48" height="48" rx="14" '
        f'fill="hsl({hue} 55% 36%)"/><text x="24" y="31" text-anchor="middle" font-size="20" font-weight="600" '
        f'font-family="system-ui,sans-serif" fill="#fff">{escape(pages.initials(name))}</text></svg>'
    )


def _target(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}: (an app on this device)"
