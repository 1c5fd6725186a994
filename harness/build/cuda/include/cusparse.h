// Refused by name.
#error "uses cuSPARSE, which the emulation does not have"
