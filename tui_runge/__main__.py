"""`python -m tui_runge` is `runge-tui`."""

from tui_runge.cli import main

raise SystemExit(main())
