"""Rate limits: 30 requests a minute for each operation; 1 a minute for ``…/prospects/bulk``."""

from __future__ import annotations

from sparkbox.core.declare.limits import Limit

LIMITS = (Limit("requests", 30, 60, shared=False),)
BULK_LIMITS = (Limit("bulk", 1, 60),)
