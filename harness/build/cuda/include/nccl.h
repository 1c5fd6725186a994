// Refused by name.
#error "uses NCCL, which the emulation does not have"
