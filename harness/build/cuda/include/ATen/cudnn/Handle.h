// Refused by name.
#error "uses cuDNN, which the emulation does not have"
