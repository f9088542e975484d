"""Where and with what was measured, tables in Markdown, and the file with everything."""

import json
import os
import tempfile
from pathlib import Path

from comparison.dropout import DROP_PROBABILITY, MEGABYTES
from comparison.rounds import Failure, run
from comparison.steps import NETWORKS


def environment(options, load):
    return {
        "processor": processor(),
        "threads": options.threads,
        "model": options.model,
        "batch": options.batch,
        "rounds": options.rounds,
        "load_average_before": load,
        "dropoutlab": [" ".join(line.split()) for line in run([*options.ours, "info"]).splitlines()],
        "pytorch": run([*options.python, "-c", "import torch; print(torch.__version__)"]).strip(),
    }


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def print_environment(facts):
    one_dnn = next((line.split(" ", 1)[1] for line in facts["dropoutlab"] if line.startswith("oneDNN ")), "unknown oneDNN")
    load = f"load average {facts['load_average_before']} before"
    print(f"{facts['processor']}, {facts['threads']} threads, {load}; {facts['rounds']} rounds  ")
    print(f"DropoutLab: {one_dnn}  \nPyTorch {facts['pytorch']}")


def print_steps(comparison, model, batch):
    network = NETWORKS[model]
    print(f"\n{network.title}, batches of {batch} {network.unit}:\n")
    print_table(comparison, ["a training step", "ms", f"{network.unit}/s"], lambda ms: [f"{ms:.2f}", f"{batch / ms * 1e3:,.0f}"])


def print_dropout(comparison):
    print(f"\nDropout of {DROP_PROBABILITY}, {MEGABYTES} MiB of f32:\n")
    print_table(comparison, ["one pass", "ns an element"], lambda ns: [f"{ns:.3f}"])


def print_table(comparison, heads, cells):
    """A row a name: what `cells` makes of its time, then its ratio, and the least and the greatest of all rounds."""
    rows = [[*heads, "ratio to ours", "of the rounds"], ["---", *["--:"] * (len(heads) + 1)]]
    rows += [[name, *cells(comparison.time(name)), *ratio_cells(comparison, name)] for name in comparison.times]
    for row in rows:
        print("| " + " | ".join(row) + " |")


def ratio_cells(comparison, name):
    if comparison.baselines[name] == name:
        return "1", ""
    ratios = comparison.ratios(name)
    return f"{comparison.ratio(name):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"


def as_json(comparison):
    results = [
        {
            "name": name,
            "median": comparison.time(name),
            "compared_with": comparison.baselines[name],
            "ratio": comparison.ratio(name),
            "rounds": comparison.times[name],
            "ratios": comparison.ratios(name),
        }
        for name in comparison.times
    ]
    return {"results": results, "reports": comparison.reports}


def write_json(path, value):
    """Written aside and renamed: whatever happens, the file is the old one or the new one, whole."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise Failure(f"{path} is no file: choose another --json")
    try:
        write_aside(path, value)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error


def write_aside(path, value):
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as aside:
        try:
            json.dump(value, aside, indent=2)
            aside.write("\n")
            aside.flush()
            os.fsync(aside.fileno())
            os.chmod(aside.name, 0o644)
            os.replace(aside.name, path)
        except BaseException:
            os.unlink(aside.name)
            raise
