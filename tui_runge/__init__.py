"""Train a network on a function and its derivative, live in the terminal."""

__version__ = "0.1.0"
