"""Runs a command to its end and tells, on file descriptor 3, what the kernel says of it and of what it started."""
import json
import os
import sys
import time

started = time.monotonic()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_CLOSE, 3)])
_, status, usage = os.wait4(pid, 0)
seconds = time.monotonic() - started
told = {
    "status": os.waitstatus_to_exitcode(status),
    "wallMs": seconds * 1000,
    "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
    "peakMib": usage.ru_maxrss / 1024,
}
os.write(3, json.dumps(told).encode())
