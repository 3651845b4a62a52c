# SPDX-License-Identifier: MIT
"""What is done with node, deno and bun: the same scripts of ../scripts, which use all of node's interfaces, then what each has of its own."""
import json
import os
import shutil
import signal

import packages
from compare import Use
from sessions import Session, Terminal, wait_for
from uses.common import fetch, free_port, into_closed_pipe, step, write

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts")
TIMES = ((r"[\[(]?\d+(\.\d+)?\s?(ms|s|µs)\b[\])]?", "TIME"), (r"duration_ms:? [\d.]+", "duration_ms TIME"))
FILES = {
    "fine.js": "console.log([1, 2, 3].map((n) => n * 2).join(' '));\n",
    "wrong.js": "function deep() {\n\tnull.what();\n}\ndeep();\n",
    "bad.js": "const = 3;\n",
    "typed.ts": "interface A { n: number; s?: string }\ntype Pair<T> = [T, T];\nconst pair: Pair<number> = [3, 4];\nconst a: A = { n: pair[1] };\nconsole.log(a.n as number, a.s ?? 'none');\n",
    "wrong.ts": "const n: number = 'text';\nconsole.log(n);\n",
    "view.jsx": "/** @jsxRuntime classic */\n/** @jsx h */\nconst h = (tag, props, ...rest) => ({ tag, props, rest });\nconsole.log(JSON.stringify(<p id=\"x\">text {1 + 1}</p>));\n",
    "main.js": "import { twice } from './twice.js';\nimport data from './data.json' with { type: 'json' };\nconsole.log(twice(data.n));\n",
    "twice.js": "export const twice = (n) => n * 2;\nexport const unused = () => 'unused';\n",
    "data.json": "{\n  \"n\": 21\n}\n",
    "ugly.js": "const  a={b:1,c :[1,2,\n3]};var d=a.b==1\nlet never = 1;\nconsole.log( a,d )\n",
    "server.mjs": "import http from 'node:http';\nconst server = http.createServer((request, response) => response.end(`${request.method} ${request.url}`));\n"
                  "process.on('SIGTERM', () => server.close(() => { console.log('closed'); process.exit(0); }));\n"
                  "server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));\n",
}


def made(folder):
    for name, text in FILES.items():
        write(folder, name, text)


def scripts(words, **more):
    """The shared scripts, with the words that come before a script's name."""
    def use(name):
        def make(folder):
            shutil.copy(os.path.join(SCRIPTS, name + ".mjs"), folder)
        return Use(name, [*words, name + ".mjs", "one", "two"], make=make, stdin=b"some input\n", env={"GIVEN": "given", **more.get("env", {})},
                   ignore=more.get("ignore", ()), fails=name == "processes")  # which ends with status 4
    return [use(name) for name in ("files", "network", "processes", "computing", "threads", "clocks")]


def serves(words):
    def session(build, folder, run):
        port = free_port()
        server = Session(build, folder, [*words, "server.mjs", str(port)])
        run.notes.append(("listens", server.read_until("listening") is not None))
        run.notes += [(path, fetch(f"http://127.0.0.1:{port}{path}")) for path in ("/", "/a?b=c")]
        server.signal(signal.SIGTERM)
        run.notes.append(("closed", server.read_until("closed") is not None))
        run.notes.append(("SIGTERM", server.end()))
    return session


def interrupted(words):
    def session(build, folder, run):
        server = Terminal(build, folder, [*words, "server.mjs", str(free_port())])
        run.notes.append(("listens", server.read_until("listening") is not None))
        server.write(b"\x03")
        run.notes.append(("Ctrl-C", server.end()))
    return session


def common(words):
    return [Use("uncaught error", [*words, "wrong.js"], make=made, fails=True, same=((r"(?m)^Node\.js v.*|Bun v.*", "VERSION"), (r"    at .*(node:|ext:).*\n", ""))),
            Use("error: syntax", [*words, "bad.js"], make=made, same=((r"    at .*(node:|ext:).*\n", ""), (r"Bun v.*", "VERSION"))),
            Use("error: no such script", [*words, "nowhere.js"], fails=True, same=((r"    at .*\n", ""),)),
            Use("typescript", [*words, "typed.ts"] if words else ["typed.ts"], make=made), Use("modules", [*words, "main.js"], make=made),
            Use("server, fetch, SIGTERM", make=made, session=serves(words)), Use("Ctrl-C", make=made, session=interrupted(words)),
            Use("closed pipe", make=made, session=into_closed_pipe([*words, "fine.js"])), Use("error: disk full", [*words, "fine.js"], make=made, stdout="/dev/full")]


# ---- node -----------------------------------------------------------------------------------------------------------
# Read back, the Parquet file has the same rows; how it is encoded depends on the C++ library's hashes.
DUCKDB = {"macos": "@duckdb/node-bindings-darwin-x64@1.5.5-r.5", "linux": "@duckdb/node-bindings-linux-x64@1.5.5-r.5"}
SWC = {"macos": ("@swc/core-darwin-x64@1.16.18", "swc.darwin-x64.node"), "linux": ("@swc/core-linux-x64-gnu@1.16.18", "swc.linux-x64-gnu.node")}
DUCK_SCRIPT = """const duckdb = require(process.argv[2]);
(async () => {
	const connection = await duckdb.connect(await duckdb.open('data.db'));
	const ask = async (text) => { const result = await duckdb.query(connection, text); const chunk = await duckdb.fetch_chunk(result);
		return chunk ? Array.from({ length: duckdb.data_chunk_get_column_count(chunk) }, (_, i) => Buffer.from(duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, i), 8)).readBigInt64LE()).join(' ') : ''; };
	console.log(duckdb.library_version());
	await ask('create table t as select range i, (range * 7919 % 1000)::bigint g, md5(range::varchar) s from range(300000)');
	console.log(await ask('select count(*)::bigint, sum(i)::bigint, sum(length(s))::bigint from t'));
	console.log(await ask('select count(*)::bigint, max(c)::bigint from (select g, count(*) c from t group by g having g % 3 = 0)'));
	console.log(await ask('select count(*)::bigint from t a join t b on a.i = b.g'));
	await ask("copy (select * from t order by s limit 1000) to 'out.parquet'");
	await ask("copy (select i, s from t order by s limit 50) to 'out.csv'");
	console.log(await ask("select count(*)::bigint, sum(i)::bigint from 'out.parquet'"));
	await duckdb.query(connection, 'select nothing').catch((error) => console.log(error.message.split('\\n')[0]));
})();
"""
SWC_SCRIPT = """const swc = require(process.argv[2]);
const options = (more) => Buffer.from(JSON.stringify({ jsc: { parser: { syntax: 'typescript', tsx: true }, target: 'es5', ...more }, module: { type: 'commonjs' }, sourceMaps: true }));
console.log(JSON.stringify(swc.transformSync("export class A<T> { #x = 1; async f(n: T) { return <p>{n}</p> } }", false, options({}))));
swc.transform("let a = () => ({ ...b })", false, options({})).then((done) => console.log(done.code));
try { swc.transformSync("let = ;", false, options({})); } catch (error) { console.log(error.message.includes("Expected") || error.code); }
"""


def duckdb(build, folder, run):
    package = packages.fetch(DUCKDB[build.kind])
    write(folder, "duck.js", DUCK_SCRIPT)
    step(build, folder, run, ["duck.js", os.path.join(package, "duckdb.node")])


def swc(build, folder, run):
    name, file = SWC[build.kind]
    write(folder, "swc.js", SWC_SCRIPT)
    step(build, folder, run, ["swc.js", os.path.join(packages.fetch(name), file)])


def inspector(build, folder, run):
    port = free_port()
    session = Session(build, folder, [f"--inspect=127.0.0.1:{port}", "-e", "setInterval(() => {}, 1000)"])
    run.notes.append(("it listens", session.read_until("Debugger listening on ws://127.0.0.1") is not None))
    status, version = fetch(f"http://127.0.0.1:{port}/json/version")
    targets = json.loads(fetch(f"http://127.0.0.1:{port}/json/list")[1])
    run.notes += [("version", status, version), ("targets", [target["type"] for target in targets])]
    session.signal(signal.SIGINT)
    run.notes.append(("SIGINT", session.end()))


def watch(build, folder, run):
    session = Session(build, folder, ["--watch", "fine.js"])
    run.notes.append(("first", session.read_until("2 4 6") is not None))

    def again():  # it may not watch yet
        write(folder, "fine.js", "console.log('changed')\n")
        return session.read_until("changed", 0.5) is not None
    run.notes.append(("again", wait_for(again)))
    session.signal(signal.SIGINT)
    run.notes.append(("SIGINT", session.end()))


TESTS = "const test = require('node:test'), assert = require('node:assert');\ntest('adds', () => assert.equal(1 + 1, 2));\ntest('fails', () => assert.equal(1, 2));\ntest('waits', async () => { await null; });\n"


def tests(folder):
    write(folder, "some.test.js", TESTS)


def repl(text):
    def session(build, folder, run):
        terminal = Terminal(build, folder, text, env={"TERM": "dumb", "NODE_REPL_HISTORY": "", "DENO_DIR": ".deno"})
        run.notes.append(("prompt", terminal.read_until(r"> ") is not None))
        terminal.write(b"let n = 6\r")
        run.notes.append(("undefined", terminal.read_until(r"undefined") is not None))
        terminal.write(b"`${n * 7}!`\r")
        run.notes.append(("answer", terminal.read_until(r"42!") is not None))
        terminal.write(b"\x04")
        run.notes.append(("Ctrl-D", terminal.end()))
    return session


NODE = [
    Use("version", ["--version"]), Use("help", ["--help"]), *scripts([]), *common([]),
    Use("evaluates", ["-p", "require('os').EOL.length + [1, 2].length"]), Use("from standard input", ["-"], stdin=b"console.log(__filename, 6 * 7)"),
    Use("tests", ["--test", "--test-reporter=tap"], make=tests, fails=True, same=(*TIMES, (r"(?m)^.*(node:internal|async ).*\n", ""), (r"/[^\s']*/some", "some"))),
    Use("checks", ["--check", "bad.js"], make=made, fails=True), Use("REPL", session=repl([])), Use("inspector", session=inspector), Use("watch", make=made, session=watch),
    Use("abort", ["-e", "process.abort()"], fails=True, same=((r"(?s)----- Native stack trace.*", "TRACE"),)), Use("fault of an unhandled promise", ["-e", "Promise.reject(new Error('lost'))"], fails=True, same=((r"(?m)^.*\[eval.*\n|    at .*\n", ""),)),
    Use("sqlite", ["-e", "const { DatabaseSync } = require('node:sqlite'); const d = new DatabaseSync('a.db'); d.exec('create table t(a, b); begin'); "
                   "const s = d.prepare('insert into t values (?, ?)'); for (let i = 0; i < 20000; i++) s.run(i, 'x'.repeat(i % 50)); d.exec('commit'); console.log(d.prepare('select count(*) c, sum(a) s, max(length(b)) m from t').get())"]),
    Use("compile cache and snapshot", steps=[["--snapshot-blob", "a.blob", "--build-snapshot", "entry.js"], ["--snapshot-blob", "a.blob", "-e", "0"]], ignore=(r"\.blob$",),
        make=lambda folder: write(folder, "entry.js", "globalThis.kept = 42; require('v8').startupSnapshot.setDeserializeMainFunction(() => console.log('kept', globalThis.kept));\n")),
    Use("addon: duckdb", session=duckdb, ignore=(r"data\.db", r"out\.parquet")), Use("addon: swc", session=swc),
    Use("many promises and timers", ["-e", "let n = 0; (async () => { await Promise.all(Array.from({length: 20000}, (_, i) => new Promise(d => setTimeout(() => d(n += i % 7), i % 20)))); console.log(n) })()"]),
]

# ---- deno -----------------------------------------------------------------------------------------------------------
DENO_ENV = {"DENO_DIR": ".deno", "DENO_NO_UPDATE_CHECK": "1", "DENO_NO_PROMPT": "1"}
DENO_TEST = "import { twice } from './twice.js';\nDeno.test('twice', () => { if (twice(2) !== 4) throw new Error('no'); });\nDeno.test('fails', () => { throw new Error('wanted'); });\n"
SERVE = "export default { fetch: (request) => new Response(`${request.method} ${new URL(request.url).pathname}`) };\n"


def deno(name, arguments=None, **more):
    more.setdefault("make", made)
    return Use(name, arguments, env=DENO_ENV, ignore=(r"^\.deno", r"kv\.db"), same=(*TIMES, (r"\x1b\[[0-9;]*m", ""), *more.pop("same", ())), **more)


def deno_tests(folder):
    made(folder)
    write(folder, "some_test.js", DENO_TEST)


def deno_serve(build, folder, run):
    write(folder, "serve.js", SERVE)
    port = free_port()
    session = Session(build, folder, ["serve", "--host", "127.0.0.1", "--port", str(port), "serve.js"], env=DENO_ENV)
    run.notes += [(path, fetch(f"http://127.0.0.1:{port}{path}")) for path in ("/", "/deep/path")]
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))


DENO = [
    deno("version", ["--version"], same=(("x86_64-(apple-darwin|unknown-linux-gnu)", "TARGET"),)), deno("help", ["--help"]),
    *scripts(["run", "-A"], env=DENO_ENV, ignore=(r"^\.deno",)),
    *[deno(use.name, use.arguments, make=use.make, session=use.session, stdout=use.stdout, fails=use.fails, same=use.same) for use in common(["run", "-A"])],
    deno("evaluates", ["eval", "console.log(6 * 7)"]), deno("format", ["fmt", "ugly.js"]), deno("error: not formatted", ["fmt", "--check", "ugly.js"]), deno("error: lint", ["lint", "ugly.js"]),
    deno("check", ["check", "typed.ts"]), deno("error: check", ["check", "wrong.ts"]), deno("error: tests", ["test", "some_test.js"], make=deno_tests),
    deno("error: no permission", ["run", "--allow-read=data.json", "-"], stdin=b"console.log(Deno.readTextFileSync('data.json').length); Deno.writeTextFileSync('x', '')"),
    deno("key-value store", ["run", "-A", "--unstable-kv", "-"], stdin=b"const kv = await Deno.openKv('kv.db'); for (let i = 0; i < 200; i++) await kv.set(['a', i], { i }); let n = 0; for await (const e of kv.list({ prefix: ['a'] })) n += e.value.i; console.log(n); kv.close();"),
    deno("commands", ["run", "-A", "-"], stdin=b"const c = await new Deno.Command('sh', { args: ['-c', 'cat; exit 3'], stdin: 'null' }).output(); console.log(c.code); console.log(new TextDecoder().decode((await new Deno.Command('echo', { args: ['x'] }).output()).stdout))"),
    deno("info", ["info", "--json", "main.js"]), deno("doc", ["doc", "twice.js"]), deno("serve, SIGTERM", make=None, session=deno_serve),
]

# ---- bun ------------------------------------------------------------------------------------------------------------
BUN_TEST = "import { expect, test } from 'bun:test';\ntest('adds', () => expect(1 + 1).toBe(2));\ntest('fails', () => expect({ a: 1 }).toEqual({ a: 2 }));\n"
BUN_SCRIPT = """import { Database } from 'bun:sqlite';
import { $ } from 'bun';
const database = new Database('a.db');
database.run('create table t(a integer, b text)');
const insert = database.prepare('insert into t values (?, ?)');
database.transaction(() => { for (let i = 0; i < 5000; i++) insert.run(i, 'x'.repeat(i % 30)); })();
console.log(JSON.stringify(database.query('select count(*) c, sum(a) s, max(length(b)) m from t').get()));
console.log(await $`echo one two | tr a-z A-Z`.text(), (await $`exit 3`.nothrow()).exitCode);
console.log(Bun.hash.wyhash('text').toString(), new Bun.CryptoHasher('sha256').update('x').digest('hex'), await Bun.password.verify('secret', await Bun.password.hash('secret')));
await Bun.write('written', 'by bun'.repeat(1000));
console.log((await Bun.file('written').text()).length, Bun.gunzipSync(Bun.gzipSync(Buffer.from('zipped'))).length, Bun.deepEquals({ a: [1] }, { a: [1] }));
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request, server) => server.upgrade(request) ? undefined : new Response(`hello ${new URL(request.url).pathname}`), websocket: { message: (socket, text) => socket.send(`${text}!`) } });
console.log(await (await fetch(`http://127.0.0.1:${server.port}/path`)).text());
const socket = new WebSocket(`ws://127.0.0.1:${server.port}`);
console.log(await new Promise((done) => { socket.onopen = () => socket.send('by socket'); socket.onmessage = (event) => done(event.data); }));
socket.close();
server.stop(true);
const child = Bun.spawn(['cat'], { stdin: 'pipe' });
child.stdin.write('piped');
child.stdin.end();
console.log(await new Response(child.stdout).text(), await child.exited);
for await (const name of new Bun.Glob('*.json').scan('.')) console.log(name);
"""


def bun(name, arguments=None, **more):
    more.setdefault("make", made)
    return Use(name, arguments, same=(*TIMES, *more.pop("same", ())), **more)


def bun_project(folder):
    made(folder)
    write(folder, "some.test.ts", BUN_TEST)
    write(folder, "bun.ts", BUN_SCRIPT)
    write(folder, "package.json", json.dumps({"name": "x", "version": "1.0.0", "scripts": {"say": "echo said && echo $npm_lifecycle_event", "fail": "exit 5"}, "dependencies": {"local": "file:./local"}}))
    os.mkdir(os.path.join(folder, "local"))
    write(folder, "local/package.json", json.dumps({"name": "local", "version": "2.0.0", "main": "index.js"}))
    write(folder, "local/index.js", "module.exports = 'local package';\n")


BUN = [
    bun("version", ["--version"]), bun("help", ["build", "--help"]), *scripts([]),
    *[bun(use.name, use.arguments, make=use.make, session=use.session, stdout=use.stdout, fails=use.fails, same=use.same) for use in common([])],
    bun("bundle", ["build", "main.js", "--outdir", "out", "--minify", "--sourcemap=linked"]), bun("bundle jsx and ts", ["build", "view.jsx", "typed.ts", "--outdir", "out", "--target=node"]),
    bun("error: bundle", ["build", "bad.js", "--outdir", "out"]), bun("error: tests", ["test"], make=bun_project), bun("its own functions", ["bun.ts"], make=bun_project, ignore=(r"a\.db",)),
    bun("run a script", ["run", "say"], make=bun_project), bun("error: a script that fails", ["run", "fail"], make=bun_project),
    bun("install a local package", steps=[["install"], ["-e", "console.log(require('local'))"]], make=bun_project, ignore=(r"bun\.lock",)), bun("error: no such command", ["run", "nothing-at-all"], make=bun_project),
    bun("evaluates", ["-p", "6 * 7"]),
]
