"""A shop's notification receiver: an HTTP server that keeps every post and answers as it is told."""

import http.server
import threading
import urllib.parse

ARRIVES_WITHIN_SECONDS = 15


class Receiver:
    """Collects notifications. `answers` are the first HTTP statuses; after them every answer is 200 `success`."""

    def __init__(self, answers=()):
        self.deliveries = []
        self._answers = list(answers)
        self._arrived = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Takes one post."""

            def do_POST(self):  # noqa: N802 (the name is the standard library's)
                """Keeps the post's fields and answers."""
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                fields = dict(urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True))
                with receiver._arrived:
                    status = receiver._answers.pop(0) if receiver._answers else 200
                text = b"success" if status == 200 else b"fail"
                self.send_response(status)
                self.send_header("content-type", "text/plain")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                with receiver._arrived:
                    receiver.deliveries.append(fields)
                    receiver._arrived.notify_all()

            def log_message(self, *_):
                """Says nothing: pytest prints what matters."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify"

    def expect(self, count, **wanted):
        """The first `count` deliveries whose fields contain `wanted`, as soon as there are so many."""

        def matching():
            return [fields for fields in self.deliveries if wanted.items() <= fields.items()]

        with self._arrived:
            came = self._arrived.wait_for(lambda: len(matching()) >= count, timeout=ARRIVES_WITHIN_SECONDS)
            assert came, f"{len(matching())} of {count} deliveries with {wanted}; all: {self.deliveries}"
            return matching()[:count]

    def close(self):
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
