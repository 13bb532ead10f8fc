"""python -m benchmarks [name …]: each measurement is a ratio within one run; see docs/performance.md."""

import argparse
import sys

from benchmarks import ground

NAMES = ("pages", "callback", "imports", "library", "posters", "walls", "publish", "lane", "browser")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="性能对比：每项都是同一次运行里的比值。"
    )
    parser.add_argument("names", nargs="*", metavar="名称", help=f"只跑这几项：{'、'.join(NAMES)}")
    wanted = parser.parse_args().names or list(NAMES)
    if unknown := [name for name in wanted if name not in NAMES]:
        parser.error(f"没有这一项：{'、'.join(unknown)}")
    verdicts = []
    with ground.ground() as var_dir:
        for name in wanted:
            print(f"{name} …", flush=True)
            module = __import__(f"benchmarks.{name}", fromlist=["run"])
            verdicts += module.run(var_dir / name)
    print()
    for verdict in verdicts:
        print(verdict)
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
