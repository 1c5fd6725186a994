"""Linear layer, batch normalisation over the batch, GELU (exact form), ReLU.

z = x W^T + b is normalised per feature with the mean and the biased variance of the batch, followed by an affine map
per feature. x: (batch_size, in_features), y: (batch_size, out_features), all vectors (out_features,), float32.
The normalisation cancels b. GELU is negative for every negative value, so ReLU clears those.
Differs: normal inputs; affine parameters of the norm random (upstream: ones and zeros).
"""

import torch
import torch.nn as nn

batch_size = 16384
in_features = 4096
out_features = 4096


class Model(nn.Module):
    """Linear layer, batch normalisation, GELU and ReLU."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.batch_norm = nn.BatchNorm1d(out_features)
        nn.init.uniform_(self.batch_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.batch_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.batch_norm(self.gemm(x))
        x = nn.functional.gelu(x)
        return torch.relu(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features]


TIERS = {
    "cpu": {"batch_size": 1536, "in_features": 768, "out_features": 768},
    "ci": {"batch_size": 512, "in_features": 128, "out_features": 192},
}
UNSEEN = [
    {"batch_size": 1021, "in_features": 61, "out_features": 37},
    {"batch_size": 131, "in_features": 97, "out_features": 1},
]
