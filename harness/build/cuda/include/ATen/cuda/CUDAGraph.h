// Refused by name.
#error "uses CUDA graphs, which the emulation does not have"
