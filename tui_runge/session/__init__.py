"""The training thread: commands in, progress out.

May import core, problems and training, the last only once the thread runs.
"""
