"""Training a network on a problem: network, gradients, optimizers, stages, trainer.

Knows torch, but no clock, thread or file. May import core and problems.
"""
