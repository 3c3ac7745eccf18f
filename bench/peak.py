"""Runs a command and prints the most memory that it had resident, in bytes.

    python -I -S bench/peak.py COMMAND ...

The kernel counts what a process had before it became another program, and that is what its parent
had. So the parent has to be small: this file, in an interpreter of 9 MB, and not the whole bench.
"""

import os
import sys

KIBI = 1024
NOT_FOUND = 127


def main(argv: list[str]) -> int:
    """The command's exit status; what it writes to standard output is thrown away."""
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            os.execvp(argv[0], argv)
        except OSError as error:
            print(f"{argv[0]}: {error.strerror}", file=sys.stderr, flush=True)
        finally:
            os._exit(NOT_FOUND)
    _, status, usage = os.wait4(child, 0)
    print(usage.ru_maxrss * KIBI)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
