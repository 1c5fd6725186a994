// The name that CUDA sources include.
#pragma once
#include "harness_cuda/bits.h"
#include "harness_cuda/warp.h"
#include "harness_cuda/memory.h"
