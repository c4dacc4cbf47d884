"""A Django site on this machine whose receiver of webhooks is django-anymail's: a program written against SparkPost."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

CREDENTIALS = {"username": "anymail", "password": "s3cret"}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *values: Any) -> None:
        """Says nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class AnymailSite:
    """``with AnymailSite() as site:`` listens on a free port; ``site.events`` are what anymail made of the batches."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __enter__(self) -> AnymailSite:
        from anymail.signals import tracking  # type: ignore[import-untyped]

        application = _application()
        self._server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        tracking.connect(self._keep)
        return self

    def __exit__(self, *exception: object) -> None:
        from anymail.signals import tracking

        tracking.disconnect(self._keep)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/anymail/sparkpost/tracking/"

    def _keep(self, sender: Any, event: Any, esp_name: str, **more: Any) -> None:
        self.events.append(event)


def _application() -> Any:
    import django  # type: ignore[import-untyped]
    from django.conf import settings  # type: ignore[import-untyped]
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]

    if not settings.configured:
        secret = "{username}:{password}".format(**CREDENTIALS)
        settings.configure(
            ALLOWED_HOSTS=["127.0.0.1"],
            ANYMAIL={"WEBHOOK_SECRET": secret},
            INSTALLED_APPS=["anymail"],
            LOGGING_CONFIG=None,
            ROOT_URLCONF=_pages(),
            SECRET_KEY="of no use to anybody",
            USE_TZ=True,
        )
        django.setup()
    return get_wsgi_application()


def _pages() -> tuple[Any, ...]:
    """The site's URL patterns, which Django accepts instead of a module's name."""
    from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    return (path("anymail/sparkpost/tracking/", SparkPostTrackingWebhookView.as_view()),)
