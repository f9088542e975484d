"""Training steps of a network in DropoutLab, PyTorch and TorchSharp."""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import List

from comparison.rounds import Program, in_turn, reports, say


@dataclass(frozen=True)
class Network:
    """What `--model` names, and how it is compared."""

    title: str
    unit: str
    batch: int  # of its recipe
    drop_probability: float
    our_options: List[str]


NETWORKS = {
    "convnet-quick": Network("ConvNet-Quick", "images", 100, 0.2, []),
    "resnet20": Network("ResNet-20", "images", 128, 0.2, []),
    "minilm": Network("SimCSE on MiniLM's encoder", "sentences", 64, 0.1, ["--objective", "simcse", "--max-tokens", "32"]),
}
FORMS = ("usual", "best", "fastest")
OUR_WARM_UP = {"images": 20, "sentences": 2}
VOCABULARY = 30522


def compare_steps(options):
    with tempfile.TemporaryDirectory() as folder:
        options.our_data = our_data(options, Path(folder))
        return in_turn(programs(options), options.rounds)


def programs(options):
    precisions = our_precisions(options)
    found = [our_program(options, precision, precisions[0]) for precision in precisions]
    for probability in drop_probabilities(options):
        baseline = our_name(precisions[0], probability)
        found += [pytorch_program(options, form, probability, baseline) for form in options.forms]
        found += [torchsharp_program(options, probability, baseline)] if options.torchsharp else []
    return found


def our_data(options, folder):
    """Sentences of as many tokens as pytorch/networks.py makes; images are the command's own."""
    if NETWORKS[options.model].unit != "sentences":
        return []
    words = [f"w{number}" for number in range(VOCABULARY - 5)]
    draw = random.Random(1)
    lines = [" ".join(draw.choices(words, k=6 + 7 * sentence % 25)) for sentence in range(options.batch)]
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]) + "\n", encoding="utf-8")
    (folder / "sentences.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["--vocabulary", str(folder / "vocab.txt"), "--sentences", str(folder / "sentences.txt")]


def drop_probabilities(options):
    return 0, NETWORKS[options.model].drop_probability


def our_precisions(options):
    """The precisions asked for, each once, with what `auto` picks in its place."""
    picked = [
        reports(our_command(options, precision, steps=1, warm_up=0))[0]["precision"] if precision == "auto" else precision
        for precision in options.precision
    ]
    return list(dict.fromkeys(picked))


def our_program(options, precision, baseline_precision):
    """All drop probabilities in one process, which takes them in turn itself."""
    return Program(
        our_command(options, precision, options.steps, OUR_WARM_UP[NETWORKS[options.model].unit]),
        {our_name(precision, p): our_name(baseline_precision, p) for p in drop_probabilities(options)},
        lambda found: [report["median_ms"] for report in found],
    )


def pytorch_program(options, form, probability, baseline):
    """What the form picks by trying, and how many steps there is time for, is found out here, once for all rounds."""
    compiling = ["--compile"] if options.compile and form != "usual" else []
    (found,) = reports(pytorch_command(options, form, probability, repeats=2, warm_up=1) + compiling)
    repeats = repeats_of(options, found)
    command = pytorch_command(options, found["form"], probability, repeats, warm_up=min(10, max(2, repeats // 3)))
    command += ["--compile"] * found["compiled"] + ["--keep-memory"] * found["keep_memory"]
    name = pytorch_name(form, found, probability)
    say(f"{name}: {repeats} steps of about {found['median_ms']:.0f} ms a round")
    return Program(command, {name: baseline}, lambda found: [found[0]["median_ms"]])


def torchsharp_program(options, probability, baseline):
    command = [
        *options.torchsharp, "--model", options.model, "--dropout", str(probability), "--batch", str(options.batch),
        "--threads", str(options.threads),
    ]  # fmt: skip
    (found,) = reports([*command, "--repeats", "2", "--warm-up", "1"])
    repeats = repeats_of(options, found)
    command += ["--repeats", str(repeats), "--warm-up", str(min(10, max(2, repeats // 3)))]
    return Program(command, {f"TorchSharp{dropout_suffix(probability)}": baseline}, lambda found: [found[0]["median_ms"]])


def repeats_of(options, found):
    return min(options.steps, max(5, round(options.seconds * 1e3 / found["median_ms"])))


def our_command(options, precision, steps, warm_up):
    rules = [f"standard:{probability}" if probability else "none" for probability in drop_probabilities(options)]
    return [
        *options.ours, "bench", "--json", "--model", options.model, "--precision", precision, "--dropout", *rules,
        *NETWORKS[options.model].our_options, *options.our_data,
        "--batch-size", str(options.batch), "--threads", str(options.threads),
        "--steps", str(steps), "--warm-up", str(warm_up),
    ]  # fmt: skip


def pytorch_command(options, form, probability, repeats, warm_up):
    return [
        *options.python, f"{options.pytorch_scripts}/training_step.py", "--model", options.model, "--form", form,
        "--dropout", str(probability), "--batch", str(options.batch), "--threads", str(options.threads),
        "--repeats", str(repeats), "--warm-up", str(warm_up),
    ]  # fmt: skip


def our_name(precision, probability):
    return f"DropoutLab {precision}{dropout_suffix(probability)}"


def pytorch_name(form, found, probability):
    """The form, and in brackets what it has picked."""
    picked = [found["form"]] * (found["form"] != form) + ["compiled"] * found["compiled"] + ["keep-memory"] * found["keep_memory"]
    return f"PyTorch {form}" + (f" ({', '.join(picked)})" if picked else "") + dropout_suffix(probability)


def dropout_suffix(probability):
    return f", dropout {probability}" if probability else ""
