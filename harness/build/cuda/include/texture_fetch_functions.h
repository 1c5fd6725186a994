// Refused by name.
#error "uses textures, which the emulation does not have"
