// torch's scalar types with their conversions to and from CUDA's, which torch declares only where it sees nvcc.
// To be included before anything else of torch.
#pragma once
#include "bfloat16.h"
#include "core.h"
#include "memory.h"

#define __CUDACC__ 1
#include <torch/headeronly/macros/Macros.h>
#define __CUDA_ARCH__ 900
#include <torch/headeronly/util/BFloat16.h>
#include <torch/headeronly/util/Half.h>
#undef __CUDA_ARCH__
#undef __CUDACC__
