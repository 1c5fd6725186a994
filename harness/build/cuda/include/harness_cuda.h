// What a translated source is compiled with, precompiled: torch's types and bindings, and CUDA as the emulation has it.
//
// HARNESS_FULL_TORCH: torch's own headers come instead of the light ones; they bind through pybind11. torch_types.h has to
// stand before either, and nvcc.h behind everything.
#pragma once

#include "harness_cuda/core.h"
#include "harness_cuda/torch_types.h"

#ifdef HARNESS_FULL_TORCH
#include <torch/extension.h>
#else
#include "harness_torch.h"
#endif

#include "harness_cuda/atomics.h"
#include "harness_cuda/bfloat16.h"
#include "harness_cuda/bits.h"
#include "harness_cuda/constants.h"
#include "harness_cuda/device.h"
#include "harness_cuda/half.h"
#include "harness_cuda/host_device.h"
#include "harness_cuda/host_launch.h"
#include "harness_cuda/host_memory.h"
#include "harness_cuda/host_stream.h"
#include "harness_cuda/math.h"
#include "harness_cuda/memory.h"
#if __has_include("harness_cuda/names.h")
#include "harness_cuda/names.h"
#endif
#include "harness_cuda/nvtx.h"
#include "harness_cuda/ptx.h"
#include "harness_cuda/rounding.h"
#include "harness_cuda/torch_api.h"
#include "harness_cuda/torch_atomic.h"
#include "harness_cuda/torch_warp.h"
#include "harness_cuda/vector.h"
#include "harness_cuda/warp.h"

#include "harness_cuda/nvcc.h"
