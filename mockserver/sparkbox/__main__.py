"""``python -m sparkbox`` is the command ``sparkbox``."""

import sys

from sparkbox.cli.main import main

sys.exit(main())
