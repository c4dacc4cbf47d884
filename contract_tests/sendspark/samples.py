"""How responses of Sendspark may differ from the recorded samples."""

from __future__ import annotations

from contract_tests.shapes import rules

_FEW_HAVE = ("validationDetails", "bulkId", "customField", "screenshotUrl", "webhookUrl", "webhookEvents", "audioUrl")
_OF_ROWS = tuple(f"prospectList[].{name}" for name in ("_id", *_FEW_HAVE, "fields", "hash", "depurationStatus"))
_CALENDAR = "videoProperties.sharePage.calendar"
_FREE = ("fields", "voiceCloning", "prospectList[].fields")
_CAMPAIGN = rules(optional=(*_OF_ROWS, _CALENDAR), free=_FREE)

RULES = {
    "create_dynamics": _CAMPAIGN,
    "create_dynamics_by_steps": _CAMPAIGN,
    "get_workspace_dynamics": _CAMPAIGN,
    "modify_dynamic_settings": _CAMPAIGN,
    "modify_dynamics_v2": rules(optional=(*_OF_ROWS, _CALENDAR, "depuration"), free=_FREE),
    "add_prospect": _CAMPAIGN,
    "add_prospects": _CAMPAIGN,
    "generate_videos": _CAMPAIGN,
    "generate_videos_v2": _CAMPAIGN,
    # The projection decides the fields of a row; the first and the last page lack a link.
    "get_dynamics_list": rules(free=("response.data[]", "response.links.next", "response.links.previous")),
    # The links are null until the video is completed.
    "get_prospect": rules(
        optional=("emailEmbedHTML", "fields"), free=("shareUrl", "embedUrl", "emailEmbedHTML", "fields")
    ),
    "get_dynamics_settings": rules(maps=("languages", "multivariableLanguages")),
    "get_dvm_bundles": rules(free=("balance",)),
    "create_webhook": rules(optional=("metadata",)),
    "get_webhook": rules(optional=("metadata",)),
    "get_webhook_list": rules(optional=("[].metadata",)),
    "modify_webhook": rules(optional=("metadata",)),
}
