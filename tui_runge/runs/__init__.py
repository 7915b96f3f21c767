"""Run folders: written while a run trains, listed, read and continued. No torch. May import core and problems."""
