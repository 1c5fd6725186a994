// Refused by name.
#error "uses cuBLAS, which the emulation does not have"
