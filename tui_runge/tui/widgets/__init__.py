"""Widgets, one a file: each is given values and draws them."""
