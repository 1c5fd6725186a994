// Ranges and marks for a profiler mean nothing here.
#pragma once
#include "../harness_cuda/nvtx.h"
