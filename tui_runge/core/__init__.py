"""Plain values that all other folders share: hyperparameters, settings, progress, run states.

No torch, no Textual; NumPy only where a progress holds arrays. Imports none of the other folders.
"""
