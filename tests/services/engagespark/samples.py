"""The recorded samples of engageSPARK's answers, by operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "fixtures" / "engagespark"
FILES = sorted(FOLDER.glob("*/*.json"))
SAMPLES: dict[str, dict[str, Any]] = {file.stem: json.loads(file.read_text()) for file in FILES}
