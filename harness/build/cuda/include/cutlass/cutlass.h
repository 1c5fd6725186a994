// Refused by name.
#error "uses CUTLASS, which the emulation does not have"
