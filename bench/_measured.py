"""Work measured in a process of its own: seconds on the clock, seconds of processor time, and the peak of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORES = 2


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work cost.

    Attributes:
        wall: seconds on the clock; on a machine shared with others they say little.
        cpu: seconds of processor time, user and system, of all threads.
        peak: MB of memory at most, of the whole process.
    """

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a job told: its phases by name, and its numbers."""

    phases: Mapping[str, Spent]
    numbers: Mapping[str, float]
    whole: Spent


class Clock:
    """Measures the phases of a job from inside."""

    def __init__(self) -> None:
        self.phases: dict[str, tuple[float, float]] = {}
        self.numbers: dict[str, float] = {}

    def time(self, name: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work gives
        """Do one phase; of several by one name the times are added."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = act()
        spent = self.phases.get(name, (0.0, 0.0))
        self.phases[name] = (spent[0] + time.perf_counter() - wall, spent[1] + time.process_time() - cpu)
        return result

    def tell(self) -> None:
        """Print everything as the last line, for `run_job`."""
        print(json.dumps({"phases": self.phases, "numbers": self.numbers, "peak": peak()}))


def peak() -> float:
    """Give this process's peak of memory in MB; unlike getrusage's, it is not inherited from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def run_job(module: str, name: str, *arguments: object) -> Report:
    """Run `python -m module name arguments…` on two cores and take what its clock tells."""
    told, whole = run_program([sys.executable, "-m", module, name, *map(str, arguments)])
    found = json.loads(told.splitlines()[-1])
    phases = {phase: Spent(wall, cpu, found["peak"]) for phase, (wall, cpu) in found["phases"].items()}
    return Report(phases, found["numbers"], Spent(whole.wall, whole.cpu, found["peak"]))


def run_program(
    command: Sequence[str], folder: Path | None = None, accept: Sequence[int] = (0,), **more: str
) -> tuple[str, Spent]:
    """Run a program on two cores: (what it printed, what it cost with all of its children)."""
    kept = Path(tempfile.gettempdir()) / "haidang-bench-bytecode"  # as installed programs have it
    environment = {**os.environ, "POLARS_MAX_THREADS": str(CORES), "PYTHONPYCACHEPREFIX": str(kept), **more}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
        cwd=folder,
        env=environment,
        encoding="utf-8",
        errors="replace",
    ) as process:
        told = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode not in accept:
        raise subprocess.CalledProcessError(process.returncode, list(command), told)
    return told, Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def middle(spent: Sequence[Spent]) -> Spent:
    """Take the median of each figure, and the highest peak."""
    at = len(spent) // 2
    return Spent(
        sorted(one.wall for one in spent)[at], sorted(one.cpu for one in spent)[at], max(o.peak for o in spent)
    )
