#!/usr/bin/env python3
"""Dropout of one big f32 tensor in PyTorch (forward, training) against copying it, as one line of JSON.

The tensor (64 MiB unless told otherwise) fits no cache. Dropout returns a new tensor, as in a network; the copy goes
into memory that exists already. PyTorch draws the mask in one thread unless it was built with MKL, hence the field.
"""

import argparse
import json
import os

import torch
from torch.nn import functional

from measure import at_least, keep_freed_memory, milliseconds, summary, usable_cores


def per_element(work, arguments):
    """Times of `work`, and its nanoseconds an element."""
    times = summary(milliseconds(work, arguments.warm_up, arguments.repeats))
    return {**times, "ns_per_element": round(times["median_ms"] * 1e6 / arguments.elements, 3)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probability", type=float, default=0.2)
    parser.add_argument("--elements", type=at_least(1), default=1 << 24)
    parser.add_argument("--keep-memory", action="store_true", help="reuse freed memory (a tuned malloc)")
    parser.add_argument("--threads", type=at_least(1), default=usable_cores())
    parser.add_argument("--repeats", type=at_least(2), default=20)
    parser.add_argument("--warm-up", type=at_least(0), default=3)
    return parser.parse_args()


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.keep_memory:
        keep_freed_memory()
    source = torch.randn(arguments.elements)
    target = torch.empty_like(source).copy_(source)
    dropout = per_element(lambda: functional.dropout(source, arguments.probability, training=True), arguments)
    copy = per_element(lambda: target.copy_(source), arguments)
    report = {
        "elements": arguments.elements,
        "probability": arguments.probability,
        "torch": torch.__version__,
        "mkl": torch.backends.mkl.is_available(),
        "keep_memory": arguments.keep_memory,
        "threads": arguments.threads,
        "dropout": dropout,
        "copy": copy,
        "dropout_over_copy": round(dropout["ns_per_element"] / copy["ns_per_element"], 1),
        "load_average": round(os.getloadavg()[0], 2),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
