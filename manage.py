#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL the embedded server runs as long as the command."""

import sys


def main() -> int:
    from runtime import command

    return command.run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
