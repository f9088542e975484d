"""Training steps of a network in DropoutLab and PyTorch."""

from comparison.rounds import Program, in_turn, reports, say

TITLES = {"convnet-quick": "ConvNet-Quick", "resnet20": "ResNet-20"}
BATCHES = {"convnet-quick": 100, "resnet20": 128}  # of their recipes
FORMS = ("usual", "best", "fastest")
DROP_PROBABILITIES = (0, 0.2)
OUR_WARM_UP = 20


def compare_steps(options):
    precisions = our_precisions(options)
    programs = [our_program(options, precision, precisions[0]) for precision in precisions]
    for form in FORMS:
        for probability in DROP_PROBABILITIES:
            programs.append(pytorch_program(options, form, probability, our_name(precisions[0], probability)))
    return in_turn(programs, options.rounds)


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
        our_command(options, precision, options.steps, OUR_WARM_UP),
        {our_name(precision, probability): our_name(baseline_precision, probability) for probability in DROP_PROBABILITIES},
        lambda found: [report["median_ms"] for report in found],
    )


def pytorch_program(options, form, probability, baseline):
    """What the form picks by trying, and how many steps there is time for, is found out here, once for all rounds."""
    compiling = ["--compile"] if options.compile and form != "usual" else []
    (found,) = reports(pytorch_command(options, form, probability, repeats=2, warm_up=1) + compiling)
    repeats = min(options.steps, max(5, round(options.seconds * 1e3 / found["median_ms"])))
    command = pytorch_command(options, found["form"], probability, repeats, warm_up=min(10, max(2, repeats // 3)))
    command += ["--compile"] * found["compiled"] + ["--keep-memory"] * found["keep_memory"]
    name = pytorch_name(form, found, probability)
    say(f"{name}: {repeats} steps of about {found['median_ms']:.0f} ms a round")
    return Program(command, {name: baseline}, lambda found: [found[0]["median_ms"]])


def our_command(options, precision, steps, warm_up):
    rules = [f"standard:{probability}" if probability else "none" for probability in DROP_PROBABILITIES]
    return [
        *options.ours, "bench", "--json", "--model", options.model, "--precision", precision, "--dropout", *rules,
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
