"""The files a run is exported to: figures, tables, report, model.

May import core, problems and runs."""
