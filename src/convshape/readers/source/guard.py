"""A guard against accidents: user source starts no program, uses no network, loses no file.

While packages are missing, more of a file's fallbacks run than where they are installed, such as
``os.system("pip install ...")``. Each is refused as the operating system would refuse it, so that
code that handles this goes on: a shell ends with the status of a command that it may not execute.
Only what is written to a file opened for it, such as a log, is discarded, as most code would not
handle a refusal. The guard sees Python's audit events and is not a sandbox: code that wants to get
around it can.
"""

from __future__ import annotations

import _thread
import builtins
import errno
import io
import os
import stat
import sys
from _thread import get_ident
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from ... import user_frames
from ...errors import SpecError, suggestion

#: What a source may be allowed.
KINDS = ("run", "network", "write")

_RUNS = (
    "os.system subprocess.Popen os.exec os.posix_spawn os.spawn os.fork os.forkpty pty.spawn "
    "os.startfile os.startfile/2"
).split()
_NETWORKS = (
    "socket.connect socket.sendto socket.sendmsg socket.getaddrinfo socket.gethostbyname "
    "socket.gethostbyaddr"
).split()
_DELETES = "os.remove os.rmdir os.truncate shutil.rmtree".split()
_WRITES = "open os.rename os.link os.symlink os.chmod os.chown shutil.move shutil.copyfile".split()
_KIND = {
    **dict.fromkeys(_RUNS, "run"),
    **dict.fromkeys(_NETWORKS, "network"),
    **dict.fromkeys((*_DELETES, *_WRITES), "write"),
}
_SHELLS = ("/bin/sh", "/bin/bash")
#: What a shell is given instead of a command: so it ends where it may not execute a program.
_REFUSED = ["-c", "exit 126"]
#: What starts a thread, in `_thread` and as `threading` calls it.
_STARTS = {"start_new_thread", "start_joinable_thread"}
_STARTS |= {f"_{name}" for name in _STARTS}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """What one source may not do, and what it wanted to.

    Attributes:
        notes: which of its lines wanted what, in words.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = checked(allowed)
        self.notes: list[str] = []
        self._process, self._thread = os.getpid(), get_ident()
        self._started: set[int] = set()
        self._outer: Guard | None = None
        self._free: tuple[str, ...] = ()
        self._in_use = True

    def __enter__(self) -> Guard:
        global _active
        _install()
        if "write" not in self._allowed:
            self._free = tuple(_temporary())
        self._outer, _active = _active, self
        self._system, os.system = os.system, self._refused_system
        self._exit, os._exit = os._exit, self._exited
        self._open, builtins.open, io.open = builtins.open, self._opened, self._opened
        if self._outer is not None:
            self._allowed &= self._outer._allowed
            self._started = self._outer._started
        return self

    def __exit__(self, *_: object) -> None:
        global _active
        _active, os.system, os._exit = self._outer, self._system, self._exit
        builtins.open = io.open = self._open
        self._in_use = False

    def is_own(self) -> bool:
        """Return whether the thread at work is that of the source, or one that it has started."""
        ident = get_ident()
        return ident == self._thread or ident in self._started

    def run_thread(self, function: Callable[..., Any], *args: Any, **options: Any) -> None:
        """Run the function of a thread that the source starts."""
        ident = get_ident()
        self._started.add(ident)
        try:
            function(*args, **options)
        finally:
            self._started.discard(ident)  # another thread may get it

    def judge(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse what an audit event reports, if it is not allowed."""
        kind = _KIND[event]
        if kind in self._allowed or not self.is_own():
            return
        wanted = _WANTED[kind](self, event, args)
        if wanted:
            self._refuse(kind, wanted, event)

    def _refused_system(self, command: Any) -> int:
        """Do what `os.system` does, which says by a status that a program may not be started."""
        try:
            return self._system(command)
        except PermissionError as error:
            if not hasattr(error, "allow"):
                raise
            return 1 if os.name == "nt" else 126 << 8  # as a shell says it

    def _exited(self, status: int) -> NoReturn:
        """Do what `os._exit` does; a source only ends itself, not the process that traces it."""
        if self.is_own() and os.getpid() == self._process:
            raise SystemExit(status)
        self._exit(status)

    def _opened(self, file: Any, mode: Any = "r", *args: Any, **options: Any) -> Any:
        """Do what `open` does; what is written to a file that is not free goes nowhere."""
        writes = self._in_use and isinstance(mode, str) and not {*"wax"}.isdisjoint(mode)
        if (
            writes
            and "write" not in self._allowed
            and self.is_own()
            and not self._is_writable(file)
        ):
            self._note("write", f"write {_shown(file)}")
            return _named(file, self._open(os.devnull, mode.replace("x", "w"), *args, **options))
        return self._open(file, mode, *args, **options)

    def _note(self, kind: str, wanted: str) -> None:
        line = user_frames.here()
        note = f"{line or 'the source'} wanted to {wanted}: --allow-{kind} lets it"
        if note not in self.notes:
            self.notes.append(note)

    def _refuse(self, kind: str, wanted: str, event: str) -> None:
        self._note(kind, wanted)
        raise _refusal(kind, wanted, event)

    def _program(self, event: str, args: tuple[Any, ...]) -> str:
        if "fork" in event:
            return "start another process"
        if event in ("subprocess.Popen", "os.posix_spawn") and args[0] in _SHELLS:
            if args[1][1:] == _REFUSED:
                return ""
            if event == "subprocess.Popen" and args[1][1:2] == ["-c"]:
                self._note("run", f"start `{_shown(args[1][2:])}`")
                args[1][1:] = _REFUSED  # of the list that the shell is about to be started with
                return ""
        command = args[1] if event in ("subprocess.Popen", "os.exec", "os.posix_spawn") else args[0]
        command = args[2] if event == "os.spawn" else command
        return f"start `{_shown(command)}`"

    def _connection(self, event: str, args: tuple[Any, ...]) -> str:
        address = args[0]
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            address = args[1]
            if not isinstance(address, tuple):  # a socket of this machine, or connected already
                return ""
            address = address[0]
        return f"connect to {_shown(address)}"

    def _file(self, event: str, args: tuple[Any, ...]) -> str:
        if event == "open":
            path, _, flags = args
            if not (flags or 0) & _WRITING:
                return ""
            return "" if self._is_writable(path) else f"write {_shown(path)}"
        if event in ("os.remove", "os.rmdir", "os.chmod", "os.chown") and args[-1] not in (
            -1,
            None,
        ):
            return ""  # in an open folder, of which `shutil.rmtree` has told
        count = 2 if event in ("os.rename", "shutil.move", "shutil.copyfile") else 1
        paths = args[1:2] if event in ("os.link", "os.symlink", "shutil.copyfile") else args[:count]
        is_free = self._is_writable if event == "shutil.copyfile" else self._is_free
        strange = [path for path in paths if not is_free(path)]
        verb = "delete" if event in _DELETES else "write"
        return f"{verb} {_shown(strange[0])}" if strange else ""

    def _is_free(self, path: Any) -> bool:
        """Return whether a file may be written and deleted: a temporary file, or bytecode."""
        if isinstance(path, int):
            return True
        text = os.fsdecode(path)
        if ".pyc" in os.path.basename(text) and "__pycache__" in text:
            return True
        return os.path.join(os.path.realpath(text), "").startswith(self._free)

    def _is_writable(self, path: Any) -> bool:
        """Return whether a file may be written into: it is free, or a terminal, null or a pipe."""
        if self._is_free(path):
            return True
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            return False
        return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


_WANTED: dict[str, Callable[[Guard, str, tuple[Any, ...]], str]] = {
    "run": Guard._program,
    "network": Guard._connection,
    "write": Guard._file,
}
_active: Guard | None = None
_installed = False


def checked(allowed: Iterable[str]) -> frozenset[str]:
    """Return what is allowed.

    Raises:
        SpecError: there is nothing of such a name to allow.
    """
    kinds = frozenset([allowed] if isinstance(allowed, str) else allowed)
    for kind in sorted(kinds - {*KINDS}, key=str):
        fix = suggestion(str(kind), KINDS, ", ".join(map(repr, KINDS)))
        raise SpecError(f"unknown permission {kind!r}", fix=fix)
    return kinds


def _install() -> None:
    """Have Python report its events; it has no way to stop that, so one hook stays and rests."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        for module in filter(None, (_thread, sys.modules.get("threading"))):
            for name in _STARTS & {*vars(module)}:
                setattr(module, name, _starting(getattr(module, name)))
        _installed = True


def _starting(start: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that starts a thread, and knows whether the source starts it."""

    def start_thread(function: Any, *args: Any, **options: Any) -> Any:
        guard = _active
        if guard is not None and guard.is_own() and callable(function):
            function = partial(guard.run_thread, function)
        return start(function, *args, **options)

    return start_thread


def _hook(event: str, args: tuple[Any, ...]) -> None:
    guard = _active
    if guard is not None and event in _KIND:
        guard.judge(event, args)


def _temporary() -> set[str]:
    """Return the folders in which anybody may write: that of `tempfile`, and shared memory."""
    chosen = getattr(sys.modules.get("tempfile"), "tempdir", None)  # its import takes long
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folders = filter(None, (chosen, *named, "/tmp", "/var/tmp"))
    temporary = next(filter(os.path.isdir, folders), "/dev/shm")
    return {
        os.path.join(os.path.realpath(os.fsdecode(folder)), "")
        for folder in (temporary, "/dev/shm")
    }


def _refusal(kind: str, wanted: str, event: str) -> OSError:
    """Return the error that the operating system has for what it refuses."""
    what = f"a traced file may not {wanted}"
    error: OSError
    if kind != "network":
        error = PermissionError(errno.EACCES, what)
    elif event.startswith("socket.get"):
        from socket import EAI_AGAIN, gaierror

        error = gaierror(EAI_AGAIN, what)
    else:
        error = ConnectionRefusedError(errno.ECONNREFUSED, what)
    vars(error)["allow"] = f"--allow-{kind}"
    return error


def _named(name: Any, file: Any) -> Any:
    """Return a file that says that it has a name: it may be deleted or renamed by it."""
    raw = getattr(file, "buffer", file)
    getattr(raw, "raw", raw).name = name
    return file


def _shown(value: Any) -> str:
    """Write a command, an address or a path."""
    if isinstance(value, (list, tuple)):
        text = " ".join(map(_shown, value))
    elif isinstance(value, (bytes, os.PathLike)):
        text = os.fsdecode(value)
    else:
        text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
