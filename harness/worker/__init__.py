"""The program that runs beside untrusted code: small, dumb, trusts nobody."""
