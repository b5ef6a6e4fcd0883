# SPDX-License-Identifier: MIT
"""usage: load.py subprocess|asyncio FILE [GO]: as load.js."""
import asyncio
import itertools
import logging
import os
import subprocess
import sys
import threading
import time

how, file = sys.argv[1:3]
go = sys.argv[3] if len(sys.argv) > 3 else None


def say(line):
    with open(file, "a") as out:
        out.write(line + "\n")


def check(status, wanted):
    say("ok" if status == wanted else f"{status}, not {wanted}")


def rounds(first):
    for n in itertools.count(first):
        check(subprocess.run(["sh", "-c", f"exit {n % 100}"]).returncode, n % 100)


async def rounds_async(first):
    for n in itertools.count(first):
        child = await asyncio.create_subprocess_exec("sh", "-c", f"exit {n % 100}")
        check(await child.wait(), n % 100)


def single():
    child = subprocess.Popen(["sh", "-c", "exit 7"])
    say(f"child {child.pid}")
    while not os.path.exists(go):
        time.sleep(0.01)
    say(f"wait: {child.wait()}")


async def single_async():
    watcher = asyncio.PidfdChildWatcher()
    watcher.attach_loop(asyncio.get_running_loop())
    asyncio.set_child_watcher(watcher)
    child = await asyncio.create_subprocess_exec("sh", "-c", "sleep 0.5; exit 7")
    say(f"child {child.pid}")
    while not os.path.exists(go):
        time.sleep(0.01)  # its loop stands still meanwhile
    say(f"wait: {await child.wait()}")


async def several():
    await asyncio.gather(*(rounds_async(i * 30) for i in range(3)))


def main():
    logging.basicConfig(filename=file + ".log")
    if go and how == "asyncio":
        asyncio.run(single_async())
    elif go:
        single()
    elif how == "asyncio":
        asyncio.run(several())
    else:
        for i in range(2):
            threading.Thread(target=rounds, args=(i * 30,)).start()


main()
