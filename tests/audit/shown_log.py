"""A log shown over HTTP as a service shows it: keys, checkpoints, tiles, records by a token."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from audit.export import line_of
from audit.merkle import root_of
from audit.tiles import tile_path, tiles_of
from eventing.record import leaf_hash
from tests.audit.planted import LOG_KEY, notes_of

TOKEN = "an auditor's token"


class ShownLog:
    """`log` are records, `notes` size and note; both may be changed while it is being read."""

    def __init__(self, log, signed, key=LOG_KEY):
        self.log = self.signed_log = log
        self.keys = [key.verifier]
        self.notes = notes_of(log, signed, key)
        self.asked = []

    def sign(self, log, sizes, key=LOG_KEY):
        self.log = self.signed_log = log
        self.notes += notes_of(log, sizes, key)

    def answer(self, path, query, authorization):
        self.asked.append(path)
        match path.removeprefix("/log/").split("/"):
            case ["checkpoint"]:
                return self.notes[-1][1].encode() if self.notes else None
            case ["checkpoints"]:
                after = int(query["after"][0])
                shown = [{"size": size, "note": note} for size, note in self.notes if size > after]
                return b"".join(msgspec.json.encode(each) + b"\n" for each in shown[:2])
            case ["keys"]:
                return "".join(f"{key}\n" for key in self.keys).encode()
            case ["records"] if authorization == f"Bearer {TOKEN}":
                after, limit = int(query["after"][0]), int(query["limit"][0])
                records = self.log[after : after + limit]
                return b"".join(line_of(at, each) for at, each in enumerate(records, after + 1))
            case ["records"]:
                raise PermissionError
            case ["tile", *_]:
                return self._tiles().get(path.removeprefix("/log/"))
        return None

    def _tiles(self):
        size = max((size for size, _ in self.notes), default=0)
        leaves = [leaf_hash(each) for each in self.signed_log[:size]]
        found = {}
        for level, number, width in tiles_of(size):
            span = 256**level
            start = number * 256 * span
            hashes = [
                root_of(leaves[at : at + span]) for at in range(start, start + width * span, span)
            ]
            # Narrower ones as well: the log was signed when it was smaller.
            for narrow in range(1, width + 1):
                found[tile_path(level, number, narrow)] = b"".join(hashes[:narrow])
        return found

    @contextmanager
    def served(self):
        shown = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                try:
                    found = shown.answer(
                        url.path, parse_qs(url.query), self.headers.get("Authorization")
                    )
                except PermissionError:
                    self.send_error(401)
                    return
                if found is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(found)))
                self.end_headers()
                self.wfile.write(found)

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
