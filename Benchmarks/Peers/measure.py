"""Runs a command as its own process and says how long it took and how much memory it held at most."""

import json
import os
import platform
import selectors
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    """One finished process: wall-clock seconds, peak resident bytes, what it printed.

    `foreign_cores` is how many processors other processes kept busy meanwhile. They delay PyTorch's threads, which wait
    for each other at every operation, far more than ours: figures taken beside other work flatter us.
    """

    seconds: float
    peak_bytes: int
    output: str
    foreign_cores: float

    @property
    def result(self):
        """What the command printed as JSON: the whole output or, among other lines, its last line."""
        try:
            return json.loads(self.output)
        except ValueError:
            return json.loads(self.output.strip().splitlines()[-1])


def run(command, attempts=1, quiet=0.1):
    """Runs a command line, again (up to `attempts` times) when other processes used more than `quiet` processors."""
    for attempt in range(1, attempts + 1):
        found = _run(shlex.split(command))
        if found.foreign_cores <= quiet or attempt == attempts:
            return found
        print(f"other processes used {found.foreign_cores:.1f} processors: waiting to measure again", file=sys.stderr)
        _wait_until(quiet)


def _wait_until(quiet, seconds=600, window=5):
    """Returns when the machine has been idle for a moment, or after ten minutes."""
    for _ in range(seconds // window):
        busy = _busy_seconds()
        time.sleep(window)
        if (_busy_seconds() - busy) / window <= quiet:
            return


def _run(words):
    """Ends the program with the command's own message when it fails."""
    start, busy = time.perf_counter(), _busy_seconds()
    try:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        sys.exit(f"cannot start '{words[0]}': {error.strerror}")
    output, errors = _drain(process)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{shlex.join(words)}\nended with {process.returncode}:\n{errors[-2000:]}{output[-2000:]}")
    foreign = _busy_seconds() - busy - usage.ru_utime - usage.ru_stime
    return Run(seconds, usage.ru_maxrss * 1024, output, max(0.0, foreign / seconds))


def _busy_seconds():
    """Processor time that all processes, and the host of a virtual machine, have taken so far."""
    if sys.platform != "linux":
        return 0.0
    user, nice, system, _, _, interrupt, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")


def _drain(process):
    parts = {process.stdout: [], process.stderr: []}
    with selectors.DefaultSelector() as selector:
        for stream in parts:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if data:
                    parts[key.fileobj].append(data)
                else:
                    selector.unregister(key.fileobj)
    return tuple(b"".join(parts[s]).decode("utf-8", "replace") for s in (process.stdout, process.stderr))


def machine():
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []:
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    return {"processor": model, "cores": os.cpu_count(), "load_average": os.getloadavg()[0]}


def median(values):
    return statistics.median(values)


def spread(values, digits=0):
    """median (lowest to highest)"""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def cache():
    return Path(os.environ.get("PEFTKIT_CACHE") or Path.home() / ".cache" / "peftkit")


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def publish(prefix, results, markdown):
    """Prints the table, and with a prefix writes PREFIX.json and PREFIX.md."""
    print(markdown)
    if prefix:
        Path(prefix).parent.mkdir(parents=True, exist_ok=True)
        Path(f"{prefix}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        Path(f"{prefix}.md").write_text(markdown + "\n", encoding="utf-8")
