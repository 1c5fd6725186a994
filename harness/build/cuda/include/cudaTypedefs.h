// Refused by name.
#error "uses driver entry points, which the emulation does not have"
