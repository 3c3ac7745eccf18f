"""One policy, one file. Each is a function `policy(observed) -> Decision | None`; None passes on."""
