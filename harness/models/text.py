"""Text from an untrusted process, for people."""


def printable(text: str) -> str:
    """Return `text` with a question mark for each character that a terminal would act on."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
