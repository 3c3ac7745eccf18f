"""What a correct worker puts into a mailbox, and what wrong ones do."""

RIGHT = bytes(range(100))
LATE = RIGHT[:90] + b"?" * 10
"""Other than the right one, but only near the end."""

CONTENTS = [RIGHT, RIGHT, LATE, LATE, RIGHT + b"!", RIGHT[:60], b"x" * 30, b""]
"""Longer and shorter ones as well, and one that is another at once."""
