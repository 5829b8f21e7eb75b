"""What a round is made of, as pure functions; only the doors of this room come in."""
