"""Dropout of one big f32 array in DropoutLab and PyTorch, and copying it."""

from comparison.rounds import Program, in_turn

DROP_PROBABILITY = 0.2
MEGABYTES = 64
ELEMENTS = MEGABYTES << 18
FEATURES = 8192  # of a row: as many as the second convolution of ConvNet-Quick reads

OURS = "DropoutLab, mask drawn, kept and multiplied with"


def compare_dropout(options):
    programs = [our_program(options), pytorch_program(options, keep_memory=False), pytorch_program(options, keep_memory=True)]
    return in_turn(programs, options.rounds)


def our_program(options):
    command = [
        *options.our_masks, "masks", "--json", "--megabytes", str(MEGABYTES), "--ratio", str(DROP_PROBABILITY),
        "--precision", "f32", "--features", str(FEATURES), "--threads", str(options.threads),
    ]  # fmt: skip

    def read(found):
        results = [result for result in found[0]["results"] if result["threads"] == options.threads]
        times = {result["kernel"]: result["ns_per_element"] for result in results}
        return [times["draw-multiply"], times["copy"]]

    return Program(command, {OURS: OURS, "DropoutLab, copying": OURS}, read)


def pytorch_program(options, keep_memory):
    command = [
        *options.python, f"{options.pytorch_scripts}/dropout.py", "--probability", str(DROP_PROBABILITY),
        "--elements", str(ELEMENTS), "--threads", str(options.threads), "--repeats", "10",
    ]  # fmt: skip
    name = "PyTorch (keep-memory)" if keep_memory else "PyTorch"
    return Program(
        command + ["--keep-memory"] * keep_memory,
        {f"{name}, dropout": OURS, f"{name}, copying": OURS},
        lambda found: [found[0]["dropout"]["ns_per_element"], found[0]["copy"]["ns_per_element"]],
    )
