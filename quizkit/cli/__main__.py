"""`python -m quizkit.cli`: the same as the `quizkit` command."""

import sys

from quizkit.cli.main import main

sys.exit(main())
