// The name that CUDA sources include.
#pragma once
#include "../harness_cuda/groups_collect.h"
