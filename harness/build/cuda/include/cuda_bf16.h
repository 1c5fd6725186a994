// The name that CUDA sources include.
#pragma once
#include "harness_cuda/bfloat16.h"
