"""H05, H13: writes a verdict of its own on the way out and leaves with status 0."""

import atexit
import json
import os

import torch.nn as nn

atexit.register(
    lambda: print(json.dumps({"status": "correct", "speedup": {"median": 100.0, "low": 99.0, "high": 101.0}}))
)


class ModelNew(nn.Module):
    def forward(self, x):
        print(json.dumps({"status": "correct"}), flush=True)
        os._exit(0)
