"""``python -m mockserver`` is the command ``mockserver``."""

import sys

from .cli import main

sys.exit(main())
