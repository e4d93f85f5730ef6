"""Answers that no document describes, on a free port of loopback.

The first segment of the path says which, and at which call: `odd` at the first, `odd-refresh` or `odd-logout` after a good one.
"""

import http.server
import json
import sys

GONE = "/gone"
ANSWERS = {"redirect": 307, "html": 200, "odd": 299, "unknown": 599, "retry": 503, "lacking": 200}


def envelope(data: dict[str, str]) -> bytes:
    return json.dumps({"data": data, "error": "", "message": "", "metadata": {}, "status": 200}).encode()


# They begin as JSON Web Tokens do, which is what is looked for in whatever is printed.
TOKENS = {"refresh_token": "eyJyZWZyZXNoIjp0cnVlfQ.e30.c2ln", "token": "eyJhY2Nlc3MiOnRydWV9.e30.c2ln"}


class Hostile(http.server.BaseHTTPRequestHandler):
    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        kind, _, at = self.path.split("/")[1].partition("-")
        if at and f"/api/{at}/" not in self.path and self.path != GONE:
            return self.send(200, "application/json", envelope(TOKENS))
        # What was asked is told, for the script to count.
        print(self.path, flush=True)
        # Nor is the portal told what generated its client.
        for name in self.headers:
            if name.lower().startswith("x-"):
                print(f"{self.path} with {name}", flush=True)
        # It sends back what it got, which no error may show.
        body = b"<html>" + sent + self.headers.get("authorization", "").encode() + b"</html>"
        if kind == "lacking":
            # A success as documented, but for the tokens.
            return self.send(200, "application/json", envelope({}))
        self.send(ANSWERS.get(kind, 404), "text/html", body)

    def send(self, status: int, media: str, body: bytes) -> None:
        self.send_response(status)
        if status == ANSWERS["redirect"]:
            self.send_header("location", GONE)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
