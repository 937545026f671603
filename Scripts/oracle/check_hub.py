"""Proves with Python's own packages that the cache of the hub is shared both ways.

    check_hub.py [--peft .build/release/peft]
        serves a tiny classifier on this machine as the hub does, large files by a redirect to another port; downloads it
        with huggingface_hub and opens it with the command line offline; then downloads it with the command line, finds it
        with snapshot_download(local_files_only=True), and compares transformers' logits with those of `peft predict`;
        and then by https, with an authority that only a file of certificates names

It fails when either side asks the server for what the other has downloaded, when a link, a blob or a reference differs, or
when logits differ by more than 1e-4 · max(1, max |logit|). Run it from the top of the repository with the environment of
`Scripts/oracle/make-environments peft`.
"""

import argparse
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import torch
import transformers

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = ROOT / "Tests" / "Golden" / "bert" / "models" / "classifier" / "checkpoint"
NAME = "owner/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_of_this_test"
SENTENCES = ["a good film", "a bad film", "warm story"]
TOLERANCE = 1e-4
FETCHED = ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]


def vocabulary():
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    known += ["good", "bad", "film", "plot", "dull", "warm", "story"]
    return "\n".join(known + [f"word{number}" for number in range(len(known), 120)]) + "\n"


class Repository:
    """The files, and what was asked for since the last look."""

    def __init__(self):
        self.files = {
            "config.json": (CHECKPOINT / "config.json").read_bytes(),
            "model.safetensors": (CHECKPOINT / "model.safetensors").read_bytes(),
            "vocab.txt": vocabulary().encode(),
            "tokenizer_config.json": json.dumps({"do_lower_case": True, "tokenizer_class": "BertTokenizer"}).encode(),
            "README.md": b"# tiny\n",
        }
        self.asked = []

    def taken(self):
        asked, self.asked = self.asked, []
        return asked

    def tag(self, name):
        content = self.files[name]
        if name.endswith(".safetensors"):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def server(repository, storage, certificate=None):
    """The hub; or the storage, which must never see the token, for `storage` None. By https with a certificate and its key."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def reply(self, status, headers=(), body=b""):
            self.send_response(status)
            for key, value in headers:
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            path = unquote(urlsplit(self.path).path)
            repository.asked.append(f"{self.command} {path}")
            authorized = self.headers.get("Authorization")
            if storage is None:
                if authorized:
                    return self.reply(400)
                name = next(n for n in repository.files if repository.tag(n) == path.rsplit("/", 1)[1])
                return self.reply(200, [("ETag", '"stored"')], repository.files[name])
            if authorized != f"Bearer {TOKEN}":
                return self.reply(401, [("X-Error-Code", "RepoNotFound")])
            for revision in ("main", COMMIT):
                if path == f"/api/models/{NAME}/revision/{revision}":
                    siblings = [{"rfilename": name} for name in repository.files]
                    body = json.dumps({"id": NAME, "modelId": NAME, "sha": COMMIT, "siblings": siblings}).encode()
                    return self.reply(200, [("Content-Type", "application/json")], body)
                if path == f"/api/models/{NAME}/tree/{revision}":
                    body = json.dumps([self.entry(name) for name in repository.files]).encode()
                    return self.reply(200, [("Content-Type", "application/json")], body)
                prefix = f"/{NAME}/resolve/{revision}/"
                if path.startswith(prefix):
                    return self.resolve(path.removeprefix(prefix))
            return self.reply(404, [("X-Error-Code", "RepoNotFound")])

        def entry(self, name):
            content = repository.files[name]
            entry = {"type": "file", "path": name, "size": len(content), "oid": repository.tag(name)[:40]}
            if name.endswith(".safetensors"):
                entry["lfs"] = {"oid": repository.tag(name), "size": len(content), "pointerSize": 134}
            return entry

        def resolve(self, name):
            commit = ("X-Repo-Commit", COMMIT)
            if name not in repository.files:
                return self.reply(404, [commit, ("X-Error-Code", "EntryNotFound")])
            tag = f'"{repository.tag(name)}"'
            if not name.endswith(".safetensors"):
                return self.reply(200, [commit, ("ETag", tag)], repository.files[name])
            scheme = "https" if certificate else "http"
            place = f"{scheme}://127.0.0.1:{storage}/stored/{repository.tag(name)}?signature=s"
            linked = [("X-Linked-Etag", tag), ("X-Linked-Size", str(len(repository.files[name])))]
            return self.reply(302, [commit, ("Location", place), *linked])

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        made.socket = context.wrap_socket(made.socket, server_side=True)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made.server_address[1]


def run(command, environment):
    finished = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    if finished.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {finished.returncode}: {finished.stderr.strip()}")
    return finished.stdout


def predicted(options, environment):
    texts = [word for sentence in SENTENCES for word in ("--text", sentence)]
    lines = run([options.peft, "predict", "--model", NAME, *texts, "--json"], environment).splitlines()
    return [json.loads(line)["logits"] for line in lines]


PYTHON_DOWNLOAD = f"from huggingface_hub import snapshot_download as s; print(s({NAME!r}, allow_patterns={FETCHED!r}))"
PYTHON_LOCAL = f"from huggingface_hub import snapshot_download as s; print(s({NAME!r}, local_files_only=True))"


def compare(name, ours, folder):
    tokenizer = transformers.BertTokenizer(str(Path(folder) / "vocab.txt"), do_lower_case=True)
    model = transformers.BertForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    with torch.no_grad():
        theirs = [model(**tokenizer(text, return_tensors="pt")).logits[0].tolist() for text in SENTENCES]
    allowed = TOLERANCE * max(1.0, max(abs(x) for row in theirs for x in row))
    apart = max(abs(a - b) for x, y in zip(ours, theirs, strict=True) for a, b in zip(x, y, strict=True))
    # Written so that a NaN fails.
    if not apart <= allowed:
        sys.exit(f"{name}: logits are {apart:.2e} apart, {allowed:.2e} are allowed")
    print(f"{name}: {len(ours)} rows agree, furthest {apart:.1e} of {allowed:.1e}")


def layout(home):
    """What both must have written alike: links with where they lead, and other files with their content."""
    root = Path(home) / "hub" / f"models--{NAME.replace('/', '--')}"
    found = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        # Python's own list of the repository's files.
        if name.startswith("trees") or (path.is_dir() and not path.is_symlink()):
            continue
        found[name] = os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def check_https(options, repository, environment):
    """A download by https from servers that only a file of certificates vouches for; refused without that file."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        certificate = (f"{folder}/certificate.pem", f"{folder}/key.pem")
        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
        subprocess.run([*new, "-out", certificate[0], "-keyout", certificate[1]], capture_output=True, check=True)
        port = server(repository, server(repository, None, certificate), certificate)
        secure = environment(home) | {"HF_ENDPOINT": f"https://127.0.0.1:{port}"}
        command = [options.peft, "download", NAME]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, env=secure, timeout=60)
        if refused.returncode != 1 or "SSL_CERT_FILE" not in refused.stderr:
            sys.exit(f"a server nobody vouches for: {refused.returncode}, {refused.stderr}")
        run(command, secure | {"SSL_CERT_FILE": certificate[0]})
        expect("the cache by https", {name for name in layout(home) if "incomplete" not in name}, set(layout(home)))
        print(f"by https: {len(layout(home))} files with the authority that SSL_CERT_FILE names, none without it")


def expect(name, found, expected):
    if found != expected:
        sys.exit(f"{name}: found {found}, expected {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peft", default=ROOT / ".build" / "release" / "peft", help="the command line")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    repository = Repository()
    port = server(repository, server(repository, None))

    with tempfile.TemporaryDirectory() as theirs, tempfile.TemporaryDirectory() as ours:

        def environment(home, **variables):
            kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "TRANSFORMERS_"))}
            hub = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": home, "HF_TOKEN": TOKEN}
            return kept | hub | {"HF_HUB_DISABLE_XET": "1"} | variables

        folder = run([sys.executable, "-c", PYTHON_DOWNLOAD], environment(theirs)).strip()
        repository.taken()
        offline = environment(theirs, HF_HUB_OFFLINE="1")
        before = layout(theirs)
        opened = run([options.peft, "download", NAME], offline).strip()
        expect("the folder that Python downloaded and peft opens", os.path.realpath(opened), os.path.realpath(folder))
        compare("downloaded by huggingface_hub, opened by peft offline", predicted(options, offline), folder)
        expect("requests of an offline peft", repository.taken(), [])
        expect("the cache after peft", layout(theirs), before)
        run([options.peft, "download", NAME], environment(theirs))
        expect("requests of peft online", repository.taken(), [f"GET /api/models/{NAME}/revision/main"])
        expect("the cache after peft online", layout(theirs), before)
        print(f"downloaded by huggingface_hub: peft takes {len(before)} files as they are")

        folder = run([options.peft, "download", NAME], environment(ours)).strip()
        repository.taken()
        expect("the cache that peft writes", layout(ours), before)
        found = run([sys.executable, "-c", PYTHON_LOCAL], environment(ours)).strip()
        expect("the folder that peft downloaded and Python finds", os.path.realpath(found), os.path.realpath(folder))
        expect("requests of Python with local files only", repository.taken(), [])
        logits = predicted(options, environment(ours, HF_HUB_OFFLINE="1"))
        compare("downloaded by peft, opened by transformers", logits, found)
        run([sys.executable, "-c", PYTHON_DOWNLOAD], environment(ours))
        fetched = [line for line in repository.taken() if line.startswith("GET") and "/api/" not in line]
        expect("what Python fetches again", fetched, [])
        expect("the cache after Python", layout(ours), before)
        print(f"downloaded by peft: huggingface_hub finds all {len(FETCHED)} files and fetches none")
        check_https(options, repository, environment)


if __name__ == "__main__":
    main()
