"""What the figures were measured on, and with what."""

import os
import re
import subprocess
from pathlib import Path

import measure


def description():
    """Processor, cores, memory, system and our side's versions."""
    found = measure.machine()
    return {
        "processor": found["processor"],
        "cores": found["cores"],
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": _system(),
        "versions": {"Swift": _said("swift --version", r"Swift version (\S+)"), "OpenBLAS": _openblas()},
    }


def _system():
    for line in _text("/etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return os.uname().sysname


def _openblas():
    return _said("pkg-config --modversion openblas", r"(\S+)") or _said("dpkg-query -W libopenblas-dev", r"\s(\S+)")


def _said(command, pattern):
    """What a program says of itself; empty when it isn't there."""
    try:
        finished = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    except OSError:
        return ""
    match = re.search(pattern, finished.stdout + finished.stderr) if finished.returncode == 0 else None
    return match.group(1) if match else ""


def _text(file):
    return Path(file).read_text(encoding="utf-8") if Path(file).exists() else ""
