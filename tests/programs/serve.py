# SPDX-License-Identifier: MIT
"""usage: serve.py nginx|redis|postgres DIR FILE: uses the server whose files are in DIR all the time, and has
its children end for one reason and another; a line in FILE for each time: "ok", or what was wrong."""
import os
import signal
import socket
import subprocess
import sys
import time

how, directory, file = sys.argv[1:4]


def say(line):
    with open(file, "a") as out:
        out.write(line + "\n")


def check(got, wanted):
    say("ok" if got == wanted else f"{got!r}, not {wanted!r}")


def ask(path, text):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{directory}/{path}")
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


def logged(name, text):
    """The line comes within ten seconds."""
    for _ in range(1000):
        with open(f"{directory}/{name}", errors="replace") as log:
            if text in log.read():
                return True
        time.sleep(0.01)
    return False


def children_of(pid, name):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        for child in f.read().split():
            try:
                if name in open(f"/proc/{child}/cmdline").read():
                    yield int(child)
            except OSError:
                pass


def master():
    with open(f"{directory}/pid") as f:
        return int(f.readline())


def nginx(n):
    answer = ask("socket", "GET / HTTP/1.0\r\n\r\n")
    check(answer.split("\r\n")[0], "HTTP/1.1 200 OK")
    if n % 40 == 20:
        worker = next(children_of(master(), "worker"), None)
        if worker:
            os.kill(worker, signal.SIGKILL)
            if not logged("error.log", f"worker process {worker} exited on signal 9"):
                say(f"the end of worker {worker} was not noticed")
    if n % 40 == 0:
        os.kill(master(), signal.SIGHUP)


def redis(n):
    check(ask("socket", f"SET a {n}\r\nGET a\r\n").split("\r\n"), ["+OK", f"${len(str(n))}", str(n), ""])
    if n % 20 != 10:
        return
    ask("socket", "BGSAVE\r\n")
    for _ in range(1000):
        info = ask("socket", "INFO persistence\r\n")
        if "rdb_bgsave_in_progress:0" in info:
            break
        time.sleep(0.01)
    check("rdb_bgsave_in_progress:0" in info and "rdb_last_bgsave_status:ok" in info, True)


def postgres(n):
    psql = ["psql", "-AtX", "-h", directory, "-U", "postgres", "-d", "postgres", "-c"]
    if n % 30 != 29:
        done = subprocess.run(psql + [f"select {n}"], capture_output=True, text=True)
        check(done.stdout + done.stderr, f"{n}\n")
        return
    # one that is killed: it says whose end it was, and begins anew
    query = subprocess.Popen(psql + ["select pg_backend_pid(), pg_sleep(100)"], stderr=subprocess.DEVNULL)
    backend = None
    while not backend:
        backend = next(children_of(master(), "SELECT"), None)
        time.sleep(0.01)
    os.kill(backend, signal.SIGKILL)
    if not logged("log", f"server process (PID {backend}) was terminated by signal 9"):
        say(f"the end of backend {backend} was not noticed")
    query.wait()
    while subprocess.run(psql + ["select 1"], capture_output=True).returncode:
        time.sleep(0.05)


count = 0
while True:
    count += 1
    {"nginx": nginx, "redis": redis, "postgres": postgres}[how](count)
