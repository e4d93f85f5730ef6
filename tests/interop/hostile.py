"""Answers that no document describes, on a free port of loopback: the first segment of the path says which."""

import http.server
import sys

GONE = "/gone"
ANSWERS = {"redirect": 307, "html": 200, "odd": 299, "unknown": 599, "retry": 503, "lacking": 200}
# A success as documented, but for the tokens.
LACKING = b'{"data": {}, "error": "", "message": "", "metadata": {}, "status": 200}'


class Hostile(http.server.BaseHTTPRequestHandler):
    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        kind = self.path.split("/")[1]
        # What was asked is told, for the script to count.
        print(self.path, flush=True)
        self.send_response(ANSWERS.get(kind, 404))
        if kind == "redirect":
            self.send_header("location", GONE)
        # It sends back what it got, which no error may show.
        body = b"<html>" + sent + self.headers.get("authorization", "").encode() + b"</html>"
        if kind == "lacking":
            body = LACKING
        self.send_header("content-type", "application/json" if kind == "lacking" else "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
