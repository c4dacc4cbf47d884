"""Sends one mail with Django's SMTP back end, as a site would: a JSON object on standard input says which and where to.

``{"connection": {…}, "mail": {…}}``. Django's settings are one a process, so this is a process of its own.
"""

from __future__ import annotations

import json
import smtplib
import sys

from django.conf import settings  # type: ignore[import-untyped]
from django.core.mail import EmailMultiAlternatives, get_connection  # type: ignore[import-untyped]


def main() -> None:
    job = json.load(sys.stdin)
    settings.configure(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", USE_TZ=True)
    html = job["mail"].pop("html", None)
    mail = EmailMultiAlternatives(**job["mail"], connection=get_connection(**job["connection"]))
    if html is not None:
        mail.attach_alternative(html, "text/html")
    try:
        json.dump({"sent": mail.send()}, sys.stdout)
    except smtplib.SMTPResponseException as error:
        json.dump({"code": error.smtp_code, "text": _text(error.smtp_error)}, sys.stdout)


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply


if __name__ == "__main__":
    main()
