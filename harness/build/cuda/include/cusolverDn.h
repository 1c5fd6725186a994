// Refused by name.
#error "uses cuSOLVER, which the emulation does not have"
