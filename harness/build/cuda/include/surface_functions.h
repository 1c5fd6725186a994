// Refused by name.
#error "uses surfaces, which the emulation does not have"
