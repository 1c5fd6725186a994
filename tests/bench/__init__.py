"""How fast the harness itself is: `make bench`. It measures and reports; nothing here passes or fails."""
