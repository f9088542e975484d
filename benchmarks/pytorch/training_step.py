#!/usr/bin/env python3
"""A training step of ConvNet-Quick, ResNet-20 or SimCSE (networks.py) in PyTorch, as one line of JSON.

One step: zero_grad, forward, loss, backward, the optimiser, over one batch of random images, or of sentences of random tokens.
`--form` says how the program is written:

    usual              f32, NCHW, as most write it
    f32-channels-last  f32, NHWC
    bf16-autocast      f32 weights, bf16 arithmetic by autocast, NHWC
    bf16-pure          weights, activations and gradients in bf16, NHWC
    best               the faster of the two bf16 forms
    fastest            the fastest of all of these on the machine at hand, with --keep-memory

`best` and `fastest` try each candidate for a few steps; with --compile, each of them both eager and compiled.
"""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch

from measure import at_least, keep_freed_memory, milliseconds, summary, usable_cores
from networks import NETWORKS

TRIAL_WARM_UP, TRIAL_STEPS = 3, 7


@dataclass(frozen=True)
class Form:
    """A way to write the same training step."""

    name: str
    dtype: torch.dtype = torch.float32
    autocast: bool = False
    memory_format: torch.memory_format = torch.channels_last
    compiled: bool = False


USUAL = Form("usual", memory_format=torch.contiguous_format)
F32_CHANNELS_LAST = Form("f32-channels-last")
BF16_AUTOCAST = Form("bf16-autocast", autocast=True)
BF16_PURE = Form("bf16-pure", dtype=torch.bfloat16)

CANDIDATES = {
    "usual": [USUAL],
    "f32-channels-last": [F32_CHANNELS_LAST],
    "bf16-autocast": [BF16_AUTOCAST],
    "bf16-pure": [BF16_PURE],
    "best": [BF16_AUTOCAST, BF16_PURE],
    "fastest": [USUAL, F32_CHANNELS_LAST, BF16_AUTOCAST, BF16_PURE],
}


def optimizer_of(network, model):
    """The network's optimiser in the fewest kernels that this version of PyTorch offers."""
    parameters = list(model.parameters())
    try:
        return network.optimizer(parameters, fused=True, **network.settings)
    except (TypeError, RuntimeError):  # before 2.4: no such argument, or not on a CPU
        return network.optimizer(parameters, foreach=True, **network.settings)


def training_step(form, network, drop_probability, batch):
    """A function of no arguments that trains a fresh network by one step, on the same random batch each time."""
    model = network.create(drop_probability).to(dtype=form.dtype, memory_format=form.memory_format)
    optimizer = optimizer_of(network, model)
    data = network.make_batch(batch, form)

    def loss():
        with torch.autocast("cpu", dtype=torch.bfloat16) if form.autocast else nullcontext():
            return model(*data)

    loss = torch.compile(loss) if form.compiled else loss

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return step


def candidates(name, with_compiled):
    """The forms that --form and --compile leave to choose from."""
    eager = CANDIDATES[name]
    compiled = [replace(form, compiled=True) for form in eager] if with_compiled else []
    return compiled if with_compiled and len(eager) == 1 else eager + compiled


def label(form):
    return form.name + (" compiled" if form.compiled else "")


def durations(form, arguments, warm_up, repeats):
    """Milliseconds of each step; none, and a line that says why, where this build of PyTorch cannot run the form."""
    try:
        return milliseconds(
            training_step(form, NETWORKS[arguments.model], arguments.dropout, arguments.batch), warm_up, repeats
        )
    except (AttributeError, ImportError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        print(f"training_step.py: PyTorch {torch.__version__} cannot run {label(form)}: {reason}", file=sys.stderr)
        return []


def try_out(forms, arguments):
    """Milliseconds of the quickest of a few steps, which other load disturbs least, of each form that runs."""
    trials = {form: durations(form, arguments, TRIAL_WARM_UP, TRIAL_STEPS) for form in forms}
    return {form: min(times) for form, times in trials.items() if times}


def drop_probability(text):
    """none is 0; otherwise a probability below 1."""
    value = 0.0 if text == "none" else float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text}: the drop probability must be in [0, 1), or none")
    return value


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=NETWORKS, default="convnet-quick")
    parser.add_argument("--form", choices=CANDIDATES, default="fastest")
    parser.add_argument("--dropout", type=drop_probability, default=0.0, metavar="none|PROBABILITY")
    parser.add_argument("--compile", action="store_true", help="through torch.compile (needs PyTorch 2 and g++)")
    parser.add_argument("--keep-memory", action="store_true", help="reuse freed memory (a tuned malloc)")
    parser.add_argument("--threads", type=at_least(1), default=usable_cores())
    parser.add_argument("--batch", type=at_least(1), help="data of a step [default: 100, resnet20: 128, minilm: 64]")
    parser.add_argument("--repeats", type=at_least(2), default=50)
    parser.add_argument("--warm-up", type=at_least(0), default=10)
    arguments = parser.parse_args()
    arguments.batch = arguments.batch or NETWORKS[arguments.model].batch
    arguments.keep_memory |= arguments.form == "fastest"
    return arguments


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.keep_memory:
        keep_freed_memory()
    forms = candidates(arguments.form, arguments.compile)
    trials = try_out(forms, arguments) if len(forms) > 1 else {}
    form = min(trials, key=trials.get) if trials else forms[0]
    measured = durations(form, arguments, arguments.warm_up, arguments.repeats)
    if not measured:
        sys.exit(1)
    times = summary(measured)
    report = {
        "network": NETWORKS[arguments.model].title,
        "form": form.name,
        "compiled": form.compiled,
        "keep_memory": arguments.keep_memory,
        "dropout": arguments.dropout,
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else None,
        "threads": arguments.threads,
        "batch": arguments.batch,
        **times,
        "data_per_second": round(arguments.batch / times["median_ms"] * 1e3),
        "load_average": round(os.getloadavg()[0], 2),
    }
    if trials:
        report["trials_ms"] = {label(tried): round(quickest, 1) for tried, quickest in trials.items()}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
