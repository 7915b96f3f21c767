"""What a trained model and its history tell: error by place, spectra, what units contribute.

Pure functions of plain arrays; may import core and problems.
"""
