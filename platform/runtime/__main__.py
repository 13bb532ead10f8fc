"""`python -m runtime run` starts everything, `units` writes what production starts it by.

The other words are for the runtime itself.
"""

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            from runtime import supervisor

            return supervisor.main()
        case ["keep", var_dir]:
            from runtime import keeper

            return keeper.main(Path(var_dir))
        case ["guard"]:
            from runtime import guard

            return guard.main()
        case ["units", *rest]:
            from runtime import environment, units

            environment.load_dotenv()
            return units.main(rest)
        case _:
            print("用法：python -m runtime run | units 目录", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
