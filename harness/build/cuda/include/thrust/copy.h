// The name that CUDA sources include.
#pragma once
#include "../harness_cuda/thrust.h"
