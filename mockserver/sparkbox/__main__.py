"""``python -m sparkbox`` is the command ``sparkbox``."""

import sys

from .cli import main

sys.exit(main())
