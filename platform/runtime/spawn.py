"""Becomes another program that ends when its parent ends. Standard library only.

    python -I -S spawn.py SIGNAL PARENT USER OVERRIDE PROGRAM [ARGUMENT …]

SIGNAL is sent to the program when PARENT, its starter, dies (Linux; elsewhere the guard does it).
USER is `uid:gid` or `-`. With OVERRIDE `1` the program keeps the right to pass folders that USER may
not enter: PostgreSQL refuses root, and a checkout under /root is closed to everybody else.

This is a program of its own, and no `preexec_fn`: the starter may have threads, and between fork and
exec only the simplest calls are safe then. The order matters: changing the user clears the death
signal, so that comes last.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Set(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def _check(result: int, libc: ctypes.CDLL) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _drop(user: str, libc: ctypes.CDLL | None, *, override: bool) -> None:
    uid, gid = map(int, user.split(":"))
    if override and libc is not None:
        # Keeps what we have through the change of user. Without it access(2), by which initdb looks for its
        # sister programs, would also disregard the one right that stays.
        _check(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0), libc)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if override and libc is not None:
        bit = 1 << _CAP_DAC_OVERRIDE
        sets = (_Set * 2)(_Set(bit, bit, bit), _Set(0, 0, 0))
        _check(libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), sets), libc)
        # Ambient: the only kind that survives the exec of an ordinary program.
        _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0), libc)


def main(arguments: list[str]) -> None:
    death, parent, user, override, *command = arguments
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if user != "-":
        _drop(user, libc, override=override == "1")
    if libc is not None:
        _check(libc.prctl(_PR_SET_PDEATHSIG, int(signal.Signals[death]), 0, 0, 0), libc)
    if os.getppid() != int(parent):
        sys.exit(1)  # the starter died before the signal was armed
    # The starter may have held signals back, and that is inherited too.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # Python ignores these two; an exec would hand that on.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(signal.Signals[name], signal.SIG_DFL)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
