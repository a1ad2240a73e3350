# SPDX-License-Identifier: Apache-2.0
"""The terminal's download against mirrors that break off, change, lie and say no.

The mirror is Python's own, byte by byte; what is on the disk behind each transfer is compared here.
"""

import http.server
import os
import random
import ssl
import subprocess
import tempfile
import threading
import time

POSSIM = os.path.join(os.environ.get("POSD_BUILD", ".build/release"), "possim")
DATA = random.Random(7).randbytes(300_000)
OTHER = random.Random(8).randbytes(300_000)


class Mirror(http.server.BaseHTTPRequestHandler):
    """Answers as the script says, and keeps what it was asked."""

    script = None
    asked = []

    def do_GET(self):
        Mirror.asked.append((self.headers.get("Range"), self.headers.get("If-Range")))
        offset = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        try:
            Mirror.script(self, offset)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def say(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def part(mirror, offset, data=DATA, end=None, **headers):
    """An honest answer, perhaps broken off."""
    body = data[offset:end]
    rest = len(data) - offset
    if offset:
        headers.setdefault("Content_Range", f"bytes {offset}-{len(data) - 1}/{len(data)}")
    mirror.say(206 if offset else 200, body, rest, **headers)


class Client:
    def __init__(self, url):
        self.folder = tempfile.mkdtemp(prefix="mirror.")
        self.file = os.path.join(self.folder, "bundle")
        self.url = url

    def fetch(self, script, *options, length=len(DATA)):
        Mirror.script, Mirror.asked = script, []
        done = subprocess.run(
            [POSSIM, "updates", "fetch", self.url, self.file, "--length", str(length), *options],
            capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.strip()

    def have(self):
        with open(self.file, "rb") as file:
            return file.read()


def cuts(url):
    """Byte-exact over many cuts, and no byte is fetched twice."""
    client = Client(url)
    dice = random.Random(1)
    fetched = 0
    for number in range(20):
        before = len(client.have()) if number else 0
        end = min(len(DATA), before + dice.randrange(0, 30_000))
        code, text = client.fetch(lambda m, o: part(m, o, end=end, ETag='"one"'))
        assert client.have() == DATA[:end], (before, end, text)
        if before:
            assert Mirror.asked == [(f"bytes={before}-", '"one"')], Mirror.asked
        fetched += end - before
        assert (code == 0) == (end == len(DATA)), text
    code, text = client.fetch(lambda m, o: part(m, o, ETag='"one"'))
    assert code == 0 and client.have() == DATA, text
    # All is there: nobody is asked.
    code, _ = client.fetch(lambda m, o: m.say(500))
    assert code == 0 and not Mirror.asked


def lies(url):
    """Whatever is answered, what is on the disk is the beginning of one file, or nothing."""
    total = len(DATA)
    rest = f"bytes 1000-{total - 1}/{total}"
    cases = [
        ("no Content-Range", lambda m, o: m.say(206, DATA[o:]), b""),
        ("another beginning",
         lambda m, o: m.say(206, DATA[:9], Content_Range=f"bytes 0-{total - 1}/{total}"), b""),
        ("another total",
         lambda m, o: m.say(206, DATA[o:], Content_Range=f"bytes 1000-{total - 1}/{total + 1}"),
         b""),
        ("a changed file", lambda m, o: part(m, 0, OTHER, 5_000, ETag='"two"'), OTHER[:5_000]),
        ("no ranges", lambda m, o: part(m, 0, DATA, 700), DATA[:700]),
        ("416", lambda m, o: m.say(416), b""),
        ("503", lambda m, o: m.say(503, b"later", Retry_After="7"), DATA[:1_000]),
        ("500", lambda m, o: m.say(500, b"oh"), DATA[:1_000]),
        ("404", lambda m, o: m.say(404, b"gone"), DATA[:1_000]),
        ("closed at once", lambda m, o: None, DATA[:1_000]),
        ("endless",
         lambda m, o: m.say(206, DATA[o:] + b"x" * 500_000, Content_Range=rest), None),
    ]
    for name, script, expected in cases:
        client = Client(url)
        client.fetch(lambda m, o: part(m, o, end=1_000, ETag='"one"'))
        code, text = client.fetch(script)
        have = client.have()
        if expected is None:
            assert DATA.startswith(have) and len(have) <= total, (name, len(have))
        else:
            assert code == 1 and have == expected, (name, text, len(have))
        if name == "503":
            assert "7" in text, text
        if name == "404":
            assert "final" in text, text
        # And an honest answer heals it.
        if name == "a changed file":
            assert client.fetch(lambda m, o: part(m, 0))[0] == 0
        else:
            code, text = client.fetch(lambda m, o: part(m, o))
            assert code == 0, (name, text)
        assert client.have() == DATA, name
    return len(cases)


def rate(url):
    client = Client(url)
    large = DATA * 5
    began = time.monotonic()
    code, text = client.fetch(
        lambda m, o: part(m, o, large), "--rate", "750000", length=len(large))
    took = time.monotonic() - began
    # Two seconds, but for what the first buffers bring at once.
    assert code == 0 and 1.6 < took < 4, (took, text)
    return took


def expired(port):
    """A certificate that is over: what is fetched needs none, and it is told."""
    folder = tempfile.mkdtemp(prefix="mirror.")
    key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=localhost"],
        check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Mirror)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(f"https://localhost:{port}/bundle")
    code, text = client.fetch(lambda m, o: part(m, o))
    assert code == 0 and client.have() == DATA and "certificate not taken" in text, text
    # Its own authority's is taken; where the file of that is gone, the bundle comes all the same.
    for name, is_told in [(certificate, False), (os.path.join(folder, "gone"), True)]:
        client = Client(f"https://localhost:{port}/bundle")
        code, text = client.fetch(lambda m, o: part(m, o), "--authority-file", name)
        assert code == 0 and client.have() == DATA, text
        assert ("certificate not taken" in text) == is_told, text


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 17801), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:17801/bundle?secret"
    cuts(url)
    count = lies(url)
    took = rate(url)
    expired(17802)
    print(f"20 cuts byte for byte, {count} lies, 1.5 MB at 750 kB/s in {took:.1f} s, an untrusted "
          "certificate: well")


if __name__ == "__main__":
    main()
