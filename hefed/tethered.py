"""Run a program that the kernel tells to stop when its supervisor dies: ``python -m hefed.tethered PID PROGRAM ...``.

A supervisor that is killed cannot stop what it started, and a web process that is left behind holds the port of the
next one. Only Linux knows this request; elsewhere the program is run without it.
"""

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def run(supervisor: int, argv: Sequence[str]) -> None:
    """Become the program; returns never, or at once when the supervisor has died in between."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == supervisor:
        os.execv(shutil.which(argv[0]) or argv[0], list(argv))  # noqa: S606


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
