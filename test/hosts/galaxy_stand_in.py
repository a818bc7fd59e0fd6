"""Stands in for Galaxy behind nginx: takes invocations of workflows and writes their rows before it answers."""

import json
import os
import re
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

INVOCATIONS = re.compile(r"^/api/workflows/([0-9a-f]+)/invocations/?(?:\?.*)?$")
with open(os.environ["WORKFLOWS"], encoding="utf-8") as file:
    # {encoded id: id of the revision that runs}
    WORKFLOWS = json.load(file)


class Galaxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        found = INVOCATIONS.match(self.path)
        if not found or found.group(1) not in WORKFLOWS:
            return self.answer(404, {"err_msg": "no such workflow"})
        rows = self.insert(WORKFLOWS[found.group(1)], int(body.get("runs", 1)))
        return self.answer(200, [{"id": row} for row in rows])

    def do_GET(self):
        self.answer(200, {"version_major": "24.2"})

    @staticmethod
    def insert(revision, runs):
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        connection = psycopg2.connect(os.environ["DATABASE"])
        try:
            with connection, connection.cursor() as cursor:
                rows = []
                for _ in range(runs):
                    cursor.execute(
                        "INSERT INTO workflow_invocation (create_time, update_time, workflow_id, history_id)"
                        " VALUES (%s, %s, %s, 1) RETURNING id",
                        (now, now, revision),
                    )
                    rows.append(cursor.fetchone()[0])
                return rows
        finally:
            connection.close()

    def answer(self, status, document):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments):
        """nginx writes the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


Server(("127.0.0.1", 8080), Galaxy).serve_forever()
