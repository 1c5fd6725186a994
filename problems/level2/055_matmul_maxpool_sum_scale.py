"""Linear layer, maximum over windows of `kernel_size` neighbouring features, sum over the row, scaling.

h = x W^T + b; y[i] = scale_factor * sum over j of max(h[i, j * kernel_size : (j + 1) * kernel_size]).
x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size,), float32.
The mean of b offsets that of the maxima of two features: without that, all sums would agree within about 1 %.
Differs: inputs are normal, upstream's are uniform in [0, 1); the bias is normal about -0.43, so that sums are centred.
"""

import torch
import torch.nn as nn

batch_size = 128
in_features = 32768
out_features = 32768
kernel_size = 2
scale_factor = 0.5


class Model(nn.Module):
    """Linear layer, max pooling along its features and a scaled sum."""

    def __init__(self, in_features: int, out_features: int, kernel_size: int, scale_factor: float) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.max_pool = nn.MaxPool1d(kernel_size)
        self.scale_factor = scale_factor
        nn.init.normal_(self.matmul.bias, mean=-0.43, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.matmul(x)
        x = self.max_pool(x.unsqueeze(1)).squeeze(1)
        return x.sum(dim=1) * self.scale_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, kernel_size, scale_factor]


TIERS = {
    "cpu": {"batch_size": 32, "in_features": 4096, "out_features": 4096},
    "ci": {"batch_size": 64, "in_features": 1024, "out_features": 512},
}
UNSEEN = [
    {"batch_size": 37, "in_features": 509, "out_features": 131},
    {"batch_size": 1, "in_features": 1031, "out_features": 66},
]
