# coding: utf-7
"""E04: the text means something else to the interpreter than to a reader."""

import torch
import torch.nn as nn


class ModelNew(nn.Module):
    def forward(self, x):
        return torch.softmax(x, dim=1)
