// Refused by name.
#error "uses cuRAND's host API, which the emulation does not have"
