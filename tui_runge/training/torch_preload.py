"""torch's shared library, loaded without stopping the other threads."""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

LIBRARIES = ("libtorch_global_deps.so", "libtorch_cpu.so")


def load_library() -> None:
    """Load torch's library before `import torch` does.

    An import holds the interpreter's lock while the system links the library, 0.3 s in which no key is answered; a
    call through ctypes lets go of it. Where there is no such library, the import does it all, as ever.
    """
    found = None if "torch" in sys.modules else importlib.util.find_spec("torch")
    if found is None or found.origin is None or sys.platform != "linux":
        return
    link = ctypes.CDLL(None).dlopen
    for name in LIBRARIES:
        path = Path(found.origin).parent / "lib" / name
        if path.exists():
            link(os.fsencode(path), os.RTLD_NOW | os.RTLD_GLOBAL)
