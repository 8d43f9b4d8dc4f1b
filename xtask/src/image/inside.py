# SPDX-License-Identifier: Apache-2.0
"""Runs the image's program in its root file system, in a network of its own, and prints how it ended.

    inside.py ROOT USER

The network has a loopback interface only, with a name server on port 53 that knows one name, and a server with TLS. Root's
/etc gets a resolv.conf and nothing else, as kubelet and Docker give one to every container.
"""

import fcntl
import http.server
import json
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

ROOT, USER = sys.argv[1:]
NAME = "ready.writeway.test"
ADDRESS = "127.0.0.53"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def set_up_loopback() -> None:
    """netdevice(7): SIOCGIFFLAGS, then SIOCSIFFLAGS with IFF_UP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, 0x8913, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1] | 1
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", flags))


def answer(query: bytes) -> bytes:
    """RFC 1035, section 4: A records of one name, nothing (AAAA), or no such name."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12 : at + 5]
    known = ".".join(labels).lower() == NAME
    wanted = struct.unpack("!H", query[at + 1 : at + 3])[0]
    records = [socket.inet_aton("127.0.0.1")] if known and wanted == 1 else []
    header = query[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(records), 0, 0)
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + record for record in records)
    return header + question + body


def serve_names() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((ADDRESS, 53))

    def serve() -> None:
        while True:
            query, peer = server.recvfrom(4096)
            server.sendto(answer(query), peer)

    threading.Thread(target=serve, daemon=True).start()


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


def serve_tls() -> tuple:
    """The port, and the certificate that has to be trusted."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = pathlib.Path(folder, "certificate"), pathlib.Path(folder, "key")
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=test".split()
        make += ["-addext", f"subjectAltName=DNS:{NAME}", "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run([*make, "-out", certificate, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        trusted = certificate.read_text()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1], trusted


def run(*words: str) -> dict:
    """The program as the image's user; coreutils' chroot changes the user only when it is inside."""
    command = ["chroot", f"--userspec={USER}", "--groups=", ROOT, "/writeway-agent", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": PATH}, check=False)
    return {"words": " ".join(words), "code": done.returncode, "out": done.stdout, "said": done.stderr}


def main() -> None:
    set_up_loopback()
    serve_names()
    port, trusted = serve_tls()
    etc = pathlib.Path(ROOT, "etc")
    etc.mkdir()
    (etc / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
    (etc / "ca.pem").write_text(trusted)

    program = run("--help")
    listed = program["out"].partition("\nVerbs:\n")[2].partition("\n\n")[0]
    verbs = [line.split()[0] for line in listed.splitlines() if line[2:3].strip()]
    runs = [program, run("version")]
    runs += [run(verb, "--help") for verb in verbs]
    url = f"https://{NAME}:{port}/"
    runs += [
        run("wait", f"dns://{NAME}", "--budget", "20s"),
        run("wait", "dns://nobody.writeway.test", "--budget", "1s"),
        run("wait", "--ca", "/etc/ca.pem", url, "--budget", "20s"),
        # Nobody who is trusted vouches for it.
        run("wait", "--budget", "1s", url),
    ]
    print(json.dumps({"verbs": verbs, "runs": runs}))


main()
