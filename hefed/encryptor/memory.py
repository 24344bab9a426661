"""Peak memory of this process and of its largest finished child, where the platform tells."""

import sys

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, KiB elsewhere


def peak_memory_bytes() -> dict[str, int]:
    """Empty on Windows, which has no ``resource`` module."""
    if sys.platform == "win32":
        return {}
    import resource

    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"process": own * _UNIT_BYTES, "worker": child * _UNIT_BYTES}
