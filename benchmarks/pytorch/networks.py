"""The networks of the benchmarks as a user of PyTorch writes them, and how each is trained.

With a drop probability, dropout stands before every weight layer but the first, in the encoder at BERT's own places.
"""

from dataclasses import dataclass
from typing import Any, Callable, Dict

import torch
from torch import nn
from torch.nn import functional

from encoder import SimCse


@dataclass(frozen=True)
class Network:
    """What `--model` names."""

    title: str
    create: Callable[[float], nn.Module]  # from the drop probability: a module whose value on a batch is the loss
    batch: int
    make_batch: Callable[[int, Any], tuple]  # of so many data, in the form's type and layout
    optimizer: type
    settings: Dict[str, float]


class Classifier(nn.Module):
    """Cross-entropy of a network's logits."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images, labels):
        return functional.cross_entropy(self.network(images).float(), labels)


def images(batch, form):
    """Random ones of 32x32 pixels, and labels."""
    pixels = torch.randn(batch, 3, 32, 32).to(dtype=form.dtype, memory_format=form.memory_format)
    return pixels, torch.randint(10, (batch,))


def sentences(batch, form):
    """Token numbers in two views, padded, and where there are tokens: sentence i of 8 + 7 i mod 25 tokens, 20 on average."""
    lengths = torch.tensor([8 + 7 * sentence % 25 for sentence in range(batch)]).repeat(2)
    there = torch.arange(int(lengths.max()))[None, :] < lengths[:, None]
    tokens = torch.randint(1000, 30522, (batch, there.shape[1])).repeat(2, 1)
    return tokens * there, there


def convnet_quick(drop_probability):
    """Caffe's CIFAR-10 "quick" network."""

    def pool(kind):
        return kind(kernel_size=3, stride=2, ceil_mode=True)

    return nn.Sequential(
        nn.Conv2d(3, 32, kernel_size=5, padding=2), pool(nn.MaxPool2d), nn.ReLU(), *dropout(drop_probability),
        nn.Conv2d(32, 32, kernel_size=5, padding=2), nn.ReLU(), pool(nn.AvgPool2d), *dropout(drop_probability),
        nn.Conv2d(32, 64, kernel_size=5, padding=2), nn.ReLU(), pool(nn.AvgPool2d), nn.Flatten(), *dropout(drop_probability),
        nn.Linear(64 * 4 * 4, 64), *dropout(drop_probability),
        nn.Linear(64, 10),
    )  # fmt: skip


def resnet20(drop_probability):
    """The ResNet-20 for CIFAR of He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, section 4.2."""
    layers = [*convolution(3, 16), nn.ReLU(inplace=True)]
    inputs = 16
    for channels in (16, 32, 64):
        for _ in range(3):
            layers.append(Block(inputs, channels, drop_probability))
            inputs = channels
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), *dropout(drop_probability), nn.Linear(64, 10)
    )


class Block(nn.Module):
    """Two convolutions with a shortcut; where the channels double, the image is halved, and the new channels are 0 (option A)."""

    def __init__(self, inputs, channels, drop_probability):
        super().__init__()
        self.new_channels = channels - inputs
        self.stride = 2 if self.new_channels else 1
        self.residual = nn.Sequential(
            *dropout(drop_probability), *convolution(inputs, channels, self.stride), nn.ReLU(inplace=True),
            *dropout(drop_probability), *convolution(channels, channels),
        )  # fmt: skip

    def forward(self, x):
        return functional.relu(self.residual(x) + self.shortcut(x), inplace=True)

    def shortcut(self, x):
        return functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new_channels)) if self.new_channels else x


def convolution(inputs, channels, stride=1):
    """3x3 and normalised, hence without a bias."""
    return [nn.Conv2d(inputs, channels, kernel_size=3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(channels)]


def dropout(probability):
    return [nn.Dropout(probability)] if probability else []


def classifier(network):
    return lambda drop_probability: Classifier(network(drop_probability))


NETWORKS = {
    "convnet-quick": Network(
        "ConvNet-Quick", classifier(convnet_quick), 100, images,
        torch.optim.SGD, {"lr": 0.001, "momentum": 0.9, "weight_decay": 0.004},
    ),
    "resnet20": Network(
        "ResNet-20", classifier(resnet20), 128, images,
        torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
    ),
    "minilm": Network(
        "SimCSE on MiniLM's encoder", SimCse, 64, sentences,
        torch.optim.AdamW, {"lr": 3e-5, "weight_decay": 0.0},
    ),
}  # fmt: skip
