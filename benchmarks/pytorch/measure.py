"""Timing that the benchmarks of this folder share."""

import ctypes
import os
import statistics
import time

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # options of mallopt(3)


def keep_freed_memory():
    """Lets glibc's malloc reuse freed memory instead of returning it to the kernel.

    By default a big tensor is fresh pages on every step, which cost more than many an operator that fills them.
    """
    mallopt = ctypes.CDLL(None).mallopt
    if not (mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, 2**31 - 1)):
        raise RuntimeError("mallopt: this C library's malloc cannot be told to keep freed memory")


def milliseconds(work, warm_up, repeats):
    """Calls `work` warm_up + repeats times; the duration of each of the last `repeats` calls, in milliseconds."""
    for _ in range(warm_up):
        work()
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        durations.append((time.perf_counter() - start) * 1e3)
    return durations


def summary(durations):
    """Median, spread and minimum of durations, as fields of a report."""
    deciles = statistics.quantiles(durations, n=10, method="inclusive")
    return {
        "median_ms": round(statistics.median(durations), 3),
        "p10_ms": round(deciles[0], 3),
        "p90_ms": round(deciles[-1], 3),
        "min_ms": round(min(durations), 3),
        "repeats": len(durations),
    }


def usable_cores():
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0))


def at_least(minimum):
    """An argparse type: whole numbers from `minimum` on."""

    def whole_number(text):
        value = int(text)
        if value < minimum:
            raise ValueError
        return value

    whole_number.__name__ = f"whole number of at least {minimum}"  # argparse puts it into its message
    return whole_number
