// Refused by name.
#error "uses cuTENSOR, which the emulation does not have"
