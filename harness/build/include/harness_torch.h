// What a load_inline source sees before its own text; precompiled once per compiler, flags and torch.
#pragma once
#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include "harness_bind.h"
