# SPDX-License-Identifier: MIT
"""What is done with pagefind, its extended build."""
import base64
import concurrent.futures
import json
import os
import signal

import around
import fixtures
import large
from compare import Use
from sessions import Session
from uses.common import fetch, hidden, into_closed_pipe, write

# The languages are told in any order.
PAGES = ((r"Discovered \d languages: [a-z, ]+", "LANGUAGES"), (r"(  \* [a-z]{2}: \d+ pages?\n)+", "LANGUAGES\n"), (r"\d+\.\d+ seconds", "TIME"), (r"v?\d+\.\d+\.\d+ \(Extended\)", "VERSION"), (r"127\.0\.0\.1:\d+|localhost:\d+", "ADDRESS"))


def pages(name, arguments, **more):
    # The search engine in WebAssembly is part of the program, and not the same in both builds.
    more.setdefault("make", fixtures.site)
    more["same"] = PAGES + more.pop("same", ())
    return Use(name, arguments, ignore=(r"/wasm\.[a-z]+\.pagefind$",), **more)


def serve(build, folder, run):
    session = Session(build, folder, ["--site", "site", "--serve"])
    address = session.read_until(r"http://[a-z0-9.]+:\d+")
    port = address.decode().rsplit(":", 1)[1] if address else "1"
    status, page = fetch(f"http://127.0.0.1:{port}/page1.html")
    entry = fetch(f"http://127.0.0.1:{port}/pagefind/pagefind-entry.json")
    run.notes += [("page", status, page), ("entry", entry[0], sorted(json.loads(entry[1] or "{}"))), ("nothing", fetch(f"http://127.0.0.1:{port}/nothing")[0])]
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def serve_many(build, folder, run):
    """Two hundred requests by sixteen clients at once."""
    session = Session(build, folder, ["--site", "site", "--serve"])
    address = session.read_until(r"http://[a-z0-9.]+:\d+")
    port = address.decode().rsplit(":", 1)[1] if address else "1"
    fetch(f"http://127.0.0.1:{port}/page0.html")
    with concurrent.futures.ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda i: fetch(f"http://127.0.0.1:{port}/page{i % 40}.html"), range(200)))
    run.notes += [("pages", answers)]
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))


class Service(Session):
    """What the JavaScript package speaks: messages are JSON in base64, with a comma behind."""

    def __init__(self, build, folder):
        super().__init__(build, folder, ["--service"], apart=True)
        self.number = 0

    def ask(self, **payload):
        self.number += 1
        self.write(base64.b64encode(json.dumps({"message_id": self.number, "payload": payload}).encode()) + b",")
        answer = self.read_until(r"\A[^,]*,")
        return json.loads(base64.b64decode(answer[:-1]))["payload"] if answer else "no answer"


def service(build, folder, run):
    """An index made of pages and records that are given, not found."""
    session = Service(build, folder)
    made = session.ask(type="NewIndex", config={"root_selector": "main"})
    number = made.get("index_id") if isinstance(made, dict) else 0
    run.notes += [("an index", made), ("a page", session.ask(type="AddFile", index_id=number, file_path="a.html", url=None, file_contents="<html lang='en'><body><main><h1>One</h1><p>whale and ship</p></main></body></html>")),
                  ("a record", session.ask(type="AddRecord", index_id=number, url="/r/", content="a record of the sea", language="en", meta={"title": "Record"}, filters=None, sort=None)),
                  ("a folder", session.ask(type="AddDir", index_id=number, path="site", glob="page1*.html"))]
    files = session.ask(type="GetFiles", index_id=number)
    run.notes.append(("files", sorted(file["path"] for file in files["files"] if not file["path"].startswith("wasm")) if isinstance(files, dict) and "files" in files else files))
    run.notes += [("written", session.ask(type="WriteFiles", index_id=number, output_path="out")), ("nonsense", session.ask(type="Nope")), ("let go", session.ask(type="DeleteIndex", index_id=number))]
    session.close_input()
    run.notes.append(("ends with its input", session.end()))


def languages(folder):
    """Pages in the languages that only the extended build takes apart, and attributes of all kinds."""
    texts = {"zh": "\u6211\u4eec\u5728\u6d77\u4e0a\u822a\u884c\uff0c\u9cb8\u9c7c\u5728\u6df1\u6d77\u3002", "ja": "\u79c1\u305f\u3061\u306f\u6d77\u3092\u822a\u6d77\u3057\u3066\u3044\u307e\u3059\u3002", "de": "Wir fahren \u00fcber die Meere.",
             "fr": "Nous naviguons sur les mers \u00e9loign\u00e9es.", "th": "\u0e40\u0e23\u0e32\u0e41\u0e25\u0e48\u0e19\u0e40\u0e23\u0e37\u0e2d\u0e43\u0e19\u0e17\u0e30\u0e40\u0e25", "ar": "\u0646\u062d\u0646 \u0646\u0628\u062d\u0631", "xx": "no such language"}
    for language, text in texts.items():
        for i in range(6):
            fixtures.put(folder, {f"site/{language}/{i}.html": f"<!doctype html><html lang='{language}'><head><meta data-pagefind-default-meta='kind[content]' content='page'></head><body><main data-pagefind-body>"
                                  f"<h1 data-pagefind-weight='7'>{text}</h1><p data-pagefind-sort='order:{i}' data-pagefind-meta='image:x.png'>{text * 20}</p><p data-pagefind-ignore>hidden</p></main></body></html>\n"})
    write(folder, "pagefind.yml", "site: site\noutput_subdir: found\nexclude_selectors: ['.menu']\n")


def broken(folder):
    fixtures.site(folder)
    write(folder, "pagefind.toml", "site = [\n")


def odd(folder):
    fixtures.put(folder, {"site/cut.html": "<html lang='en'><body><main><p>begun but never", "site/bytes.html": b"<html lang='en'><body>" + bytes(range(256)) * 20, "site/empty.html": "", "site/deep.html": "<html lang='en'><body>" + "<div>" * 3000 + "deep"})


USES = [
    Use("version", ["--version"]), Use("help", ["--help"]), pages("index", ["--site", "site"]), pages("index, verbose", ["--site", "site", "--verbose", "--force-language", "en"], files=False),
    pages("another folder", ["--site", "site", "--output-path", "out"]), pages("some pages", ["--site", "site", "--glob", "page1*.html"]),
    pages("one language", ["--site", "site", "--force-language", "en"]), pages("a root selector", ["--site", "site", "--root-selector", "main"]),
    pages("quiet", ["--site", "site", "--quiet"]), pages("excluded elements", ["--site", "site", "--exclude-selectors", "h1"]), pages("playground", ["--site", "site", "--write-playground"]),
    pages("serve and fetch", None, session=serve, files=False), pages("error: no such site", ["--site", "nowhere"]), pages("error: bad flag", ["--nope"]),
    pages("error: nothing to index", ["--site", "site", "--glob", "*.none"]),
    Use("languages and settings", [], make=languages, same=PAGES, ignore=(r"/wasm\.[a-z-]+\.pagefind$",)), pages("more characters, links kept", ["--site", "site", "--include-characters", "<>$", "--keep-index-url", "--max-fragments", "10"]),
    pages("a log", ["--site", "site", "--logfile", "log.txt", "--verbose", "--force-language", "en"], files=False), pages("again over the last", None, steps=[["--site", "site"], ["--site", "site", "--quiet"]]),
    Use("broken pages", ["--site", "site"], make=odd, same=PAGES, ignore=(r"/wasm\.[a-z-]+\.pagefind$",)), pages("serve, many at once", None, session=serve_many, files=False), pages("service", None, session=service),
    pages("closed pipe", None, session=into_closed_pipe(["--site", "site", "--verbose"]), files=False), pages("error: broken settings", ["--site", "site"], make=broken), pages("error: disk full", ["--help"], stdout="/dev/full"),
    pages("error: full disk", ["--site", "site", "--output-path", "full/out"], around=around.small_disk(64), files=False, same=((r"\(\d+\)", "(ID)"), (r"mod\.rs:\d+:\d+", "mod.rs"))), pages("error: unreadable file", ["--site", "site"], make=hidden(fixtures.site, "site/page3.html"), around=around.NOBODY, files=False),
    pages("no network", ["--site", "site"], around=around.NO_NETWORK),
    pages("large: index 1,000 pages", ["--site", "site"], make=large.site, large=True),
]
