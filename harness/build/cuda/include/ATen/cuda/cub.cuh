// Stands before torch's header of this name on the include path: the original needs CUDA's own.
#pragma once
#include "../../harness_cuda/cub_block.h"
#include "../../harness_cuda/cub_warp.h"
#include "../../harness_cuda/cub_device.h"
