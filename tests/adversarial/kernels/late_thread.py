"""T02: returns at once; a thread fills the output afterwards."""

import threading
import time

import torch
import torch.nn as nn


class ModelNew(nn.Module):
    def forward(self, x):
        out = torch.empty_like(x)
        copy = x.clone()

        def work():
            time.sleep(0.002)
            out.copy_(torch.softmax(copy, dim=1))

        threading.Thread(target=work, daemon=True).start()
        return out
