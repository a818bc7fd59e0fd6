"""The naive peer: every line a string, one regular expression a line, as a careful beginner would write it."""
import re
import sys

LINE = re.compile(
    r'^(\S+) - (\S+) \[([^\]]+)\] "POST /api/workflows/([^/ ?]+)/(?:invocations|usage)/?(?:\?\S*)? HTTP/[0-9.]+" (\d{3}) (\S+) "([^"]*)" "([^"]*)"$'
)

requests = 0
log = sys.stdin if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8", errors="replace")
for line in log:
    if LINE.match(line):
        requests += 1
print(requests)
