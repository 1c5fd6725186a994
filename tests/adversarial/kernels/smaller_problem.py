"""KernelBench flaw: a candidate's constants replace the problem's sizes. Here they are only names of its own."""

import torch
import torch.nn as nn

N = 8
dim = 8
batch_size = 1


def get_inputs():
    return [torch.zeros(batch_size, dim)]


class ModelNew(nn.Module):
    def forward(self, x):
        return torch.softmax(x[:batch_size, :dim], dim=1)
