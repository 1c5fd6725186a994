// Stands before torch's header of this name on the include path: the light header serves what kernels use of it.
#pragma once
#include "../harness_torch.h"
