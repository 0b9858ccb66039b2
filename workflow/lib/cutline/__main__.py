"""`python -m cutline` is the `cutline` command."""

import sys

from cutline.command import main

sys.exit(main())
