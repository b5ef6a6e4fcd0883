# SPDX-License-Identifier: MIT
"""What a run with a fault in it came to: refused, whole, marked or failed."""
import collections
import functools
import json
import re

# What changes from one look to the next, or is about who asks.
VOLATILE = re.compile(r"(_s|_ms|_time|_since|cursor|current|headroom|tasks|used|refused|first_refusal)$"
                      r"|/tightest/(limit|exact)$|refused_forks|pid_usage|/(details|holders|perfdata)\b")
COUNTS = ("/visible_processes", "/zombies", "/n_zombies", "/killed", "/before", "/after", "/processes", "/threads", "/orphans", "/adopted", "/nested",
          "/depth", "/folded", "/died", "/reaped")
UNKNOWN = (None, "unknown", "?", [])
# What is said with less knowledge: never the other way round.
# In a text, what says that something is not certain, or not known.
HEDGE = re.compile(r"\?|source: none|may only be|cannot be used|look again|likely|unknown|not known|not in sight|inferred|refused|at most|only if|where it may|for one other|in sight|(?:cannot|could not) be (?:read|seen|told|pinned)")
# A process that is not there any more is all that these say of it: then it is left out rightly.
SAYS_GONE = re.compile(r"(ENOENT|ESRCH): .*(\"\d+/stat\"|/proc/\d+/(stat|cmdline|syscall)>|\"\d+/syscall\"|</proc/\d+> \"cmdline\"|pidfd_)")
# Who they are depends on who looks.
HOLDERS = re.compile(r"(The largest holders of it are|It is held by) [^\[]*")
WEAKER = {"proven": ("likely",), "kernel": ("inferred",), "bpf": ("procfs",), "yes": ("unknown",), "no": ("unknown",),
          "OK": ("UNKNOWN",), "WARNING": ("UNKNOWN",), "this": ("any",)}


class Answer:
    """What coroner answered: text, or its JSON."""

    def __init__(self, command, status, out, err):
        self.command = command
        self.status = status
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")
        self.is_json = any("json" in word for word in command)
        self.values = None
        if self.is_json:
            try:
                self.values = [json.loads(line) for line in self.texts()]
            except ValueError:
                pass

    def texts(self):
        """One object, or one a line."""
        if self.out.startswith("{\n"):
            return [self.out]
        return self.out.splitlines()

    @functools.cached_property
    def facts(self):
        """What it says: of JSON the facts, by path; of text the lines."""
        return facts_of(self) if self.is_json else lines_of(self)

    def notes(self):
        return [note for value in self.values or [] for note in value.get("notes") or []]

    def __str__(self):
        return f"  status {self.status}\n  out: {self.out[:1500]}\n  err: {self.err[:1500]}"


def leaves(value, path=""):
    """Each value in it by its path; in lists of processes the PID is the path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}")
    elif isinstance(value, list) and value:
        named = collections.Counter()
        for i, inner in enumerate(value):
            name = name_of(inner, i)
            yield from leaves(inner, f"{path}/{name}#{named[name]}" if named[name] else f"{path}/{name}")
            named[name] += 1
    else:
        yield path, value


def name_of(element, i):
    if isinstance(element, dict):
        for key in ("pid", "inode", "name", "about"):
            if isinstance(element.get(key), (int, str)):
                return f"{key}={element[key]}"
        for key in ("process", "init", "subject"):
            if isinstance(element.get(key), dict) and "pid" in element[key]:
                return f"{key}={element[key]['pid']}"
        # what is not known comes last
        if element.get("limits"):
            return f"of={element['limits'][0]['name']}"
    return i


@functools.lru_cache(1 << 16)
def passes(path):
    return bool(VOLATILE.search(path))


@functools.lru_cache(1 << 16)
def plain(leaf):
    """A text without what passes: how long it has been so, and how much is in use. Those who look on run or sleep."""
    if leaf == "R":
        return "S"
    leaf = leaf.replace("×", "x").replace("→", "->").replace("⇒", "=>")
    if " " in leaf:
        leaf = re.sub(r"\b(\d+(\.\d+)?(ms|s|m|h|d))+\b", "N", leaf)
        leaf = re.sub(r"at most \d+ more|\b\d+ of \d+ in use|\b\d+ more", "N", leaf)
        leaf = leaf.replace("user root", "user 0")  # a name that could not be looked up leaves its number
        # by their users, where these are known
        leaf = HOLDERS.sub("HOLDERS", leaf)
    return leaf


def facts_of(answer):
    """What it says by the path of it, without notes and what changes by itself."""
    told = {}
    for i, value in enumerate(answer.values):
        for path, leaf in leaves({k: v for k, v in value.items() if k != "notes"}, f"{i}"):
            if not passes(path):
                told[path] = plain(leaf) if isinstance(leaf, str) else leaf
    return told


def lines_of(answer):
    """Of a text its lines, each with those that go on with it, without their numbers and what depends on a locale."""
    told = []
    for line in answer.out.translate({ord("×"): "x", ord("→"): "->", ord("⇒"): "=>"}).splitlines():
        if re.match(r" {4}", line) and told and not re.match(r" *(PID|\d)", told[-1]):
            told[-1] += line
        else:
            told.append(line)
    # a name that could not be looked up leaves its number
    return [" ".join(re.sub(r"[<?]?(\d+(\.\d+)?(ms|s|m|h|d)?)+", "N", HOLDERS.sub("HOLDERS ", line.replace("user root", "user 0"))).split())
            for line in told]


def likely(answer, verdict):
    """Of how many parents metrics has that verdict as a likely one."""
    found = re.search(rf'^coroner_parents_likely\{{verdict="{verdict}"\}} (\d+)$', answer.out, re.M)
    return int(found[1]) if found else 0


class Whole:
    """What is answered without a fault: some runs of each source. What differs between these changes by itself."""

    def __init__(self, by_source):
        self.answers = [answer for answers in by_source for answer in answers]
        self.statuses = {answer.status for answer in self.answers}
        self.notes = {note for answer in self.answers for note in answer.notes()}
        self.errors = {line for answer in self.answers for line in answer.err.splitlines()}
        self.unstable = set()
        self.told = []
        for answers in by_source:
            told = [a.facts for a in answers]
            self.told.append(told[0])
            if answers[0].is_json:
                self.unstable |= {path for t in told for path in set(t) | set(told[0])
                                  if t.get(path) != told[0].get(path)}

    def is_doubted(self, answer, line):
        """Of a line of metrics: whether its verdict is one that more parents have as likely only."""
        of = re.search(r'verdict="([^"]*)"', line or "")
        return bool(of) and likely(answer, of[1]) > max(
            likely(there, of[1]) for there in self.answers if there.command[0] == answer.command[0])

    def differences(self, answer):
        """What is otherwise than in the answer that is nearest: (where, there, here)."""
        return min((self.between(answer, there) for there in self.told), key=len)

    def between(self, answer, there):
        here = answer.facts
        if not answer.is_json:
            return [("line", line, None) for line in there if line not in here] + [
                ("line", None, line) for line in here if line not in there]
        return [(path, there.get(path, "absent"), here.get(path, "absent"))
                for path in sorted((set(there) | set(here)) - self.unstable)
                if there.get(path, "absent") != here.get(path, "absent")]


def is_hedged(path, there, here, told):
    """Whether a sentence, or what stands behind it, says that something is not known which was."""
    row = re.match(r"(.*/story/about=[^/]*)/", path)
    if isinstance(there, str) and isinstance(here, str) and set(HEDGE.findall(here)) - set(HEDGE.findall(there)):
        return True
    if row and path != f"{row[1]}/text" and HEDGE.search(told.get(f"{row[1]}/text", "")):
        return True
    # what is said of a verdict and of a limit goes with these
    case = re.match(r"(\d+/cases/[^/]*)/(story/about=(why|remedy|cost)\b|headroom/binding/)", path)
    if case and case[3] in ("why", "remedy"):
        return told.get(f"{case[1]}/verdict/certainty") == "likely"
    return bool(case) and told.get(f"{case[1]}/headroom/exact") is False


def is_unknown(path, there, here, told):
    """Whether what differs is said to be less certain, or not known."""
    if is_hedged(path, there, here, told) or path.endswith("/inferred") and here is True:
        return True
    row = re.match(r"(.*)/limits/name=[^/]*/", path)
    if here == "absent":
        # a limit of a user goes by another name where his user namespace is not known
        if row and any(p.startswith(row[1] + "/limits/") and p.endswith("/exact") and told[p] is False for p in told):
            return True
        # with what it was a part of
        above = path
        while "/" in above:
            above = above.rsplit("/", 1)[0]
            if above in told and told[above] in UNKNOWN:
                return True
        return path.endswith("/doing/thread")
    if here in UNKNOWN or there == "absent" and here in UNKNOWN:
        return True
    if isinstance(there, str) and here in WEAKER.get(there, ()) or path.endswith("exact") and here is False:
        return True
    if path.endswith("/summary"):
        return "unknown" in here
    # why something is not known: whether it reaps, what a signal does
    if path.endswith("/why") and any(told.get(path[:-len("why")] + of) == "unknown" for of in ("reaps", "effect")):
        return True
    # a limit of which it is not known whether it holds, and which binds of those that are known
    row = re.match(r"(.*/limits/name=[^/]*)/", path)
    if row and there == "absent" and told.get(f"{row[1]}/exact") is False:
        return True
    if path.endswith("/binding") and told.get(path[:-len("binding")] + "exact") is False:
        return True
    # a verdict without some of its evidence is another one, and likely
    found = re.match(r"(.*?)/(verdict|zombies)\b", path)
    return bool(found and "likely" in (told.get(f"{found[1]}/verdict/certainty"), told.get(f"{found[1]}/certainty")))


def found_nothing(answer):
    """The JSON of a failure: why is in its notes, and there is nothing else."""
    return bool(answer.is_json and answer.values) and all(
        set(v) <= {"schema", "source", "visible_processes", "notes"} for v in answer.values)


def right_statuses(command):
    """Of a failure: 127 is the loader's, before coroner's own begins."""
    return (3, 127) if "check" in command else (1, 127)


def is_false(difference, said, gone):
    """Whether what differs, and is not said to be unknown, is no less of the same. Advice may always be left out."""
    path, there, here = difference
    if path == "line":
        return here is not None and not here.startswith("left ") and not (said or gone or HEDGE.search(here))
    # of fewer zombies, each of which says why it is left
    if "/would_reap/" in path or path.endswith("/reason") and there is None or said and re.search(r"/left/pid=\d+/why$", path):
        return False
    # the same of another zombie
    if (said or gone) and isinstance(there, str) and isinstance(here, str) and re.sub(r"\d+", "N", there) == re.sub(r"\d+", "N", here):
        return False
    if "/story/about=left" in path or gone and re.search(r"/(value|why|remedy|summary|certainty|code|nudge|reason)$", path):
        return False
    return not ((said or gone) and ("/story/" in path or "absent" in (there, here) or path.endswith(COUNTS)))


def judge(answer, whole, how):
    """
    What a run came to, with this made to fail: (refused | whole | marked | failed, why, what a failure of the same kind
    has in common)
    """
    def failed(why, key=None):
        return "failed", why, key or why

    if answer.status is None:
        return failed("it hung")
    if answer.status < 0 or answer.status > 127:
        return failed(f"it was ended by signal {-answer.status if answer.status < 0 else answer.status - 128}")
    gone = bool(SAYS_GONE.search(how))
    # who is gone is no reason for an alarm any more
    if gone and "check" in answer.command and answer.status in (0, 1, 2) and not found_nothing(answer):
        return "marked", None, None
    said = bool(set(answer.err.splitlines()) - whole.errors) or bool(set(answer.notes()) - whole.notes)
    if answer.status not in whole.statuses or found_nothing(answer):
        if answer.status not in right_statuses(answer.command):
            return failed(f"status {answer.status} is none of a failure")
        # why it cannot be done stands with the parent that it is about
        reasons = [v for k, v in (answer.facts if answer.values else {}).items() if k.endswith("/reason") and v]
        return ("refused", None, None) if said or answer.err.strip() or reasons else failed(f"status {answer.status} without a word")
    if answer.is_json and answer.values is None:
        return failed("what it printed is no JSON")
    different = whole.differences(answer)
    if not different:
        return "whole", None, None
    told = answer.facts if answer.is_json else {}
    false = [d for d in different if not (answer.is_json and is_unknown(*d, told)) and is_false(d, said, gone)]
    false = [d for d in false if d[0] != "line" or not whole.is_doubted(answer, d[2])]
    if false:
        return failed("it says otherwise:\n    " + "\n    ".join(map(str, false[:4])),
                      [re.sub(r"\d+", "N", d[0]) if answer.is_json else d[1:] for d in false[:3]])
    if not answer.is_json and not said and not gone:
        lost = [d[1] for d in different if d[2] is None and not d[1].startswith("coroner reap ")]
        if lost and all(d[2] is None for d in different):
            return failed("it leaves out, without a word:\n    " + "\n    ".join(lost[:4]), lost[:3])
    return "marked", None, None
