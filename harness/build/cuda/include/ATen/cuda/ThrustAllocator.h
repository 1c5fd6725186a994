// Stands before torch's header of this name on the include path: the original needs CUDA's own.
#pragma once
#include "../../harness_cuda/torch_api.h"
#include "../../harness_cuda/thrust.h"
