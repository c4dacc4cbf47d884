"""Record the samples of the chatbots: ``python -m tests.services.sendpulse.chatbots.record_samples``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from contract_tests.fixtures import FOLDER
from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sendpulse.chatbots.channels import CHANNELS, Channel
from tests.services.sendpulse.api import Api

HERE = FOLDER / "sendpulse" / "chatbots" / "tags"
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "assign_tags": ("POST", "/contacts/setTag", {"contact_id": "{contact_id}", "tags": ["webinar", "vip"]}),
    "list_tags": ("GET", "/tags?bot_id={bot_id}&size=10&skip=0", None),
    "list_contacts_by_tag": ("GET", "/contacts/getByTag?bot_id={bot_id}&tag=webinar", None),
    "remove_tag": ("POST", "/contacts/deleteTag", {"contact_id": "{contact_id}", "tag": "webinar"}),
}
"""By operation, in the order in which they are sent."""


def record() -> dict[Path, str]:
    """Return what the files of the samples should hold."""
    recorded = {channel.name: _of(channel) for channel in CHANNELS}
    rows = [f"{json.dumps(name)}: {json.dumps(row)}" for name, (row, _) in recorded.items()]
    (samples, *others) = (samples for _, samples in recorded.values())
    assert all(other == samples for other in others)
    files = {HERE / f"{name}.json": json.dumps(sample, indent=2) + "\n" for name, sample in samples.items()}
    return {HERE / "_rows.json": "{\n" + ",\n".join(rows) + "\n}\n", **files}


def _of(channel: Channel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the channel has of its own, and its samples without that."""
    api = Api(create_app(Settings(rate_limits=False)))
    contact = api.simulate("chatbot-contact", messenger=channel.name, name="Mira Sato")["contact"]
    samples: dict[str, Any] = {}
    for name, (method, path, body) in REQUESTS.items():
        request = json.dumps({"method": method, "path": f"{{prefix}}{path}", **({"body": body} if body else {})})
        request = request.replace("{contact_id}", contact["id"]).replace("{bot_id}", contact["bot_id"])
        sent = json.loads(request.replace("{prefix}", channel.prefix))
        response = api.call(sent["method"], sent["path"], sent.get("body"))
        samples[name] = {"rows": "_rows.json", "request": json.loads(request), "status": 200, "response": response}
    api.http.close()
    samples = _renumbered(samples)
    page = samples["list_contacts_by_tag"]["response"]
    (shown,) = page["data"]
    page["data"] = ["{contact}"]
    return {"prefix": channel.prefix, "contact": shown}, samples


def _renumbered(samples: Any) -> Any:
    """Replace the ids by others that do not depend on the channel."""
    ids: dict[str, str] = {}
    found = re.compile(r"\b[0-9a-f]{24}\b")
    return json.loads(found.sub(lambda id: ids.setdefault(id[0], f"69a42a40{len(ids) + 1:016x}"), json.dumps(samples)))


if __name__ == "__main__":
    for path, text in record().items():
        path.write_text(text, "utf-8")
