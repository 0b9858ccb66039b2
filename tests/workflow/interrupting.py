"""Interrupts each job once, at a chosen moment.

A test copies this file into a project's library as `sitecustomize.py`, which the Python of every job runs first, and
writes a plan: rule → after how many files were put in their place, and what happens then.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

PLAN, DONE, GO_ON = Path("interruptions.json"), Path("interrupted"), Path("go_on")
AT_ONCE = -1
NOTES = (".job.json", "error.json")
"""What a job tells the run about itself; its outputs and their records are what counts here."""


def kill_job():
    os.kill(os.getpid(), signal.SIGKILL)


def power_cut():
    """Snakemake and all its jobs are gone at once; only where the run has a process group of its own."""
    if os.getpgid(0) == os.getppid():
        os.killpg(0, signal.SIGKILL)


def ctrl_c():
    if os.getpgid(0) == os.getppid():
        os.killpg(0, signal.SIGINT)
    time.sleep(60)


def hold():
    deadline = time.monotonic() + 600
    while not GO_ON.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


HOW = {how.__name__: how for how in (kill_job, power_cut, ctrl_c, hold)}


def interrupt(rule, how):
    DONE.mkdir(exist_ok=True)
    (DONE / rule).touch()
    HOW[how]()


def interrupt_after(writes, rule, how):
    """Every file is put in its place by `os.replace`; the one that comes next is only half written."""
    replace, placed = os.replace, []

    def interrupted(source, target, **options):
        if str(target).endswith(NOTES):
            return replace(source, target, **options)
        if len(placed) == writes:
            if how != "hold":
                os.truncate(source, os.path.getsize(source) // 2)
            interrupt(rule, how)
        placed.append(target)
        return replace(source, target, **options)

    os.replace = interrupted


def main():
    """Do what the plan says of the rule whose script this is; Snakemake calls it tmp….<rule>.py."""
    rule = Path(sys.orig_argv[-1]).stem.rpartition(".")[2]
    plan = json.loads(PLAN.read_text()) if PLAN.exists() else {}
    if rule not in plan or (DONE / rule).exists():
        return
    writes, how = plan[rule]
    if writes == AT_ONCE:
        interrupt(rule, how)
    else:
        interrupt_after(writes, rule, how)


if __name__ == "sitecustomize":
    main()
