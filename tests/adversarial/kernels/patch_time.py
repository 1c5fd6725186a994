"""T06: makes every clock of this process stand still, by names that a static rule does not see."""

import importlib

import torch
import torch.nn as nn

clock = importlib.import_module("ti" + "me")
for name in ("time", "perf_counter", "monotonic", "process_time"):
    clock.__dict__[name] = lambda: 0.0
    clock.__dict__[name + "_ns"] = lambda: 0


class ModelNew(nn.Module):
    def forward(self, x):
        total = sum(i * i for i in range(200_000))
        return torch.softmax(x, dim=1) + 0.0 * total
