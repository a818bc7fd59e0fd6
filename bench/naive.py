"""A script as one writes it in an hour: for each line that fits, ask the database, then send one point. Nothing is
remembered, no row is matched to its line, and the ids come decoded, which spares it a cipher."""
import datetime
import http.client
import json
import re
import sys
import urllib.parse

import psycopg2

LINE = re.compile(
    r'^(\S+) - (\S+) \[([^\]]+)\] "POST /api/workflows/([^/ ?]+)/(?:invocations|usage)/?(?:\?\S*)? HTTP/[0-9.]+" (\d{3}) (\S+) "([^"]*)" "([^"]*)"$'
)

log, database_url, ids_file, write_url = sys.argv[1:]
with open(ids_file) as file:
    ids = json.load(file)
cursor = psycopg2.connect(database_url).cursor()
url = urllib.parse.urlsplit(write_url)
influxdb = http.client.HTTPConnection(url.netloc)
points = 0
for line in open(log, encoding="utf-8", errors="replace"):
    match = LINE.match(line)
    if match is None:
        continue
    end = datetime.datetime.strptime(match[3], "%d/%b/%Y:%H:%M:%S %z")
    utc = end.replace(tzinfo=None)
    cursor.execute(
        """select s.id, w.id, w.name, s.user_id, i.id, h.user_id
        from stored_workflow s join workflow w on w.stored_workflow_id = s.id
        left join workflow_invocation i on i.workflow_id = w.id and i.create_time between %s and %s
        left join history h on h.id = i.history_id
        where s.id = %s order by i.id desc limit 1""",
        (utc - datetime.timedelta(seconds=120), utc + datetime.timedelta(seconds=1), ids[match[4]]),
    )
    stored, revision, name, owner, invocation, user = cursor.fetchone()
    domain = urllib.parse.urlsplit(match[7]).hostname
    tags = f"domain={domain},workflow_name={name},canonical_id={name},identity=local".replace(" ", "\\ ")
    fields = f"count=1,workflow_id={stored}i,owner_id={owner}i,invocation_id={invocation}i,revision_id={revision}i,user_id={user}i"
    point = f"naive,{tags} {fields} {int(end.timestamp()) * 10**9 + points}"
    influxdb.request("POST", f"{url.path}?{url.query}", point.encode())
    response = influxdb.getresponse()
    response.read()
    if response.status != 204:
        sys.exit(f"InfluxDB answered {response.status}")
    points += 1
print(points)
