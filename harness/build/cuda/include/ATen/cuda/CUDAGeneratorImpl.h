// Refused by name.
#error "uses torch's CUDA generators, which the emulation does not have"
