"""How responses of Sparked may differ from the recorded samples."""

from __future__ import annotations

from contract_tests.shapes import rules

_CURSOR = rules(free=("next_cursor",))

RULES = {
    # The slot of the sample is not published yet; a plan has both kinds.
    "get_gameplan": rules(free=("next_cursor", "data[].published_at", "data[].post_url")),
    "list_assets": rules(
        free=(
            "next_cursor",
            *(
                f"data[].{name}"
                for name in (
                    "width",
                    "height",
                    "duration_seconds",
                    "slot_id",
                )
            ),
        )
    ),
    "list_insights": _CURSOR,
    "list_nudges": rules(free=("next_cursor", "data[].insight_id")),
    "list_views": rules(free=("next_cursor", "data[].brand", "data[].referrer")),
    # One slot, or a result for each of several.
    "add_slots": rules(free=("",)),
    "get_performance": rules(free=("platform",)),
}
