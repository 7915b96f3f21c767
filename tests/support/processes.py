"""Other processes, waited for without asking again and again."""

import asyncio
import os


async def ended(process: int) -> None:
    """Wait for the end of a process, which may have come already."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    gone, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
