// Refused by name.
#error "uses cuFFT, which the emulation does not have"
