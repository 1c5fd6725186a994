// Declarations in place of torch's headers, so that nvcc parses the host part of a kernel source in a fraction of a second.
// Only the device code is compiled: what the host part calls is declared and never defined, and nothing is linked or run.
// What kernels use on the device (half types, accessors) is real.
#pragma once
#include "harness_stub/types.h"
#include "harness_stub/half.h"
#include "harness_stub/array.h"
#include "harness_stub/options.h"
#include "harness_stub/accessor.h"
#include "harness_stub/tensor.h"
#include "harness_stub/functions.h"
#include "harness_stub/cuda.h"
#include "harness_stub/check.h"
#include "harness_stub/dispatch.h"
#include "harness_stub/bind.h"
