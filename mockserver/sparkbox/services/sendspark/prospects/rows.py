"""Rows: the prospects of a request, parsed and checked.

Wrong types, or bad URLs in fields that the specification marks as URIs, fail a request with a single prospect. In a
list such a row is invalid and the others go on. A bad address or background makes a prospect invalid everywhere: the
response has ``valid: false``, and no video is made. With the campaign's ``useFallbackData``, the workspace's background
and "there" replace a bad background and a missing name.

Assumed: spaces around an address are dropped, and addresses are compared without regard to case.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import to_json
from sparkbox.core.state.context import Context

from ..campaigns.models import Campaign
from ..fields import Json, Text, WebUrl, domain_of, is_email, normal_url
from .depuration import Row
from .models import MORE

FALLBACK_NAME = "there"


class NewProspect(Body):
    """A prospect in a request. ``_id``, ``valid`` and ``fallbackDataUsed`` are accepted and ignored."""

    contactName: Text | None = None
    contactEmail: Text | None = None
    company: Text | None = None
    jobTitle: Text | None = None
    customField: Text | None = None
    backgroundUrl: Annotated[str, Field(max_length=10_000)] | None = None
    originalBackgroundUrl: Annotated[str, Field(max_length=10_000)] | None = None
    screenshotUrl: WebUrl | None = None
    webhookUrl: WebUrl | None = None
    webhookEvents: Annotated[list[Text], Field(max_length=100)] | None = None
    audioUrl: WebUrl | None = None
    fields: Json | None = None
    hash: Text | None = None


FIELDS = frozenset(NewProspect.model_fields)
_NEW_PROSPECT: TypeAdapter[NewProspect] = TypeAdapter(NewProspect)


class RowReader:
    """Parse the rows of one request."""

    def __init__(self, ctx: Context, campaign: Campaign, *, domain_for_background: bool = False) -> None:
        self._use_fallback = campaign.use_fallback_data
        self._domain_for_background = domain_for_background

    def read_row(self, fields: dict[str, Any]) -> Row:
        """Return a row of a list; unreadable fields make it invalid."""
        try:
            return self.row_of(_NEW_PROSPECT.validate_python(fields))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            findings = tuple((str(each["loc"][0]) if each["loc"] else "prospect", each["msg"]) for each in found[:10])
            given = fields.get("contactEmail")
            email = given.strip() if isinstance(given, str) else ""
            return Row(email.lower() if is_email(email) else "", problems=findings, given_email=email[:254])

    def row_of(self, given: NewProspect) -> Row:
        """Return the row of a prospect whose fields have the right types."""
        email = (given.contactEmail or "").strip()
        good = is_email(email)
        problems = [] if good else [("contactEmail", "Invalid email" if email else "Email is required")]
        background, original, finding = self._background(given, email if good else "")
        name = (given.contactName or "").strip()
        fallback_used = False
        if self._use_fallback:
            fallback_used = bool(finding) or not name
            finding = ""
            name = name or FALLBACK_NAME
        if finding:
            problems.append(("backgroundUrl", finding))
        return Row(
            email.lower() if good else "",
            name,
            (given.company or "").strip(),
            (given.jobTitle or "").strip(),
            background,
            original,
            tuple(problems),
            fallback_used,
            _more(given),
            email,
        )

    def _background(self, given: NewProspect, email: str) -> tuple[str, str, str]:
        """Return the background, the given text, and what is wrong with it."""
        text = (given.backgroundUrl or "").strip()
        if not text:
            # The real service usually takes the workspace's background for an empty one; some callers saw a 400.
            if self._domain_for_background and email:
                return f"https://{domain_of(email)}/", given.originalBackgroundUrl or "", ""
            return "", given.originalBackgroundUrl or "", ""
        url = normal_url(text)
        if url is None:
            return "", text[:2048], "Invalid URL"
        return url, (given.originalBackgroundUrl or text)[:2048], ""


def _more(given: NewProspect) -> bytes:
    found = {name: value for name in MORE if (value := getattr(given, name)) not in (None, "", [], {})}
    return to_json(found) if found else b""
