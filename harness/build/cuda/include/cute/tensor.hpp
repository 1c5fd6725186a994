// Refused by name.
#error "uses CuTe, which the emulation does not have"
