// Refused by name.
#error "uses OpenGL interoperation, which the emulation does not have"
