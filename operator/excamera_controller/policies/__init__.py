"""One policy, one file: a function `policy(observed) -> Decision | None`; None passes on."""
