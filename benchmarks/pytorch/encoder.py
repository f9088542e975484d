"""A BERT encoder of MiniLM's sizes and the SimCSE loss, as a user of PyTorch writes them without further libraries.

Devlin, Chang, Lee and Toutanova, "BERT", 2018; Gao, Yao and Chen, "SimCSE", 2021.
"""

import torch
from torch import nn
from torch.nn import functional

LAYERS, WIDTH, HEADS, INNER = 6, 384, 12, 1536
VOCABULARY, POSITIONS = 30522, 512
TEMPERATURE = 0.05


class Embeddings(nn.Module):
    def __init__(self, drop_probability):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Embedding(POSITIONS, WIDTH)
        self.segment = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(drop_probability)

    def forward(self, tokens):
        positions = torch.arange(tokens.shape[1])
        return self.dropout(self.norm(self.token(tokens) + self.position(positions) + self.segment.weight[0]))


class Layer(nn.Module):
    """Attention and the feed-forward part, each with dropout, the residual sum and layer normalisation behind it."""

    def __init__(self, drop_probability):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, eps=1e-12) for _ in range(2))
        self.dropout = nn.Dropout(drop_probability)

    def forward(self, states, there):
        states = self.norms[0](states + self.dropout(self.output(self.attend(states, there))))
        return self.norms[1](states + self.dropout(self.outer(functional.gelu(self.inner(states)))))

    def attend(self, states, there):
        query, key, value = (self.heads(part(states)) for part in (self.query, self.key, self.value))
        probability = self.dropout.p if self.training else 0.0
        context = functional.scaled_dot_product_attention(query, key, value, there[:, None, None, :], probability)
        return context.transpose(1, 2).flatten(2)

    @staticmethod
    def heads(rows):
        return rows.unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2)


class SimCse(nn.Module):
    """The loss of a batch of two views: rows i and N + i are sentence i."""

    def __init__(self, drop_probability):
        super().__init__()
        self.embeddings = Embeddings(drop_probability)
        self.layers = nn.ModuleList(Layer(drop_probability) for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens, there):
        states = self.embeddings(tokens)
        for layer in self.layers:
            states = layer(states, there)
        sentences = functional.normalize(torch.tanh(self.head(states[:, 0])).float(), dim=1)
        first, second = sentences.chunk(2)
        return functional.cross_entropy(first @ second.T / TEMPERATURE, torch.arange(len(first)))
