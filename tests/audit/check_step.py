#!/usr/bin/env python3
"""Checks training steps that `dropoutlab audit` wrote:  python3 check_step.py FILE...

Every array is computed again from the others, in float64, from the definitions and nothing of DropoutLab's:

    z = W (h * F) + b      dJ/dW = dJ/dz (h * B)^T      dJ/db = sum dJ/dz      dJ/dh = W^T dJ/dz * B

with F and B drawn again from the seed, as docs/random-function.md has it, and held against the rule. What lies between two
layers (activation, pooling) and the loss are computed again as well. Deviations are relative to the array's norm.
Prints a line an array; exit code 1 if one deviates. Needs numpy.
"""

import json
import sys

import numpy as np

BOUNDS = {"f32": 1e-5, "f64": 1e-10, "bf16": 2e-2}
TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}


def read(path):
    """Arrays (numbers in float64) and metadata of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__")
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        arrays[name] = array.astype(int if array.dtype.kind == "i" else float)
    return arrays, metadata


# ---- The layers ----


class Linear:
    """z[n, o] = sum over i of h[n, i] W[o, i]."""

    def __init__(self, step, layer):
        pass

    def forward(self, h, weight):
        return h @ weight.T

    def weight_gradient(self, h, weight, dz):
        return dz.T @ h

    def input_gradient(self, h, weight, dz):
        return dz @ weight


class Convolution:
    """z[n, y, x, o] = sum over i, u, v of h[n, y s + u - p, x s + v - p, i] W[o, i, u, v], tap by tap (u, v)."""

    def __init__(self, step, layer):
        self.stride, self.padding = (int(step.metadata[f"{layer}.{key}"]) for key in ("stride", "padding"))

    def taps(self, padded, weight):
        """For each tap its place in W, and the part of the padded h that it reads."""
        rows, columns = ((padded.shape[axis] - weight.shape[axis + 1]) // self.stride + 1 for axis in (1, 2))
        for u in range(weight.shape[2]):
            for v in range(weight.shape[3]):
                yield u, v, (slice(None), slice(u, u + self.stride * rows, self.stride), slice(v, v + self.stride * columns, self.stride))

    def padded(self, h):
        return np.pad(h, ((0, 0), (self.padding, self.padding), (self.padding, self.padding), (0, 0)))

    def forward(self, h, weight):
        padded = self.padded(h)
        return sum(padded[part] @ weight[:, :, u, v].T for u, v, part in self.taps(padded, weight))

    def weight_gradient(self, h, weight, dz):
        padded, gradient = self.padded(h), np.zeros_like(weight)
        for u, v, part in self.taps(padded, weight):
            gradient[:, :, u, v] = np.tensordot(dz, padded[part], axes=((0, 1, 2), (0, 1, 2)))
        return gradient

    def input_gradient(self, h, weight, dz):
        gradient = np.zeros_like(self.padded(h))
        for u, v, part in self.taps(gradient, weight):
            gradient[part] += dz @ weight[:, :, u, v]
        inner = slice(self.padding, -self.padding or None)
        return gradient[:, inner, inner]


KINDS = {"linear": Linear, "convolution": Convolution}


# ---- What lies between two layers: the value, and the gradient that comes back ----


class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, x, dy):
        return dy * (x > 0)


class Pooling:
    """Windows of 3x3 at every second place, rounded up in number and clipped at the border."""

    def forward(self, x):
        y = np.empty((x.shape[0], len(self.ranges(x, 1)), len(self.ranges(x, 2)), x.shape[3]))
        for place, window in self.windows(x):
            y[place] = (x[window].reshape(len(x), -1, x.shape[3]) * self.shares(x[window])).sum(axis=1)
        return y

    def backward(self, x, dy):
        dx = np.zeros_like(x)
        for place, window in self.windows(x):
            dx[window] += (self.shares(x[window]) * dy[place][:, None]).reshape(x[window].shape)
        return dx

    def ranges(self, x, axis):
        length = x.shape[axis]
        return [slice(start, min(start + 3, length)) for start in range(0, length, 2) if start < 2 or start + 1 < length]

    def windows(self, x):
        for i, rows in enumerate(self.ranges(x, 1)):
            for j, columns in enumerate(self.ranges(x, 2)):
                yield (slice(None), i, j), (slice(None), rows, columns)


class MaxPool(Pooling):
    def shares(self, window):
        """1 for the first of the largest, else 0."""
        cells = window.reshape(len(window), -1, window.shape[3])
        return (np.arange(cells.shape[1])[None, :, None] == cells.argmax(axis=1)[:, None]).astype(float)


class AveragePool(Pooling):
    def shares(self, window):
        cells = window.shape[1] * window.shape[2]
        return np.full((1, cells, 1), 1 / cells)


BETWEEN = {
    "logistic-regression": {},
    "mlp": {"fc2": [Relu()], "fc3": [Relu()]},
    "convnet-quick": {"conv2": [MaxPool(), Relu()], "conv3": [Relu(), AveragePool()], "fc1": [Relu(), AveragePool()], "fc2": []},
}


# ---- Masks ----


def philox(seed, datum, block, step, stream):
    """Four 32-bit words; datum and block are arrays. 64-bit integers hold the products."""
    low = np.uint64(0xFFFFFFFF)
    number = lambda value: np.uint64(value & 0xFFFFFFFF)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    c0, c1 = block.astype(np.uint64), datum.astype(np.uint64)
    c2, c3 = np.full_like(c0, number(step)), np.full_like(c0, number(stream))
    for _ in range(10):
        p0, p1 = c0 * number(0xD2511F53), c2 * number(0xCD9E8D57)
        c0, c1, c2, c3 = p1 >> np.uint64(32) ^ c1 ^ number(k0), p1 & low, p0 >> np.uint64(32) ^ c3 ^ number(k1), p0 & low
        k0, k1 = k0 + 0x9E3779B9, k1 + 0xBB67AE85
    return np.stack([c0, c1, c2, c3])


def drawn(step, layer, which, probability, shape):
    """A mask of 0 and 1 as docs/random-function.md defines it."""
    reduced = [1 if is_shared else length for is_shared, length in zip(shared(step.metadata["mask_sharing"], shape), shape)]
    data = np.arange(reduced[0])[:, None] // (2 if step.metadata["mask_sharing"] == "pair" else 1)
    features = np.arange(int(np.prod(reduced[1:])))[None]
    datum, feature = np.broadcast_arrays(data, features)
    stream = which << 16 | step.layers.index(layer)
    place, number = (feature % 32).astype(np.uint64), np.zeros(feature.shape, np.uint64)
    for quad in range(8):
        for digits in philox(int(step.metadata["seed"]), datum, (quad << 26) + feature // 32, int(step.metadata["step"]), stream):
            number = number << np.uint64(1) | digits >> place & np.uint64(1)
    threshold = min(round(2**32 * probability), 2**32 - 1)
    kept = (number >= np.uint64(threshold)).astype(float)
    return np.broadcast_to(kept.reshape(reduced), shape)


def shared(sharing, shape):
    """Which axes of a layer's input share a draw."""
    rest = len(shape) - 1
    return {
        "per-datum": lambda: [False] + rest * [False],
        "pair": lambda: [False] + rest * [False],
        "per-minibatch": lambda: [True] + rest * [False],
        "channel": lambda: [False] + (rest - 1) * [True] + [False],
    }.get(sharing, lambda: [entry == "1" for entry in sharing.removeprefix("shape:").split(",")])()


def factors(step, layer):
    """F and B by the rule."""
    shape = step[layer, "input"].shape
    kind = step.metadata["dropout"].split(":")[0] if layer in step.metadata["dropout_at"].split(",") else "none"
    ratios = [float(step.metadata[key]) for key in (f"{layer}.drop_probability", "second_drop_probability")] if kind != "none" else []

    def scaled(which):
        return drawn(step, layer, which, ratios[which], shape) / (1 - ratios[which])

    one = np.ones(shape)
    if kind == "none":
        return one, one
    first = scaled(0)
    return {
        "standard": lambda: (first, first),
        "forward": lambda: (first, one),
        "backward": lambda: (one, first),
        "augmented": lambda: (first, first * scaled(1)),
        "augmented-independent": lambda: (first, scaled(1)),
    }[kind]()


# ---- The step ----


class Step:
    def __init__(self, path):
        self.arrays, self.metadata = read(path)
        self.layers = self.metadata["layers"].split(",")
        self.bound = BOUNDS[self.metadata["precision"]]
        self.checked = {}

    def __getitem__(self, key):
        return self.arrays[key if isinstance(key, str) else ".".join(key)]

    def check(self, name, expected, measure):
        """Compares an array with what it should be; of several such comparisons the worst counts."""
        deviation = measure(self.arrays[name], expected) if self.arrays[name].shape == expected.shape else np.inf
        self.checked[name] = max(self.checked.get(name, 0.0), np.inf if np.isnan(deviation) else deviation)

    def report(self):
        """A line an array: what was computed again, and what is only read. Returns whether all is well."""
        well = True
        for name, array in sorted(self.arrays.items()):
            deviation = self.checked.get(name)
            good = bool(np.isfinite(array).all()) and (deviation is None or deviation <= self.bound)
            well &= good
            text = "given" if deviation is None else f"{deviation:.1e}"
            print(f"{name:24} {str(list(array.shape)):20} {text:>8}  {'ok' if good else 'FAIL'}")
        return well


def by_norm(actual, expected):
    """|actual - expected| / |expected| in the 2-norm; what should be 0 has to be 0."""
    difference, norm = np.linalg.norm(actual - expected), np.linalg.norm(expected)
    return difference / norm if norm > 0 else (0.0 if difference == 0 else np.inf)


def by_element(actual, expected):
    """The largest deviation of one element; no bit may be wrong among however many, in low precision neither."""
    deviation = np.abs(actual - expected).max() / max(np.abs(expected).max(), 1.0)
    return deviation if deviation <= 1e-6 else np.inf


def check_layer(step, layer):
    kind = KINDS[step.metadata[f"{layer}.kind"]](step, layer)
    forward, backward = factors(step, layer)
    step.check(f"{layer}.forward_factor", forward, by_element)
    step.check(f"{layer}.backward_factor", backward, by_element)
    h, weight, dz = (step[layer, name] for name in ("input", "weight", "grad_output"))
    z = kind.forward(h * step[layer, "forward_factor"], weight)
    if f"{layer}.bias" in step.arrays:
        z = z + step[layer, "bias"]
        step.check(f"{layer}.grad_bias", dz.reshape(-1, dz.shape[-1]).sum(axis=0), by_norm)
    step.check(f"{layer}.output", z, by_norm)
    step.check(f"{layer}.grad_weight", kind.weight_gradient(h * step[layer, "backward_factor"], weight, dz), by_norm)
    step.check(f"{layer}.grad_input", kind.input_gradient(h, weight, dz) * step[layer, "backward_factor"], by_norm)


def check_between(step, previous, layer, operations):
    """h = f(z of the layer before), and dJ/dz of the layer before = f'(z) dJ/dh."""
    values = [step[previous, "output"]]
    for operation in operations:
        values.append(operation.forward(values[-1]))
    step.check(f"{layer}.input", values[-1].reshape(step[layer, "input"].shape), by_norm)
    gradient = step[layer, "grad_input"].reshape(values[-1].shape)
    for operation, value in zip(reversed(operations), reversed(values[:-1])):
        gradient = operation.backward(value, gradient)
    step.check(f"{previous}.grad_output", gradient, by_norm)


def check_ends(step):
    """The first layer reads the images; J is the mean softmax cross-entropy of the last layer's output."""
    first, last = step.layers[0], step.layers[-1]
    step.check(f"{first}.input", step["images"].reshape(step[first, "input"].shape), by_norm)
    logits, labels = step[last, "output"], step["labels"]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances = exponentials / exponentials.sum(axis=1, keepdims=True)
    step.check("loss", -np.log(chances[np.arange(len(labels)), labels]).mean(), by_norm)
    step.check(f"{last}.grad_output", (chances - np.eye(logits.shape[1])[labels]) / len(labels), by_norm)


def check(path):
    step = Step(path)
    described = ("network", "dropout", "dropout_at", "mask_sharing", "seed", "step", "precision")
    print(f"{path}: " + ", ".join(f"{key} {step.metadata[key]}" for key in described) + f"; bound {step.bound:g}")
    for layer in step.layers:
        check_layer(step, layer)
    between = BETWEEN.get(step.metadata["network"])
    if between is not None:
        for previous, layer in zip(step.layers, step.layers[1:]):
            check_between(step, previous, layer, between[layer])
    check_ends(step)
    return step.report()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"give one file or more: {sys.argv[0]} FILE…")
    sys.exit(0 if all([check(path) for path in sys.argv[1:]]) else 1)
