// The core of the emulation: indices, launches, shared memory, barriers and warp meetings of CUDA kernels on the CPU.
//
// A block runs on one OS thread. Its CUDA threads run one after another on one stack, and become fibres when they wait for
// each other. Feature headers (intrinsics, vector types, host API) build on what is declared here; the implementation is
// compiled once per machine from runtime/ and linked to each kernel's library (harness/build/cuda/runtime.py).
#pragma once

#include "harness_cuda/annotations.h"
#include "harness_cuda/index.h"
#include "harness_cuda/launch.h"
#include "harness_cuda/page.h"
#include "harness_cuda/shared.h"
#include "harness_cuda/sync.h"
