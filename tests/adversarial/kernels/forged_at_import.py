"""H03 before loading: claims to be ready, then answers rings itself without computing."""

import os
import stat
import struct

import torch

for fd in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            os.write(fd, struct.pack("=BI", 5, 1) + b"\x01")
    except OSError:
        pass
while True:
    pass


class ModelNew(torch.nn.Module):
    pass
