// Takes the processor from a CUDA thread that has run for long: it may be waiting for memory that another is to change.
#pragma once

namespace harness_cuda {

// Between these two, a thread of the running block that does not come back for some milliseconds steps behind the others.
void arm_preemption();
void disarm_preemption();

}  // namespace harness_cuda
