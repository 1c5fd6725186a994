// Profiler switches mean nothing here.
#pragma once
#include "harness_cuda/nvtx.h"
