// Refused by name.
#error "uses NVRTC, which the emulation does not have"
