"""`make run`: sets everything up, starts the processes, keeps them alive, ends them in order."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from runtime import checks, environment, keeper, postgres, processes, screen, templates
from runtime.children import SANDBOX_VARIABLES, Child, children
from runtime.environment import ROOT, Plan
from runtime.trouble import Trouble

_LONGEST_LOG = 20 * 1024 * 1024
_START_PATIENCE = 180.0
_LAST_SUPERVISOR_PATIENCE = 60.0
_LONGEST_PAUSE = 30.0
_STEADY = 60.0  # a child that ran this long starts again at once


class StopAsked(Exception):
    """Ctrl-C, SIGTERM, or the terminal is gone."""


class Running:
    """A child and its present process."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 0.0
        self.start_at = 0.0


class Supervisor:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopping = False
        self.hurried = False
        self.running: list[Running] = []
        self.guard: subprocess.Popen[bytes] | None = None
        self.groups: set[int] = set()
        self.variables = plan.variables()
        self.demo = False
        self._lock: IO[bytes] | None = None
        self._parent = os.getppid()
        self._next_look = 0.0

    # --- the whole life ---------------------------------------------------------------------------

    def run(self) -> None:
        """Until somebody asks to stop. Trouble and every other way out end all processes first."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        if os.environ.get("MAKELEVEL"):
            processes.die_with_parent(signal.SIGTERM)
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._only_one())
            checks.check_ports(self.plan)
            stack.callback(self._end_guard)
            self._start_guard()
            try:
                self._database(stack)
                self._set_up()
                self._start_all()
                self._banner()
                self._watch()
            finally:
                self.stopping = True
                self._end_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            self.hurried = True
        else:
            self.stopping = True
            raise StopAsked

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """One supervisor per VAR_DIR. The guard of a killed one holds the lock until it has cleaned up."""
        try:
            self.plan.logs.mkdir(parents=True, exist_ok=True)
            lock = (self.plan.var_dir / "run.lock").open("a+b")
        except OSError as error:
            raise Trouble(
                f"不能写 {self.plan.var_dir}（{error.strerror}）：请检查这个目录的主人和权限，"
                "或者换一个：make run VAR_DIR=/别的目录。"
            ) from None
        with lock:
            deadline = time.monotonic() + _LAST_SUPERVISOR_PATIENCE
            told = False
            while not processes.take_lock(lock):
                lock.seek(0)
                note = lock.read().decode().split()
                if note and note[0].isdigit() and processes.is_alive(int(note[0])):
                    raise Trouble(
                        f"这个目录（{self.plan.var_dir}）里的平台已经在运行：{note[1]} （进程 {note[0]}）。"
                        "要再开一份，请换目录和端口：make run VAR_DIR=/别的目录 PORT=8010。"
                    )
                if time.monotonic() > deadline:
                    raise Trouble(
                        "上一次运行的进程一直没有结束：请手工结束它们（ps aux | grep gunicorn）再启动。"
                    )
                if not told:
                    screen.say("上一次没有正常结束，正在收尾……")
                    told = True
                time.sleep(0.1)
            lock.truncate(0)
            lock.write(f"{os.getpid()} {self.plan.site_url}".encode())
            lock.flush()
            self._lock = lock
            yield
            lock.truncate(0)

    def _database(self, stack: contextlib.ExitStack) -> None:
        if self.plan.database_url:
            with screen.step("连接数据库"):
                checks.check_database(self.plan.database_url)
            return
        if not postgres.data_dir(self.plan.var_dir).exists():
            with screen.step("建数据表") as shown:
                templates.clone(
                    self.plan.var_dir, lambda done, total: shown.count(done, total, f"{done}/{total} 步")
                )
        with screen.step("启动数据库"):
            self.variables["DATABASE_URL"] = stack.enter_context(keeper.hold(self.plan.var_dir))

    # --- set-up ----------------------------------------------------------------------------------

    def _set_up(self) -> None:
        with screen.step("前端文件") as shown:
            self._command("准备前端文件", ["-m", "runtime.assets"], on_line=shown.say)
        if self._seeding.exists():
            self._forget_half_a_demo()
        facts = self._prepare()
        keys = environment.read_file(self.plan.var_dir / "keys.env")
        for name, value in keys.items():
            if name.startswith("WECOM_") and not self.variables.get(name):
                self.variables[name] = value
        if self.plan.with_sandbox:
            with screen.step("沙箱数据表"):
                self._command(
                    "准备沙箱的数据表",
                    ["-m", "django", "migrate", "--verbosity=0"],
                    variables=SANDBOX_VARIABLES,
                )
            self._start_stage(0)
        self.demo = bool(facts["demo"])
        if self.plan.with_demo and facts["empty"]:
            self._seed()

    def _prepare(self) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        tables, files = (0, 0), 0
        with screen.step("数据表和静态文件") as shown:

            def on_line(line: str) -> None:
                nonlocal tables, files
                match json.loads(line):
                    case {"step": "migrate", "done": done, "total": total}:
                        tables = done, total
                    case {"step": "static", "done": files}:
                        pass
                    case message:
                        facts.update(message)
                done, total = tables
                words = [f"{done}/{total} 步"] * bool(total) + [f"{files} 个文件"] * bool(files)
                shown.count(done, total or None, "，".join(words))

            self._command("准备数据表和静态文件", ["-m", "runtime.prepare"], on_line=on_line)
        return facts

    @property
    def _seeding(self) -> Path:
        """Exists while the demo is being written: a start that finds it has half a demo before it."""
        return self.plan.var_dir / "demo.unfinished"

    def _seed(self) -> None:
        self._seeding.touch()
        began = time.monotonic()
        screen.say("… 示例数据和它的统计（只在第一次，约一两分钟）")
        self._command("写示例数据", ["manage.py", "seed_demo"], on_terminal=True)
        if self.plan.with_sandbox:
            # The sandbox learns who works here and whom they know; it has been starting meanwhile.
            self._wait_for(self.running)
            self._command("告诉沙箱", ["manage.py", "seed_sandbox"])
        self._seeding.unlink()
        self.demo = True
        screen.say(f"✓ 示例数据 {time.monotonic() - began:.1f} 秒")

    def _forget_half_a_demo(self) -> None:
        """Only the demo can be in there: it is written into an empty database, before anything else runs."""
        if self.plan.database_url:
            raise Trouble(
                "上一次写示例数据时中断了，库里只有一半：请清空 DATABASE_URL 指的数据库，删掉 "
                f"{self._seeding}，再启动；不要示例数据就设 RUN_DEMO=0。"
            )
        with screen.step("上次示例数据没写完，重新建库"):
            postgres.recreate(self.plan.var_dir)
            shutil.rmtree(self.plan.var_dir / "media", ignore_errors=True)
        self._seeding.unlink()

    def _command(
        self,
        what: str,
        arguments: list[str],
        *,
        on_line: Any = None,
        on_terminal: bool = False,
        variables: Any = None,
    ) -> None:
        """Run one set-up command to its end; its last words become the trouble when it fails."""
        path = self.plan.logs / "setup.log"
        with path.open("ab") as log:
            log.write(f"--- {time.strftime('%F %T')} {what}\n".encode())
            log.flush()
            began = log.tell()
            process = self._start(
                [sys.executable, *arguments],
                variables or {},
                output=None if on_terminal else subprocess.PIPE,
                errors=log,
            )
            try:
                for raw in process.stdout or ():
                    line = raw.decode(errors="replace").rstrip()
                    if on_line is not None and line:
                        on_line(line)
                code = process.wait()
            finally:
                if process.stdout:
                    process.stdout.close()
                self._end(process, patience=5)
        if code != 0:
            words = checks.last_words(path, since=began)
            raise Trouble(f"{what}没有成功：{words}（全文在 {path}）")

    # --- processes --------------------------------------------------------------------------------

    def _start(
        self,
        command: list[str],
        variables: Any,
        *,
        output: IO[bytes] | int | None,
        errors: IO[bytes] | None = None,
        death: signal.Signals = signal.SIGTERM,
    ) -> subprocess.Popen[bytes]:
        with processes.uninterrupted():
            process = processes.start(
                command,
                death=death,
                env={**self.variables, **variables},
                output=output,
                errors=errors,
                cwd=ROOT,
            )
            self.groups.add(process.pid)
            self._tell_guard(f"+{process.pid}")
        return process

    def _end(self, process: subprocess.Popen[bytes], *, patience: float) -> None:
        """The process is over or has to be; nothing of its group stays."""
        processes.end_group(process.pid, patience=patience)
        process.wait()
        self.groups.discard(process.pid)
        self._tell_guard(f"-{process.pid}")

    def _start_guard(self) -> None:
        assert self._lock is not None
        self.guard = subprocess.Popen(
            [sys.executable, "-m", "runtime", "guard"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(self._lock.fileno(),),
            cwd="/",
        )
        for group in self.groups:
            self._tell_guard(f"+{group}")

    def _tell_guard(self, line: str) -> None:
        if self.guard is not None and self.guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.write(f"{line}\n".encode())
                self.guard.stdin.flush()

    def _end_guard(self) -> None:
        if self.guard is not None and self.guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.close()
            self.guard.wait()

    def _start_child(self, running: Running) -> None:
        path = self.plan.logs / f"{running.child.name}.log"
        if path.exists() and path.stat().st_size > _LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            running.process = self._start(
                list(running.child.command),
                running.child.variables,
                output=log,
                death=running.child.death,
            )
        running.started = time.monotonic()

    def _start_stage(self, stage: int) -> None:
        for child in children(self.plan):
            if child.stage == stage:
                running = Running(child)
                self.running.append(running)
                self._start_child(running)

    def _start_all(self) -> None:
        """Start what is not running yet, then wait until all of it answers."""
        with screen.step("启动服务") as shown:
            for stage in (1, 2):
                self._start_stage(stage)
            self._wait_for(self.running, shown)

    def _wait_for(self, wanted: list[Running], shown: screen.Step | None = None) -> None:
        """Until each of them that can answer does."""
        waiting = [running for running in wanted if running.child.ready_url]
        deadline = time.monotonic() + _START_PATIENCE
        while waiting:
            if shown is not None:
                done = len(wanted) - len(waiting)
                shown.count(done, len(wanted), f"{done}/{len(wanted)}，正在等{waiting[0].child.title}")
            waiting = [running for running in waiting if not checks.answers(running.child.ready_url)]
            self._fail_on_the_dead()
            if waiting and time.monotonic() > deadline:
                raise Trouble(
                    f"{waiting[0].child.title} {int(_START_PATIENCE)} 秒还没有准备好，"
                    f"请看日志 {self.plan.logs / waiting[0].child.name}.log。"
                )
            time.sleep(0.1)

    def _fail_on_the_dead(self) -> None:
        for running in self.running:
            if running.process is not None and running.process.poll() is not None:
                path = self.plan.logs / f"{running.child.name}.log"
                raise Trouble(f"{running.child.title} 启动失败：{checks.last_words(path)}（日志在 {path}）")

    def _watch(self) -> None:
        while True:
            time.sleep(0.2)
            now = time.monotonic()
            if os.environ.get("MAKELEVEL") and os.getppid() != self._parent:
                raise StopAsked
            for running in self.running:
                self._look_after(running, now)
            if now >= self._next_look:
                self._next_look = now + 1.0
                self._look_after_the_rest()

    def _look_after(self, running: Running, now: float) -> None:
        process = running.process
        if process is None:
            if now >= running.start_at:
                self._start_child(running)
            return
        code = process.poll()
        if code is None:
            return
        self._end(process, patience=5)
        running.process = None
        steady = now - running.started > _STEADY
        running.pause = 1.0 if steady or not running.pause else min(running.pause * 2, _LONGEST_PAUSE)
        running.start_at = now + running.pause
        path = self.plan.logs / f"{running.child.name}.log"
        screen.notice(
            f"{running.child.title}意外结束（{checks.how(code)}），{running.pause:.0f} 秒后重启。日志：{path}"
        )

    def _look_after_the_rest(self) -> None:
        if self.guard is not None and self.guard.poll() is not None:
            self._start_guard()
        if not self.plan.database_url and not keeper.is_kept(self.plan.var_dir):
            screen.notice("数据库意外结束，正在重启。")
            try:
                keeper.ensure(self.plan.var_dir)
            except Trouble as trouble:
                screen.notice(str(trouble))
                self._next_look = time.monotonic() + 5.0

    def _end_all(self) -> None:
        """Last started, first ended. A second Ctrl-C stops the waiting."""
        alive = [running for running in self.running if running.process is not None]
        if alive:
            screen.say("正在结束，请稍候……（再按一次 Ctrl-C 立即结束）")
        for stage in sorted({running.child.stage for running in alive}, reverse=True):
            group = [running for running in alive if running.child.stage == stage]
            for running in group:
                assert running.process is not None
                if running.process.poll() is None:
                    running.process.terminate()
            deadline = time.monotonic() + max(running.child.grace for running in group)
            while time.monotonic() < deadline and not self.hurried:
                if all(running.process and running.process.poll() is not None for running in group):
                    break
                time.sleep(0.05)
            for running in group:
                assert running.process is not None
                self._end(running.process, patience=0)
                running.process = None
        if alive:
            screen.say("已全部结束，数据都在。")

    def _banner(self) -> None:
        site = self.plan.site_url
        rows = [
            ("工作台（群主、导购）", f"{site}/", "host1 · host2 · guide1" if self.demo else ""),
            ("总部后台", f"{site}/hq/", "hq · editor · reviewer" if self.demo else ""),
            ("接口文档", f"{site}/api/docs/", ""),
        ]
        if self.plan.with_sandbox:
            rows.append(("企业微信沙箱", f"{self.plan.sandbox_url}/", "扮演企业微信、群主的手机和顾客"))
        password = "示例帐号的密码都是 demo-only-1。\n" if self.demo else ""
        screen.banner(
            "大C赋能平台已启动",
            rows,
            f"{password}数据在 {self.plan.var_dir}，日志在 {self.plan.logs}。按 Ctrl-C 结束。",
        )


def main() -> int:
    try:
        environment.load_dotenv()
        Supervisor(environment.plan()).run()
    except StopAsked:
        return 0
    except Trouble as trouble:
        screen.trouble(str(trouble))
        return 1
    return 0
