"""Memory: what this process holds, and handing freed memory back to the system."""

import ctypes


def _malloc_trim():
    """glibc's malloc_trim, or a function that does nothing where the C library has none (musl, macOS)."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return lambda _pad: 0


_trim = _malloc_trim()


def trim():
    """Gives freed memory back. malloc keeps it otherwise, and the peak of the next piece comes on top."""
    _trim(0)


def peak_megabytes():
    """Highest resident size so far, in MB of 1024²; None where /proc does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass
    return None
