"""The commands of the command line."""

COMMANDS = ("train", "resume", "runs", "compare", "export")
