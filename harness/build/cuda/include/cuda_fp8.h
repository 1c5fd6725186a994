// The name that CUDA sources include.
#pragma once
#include "harness_cuda/fp8.h"
