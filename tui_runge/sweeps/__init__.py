"""Sweeps: plans of many runs, what trains them and what became of them. No torch here. May import all below.

`plan` says what is to be trained, an engine such as `local` has it trained, `results` reads what became of it.
"""
