# SPDX-License-Identifier: MIT
"""What is done with PostgreSQL: a cluster is made, the server is talked to by Debian's psql, killed, started again, stopped.

The server refuses to run as root: as root its commands run as the user who is nobody (around.NOBODY).
"""
import concurrent.futures
import os
import shutil
import signal
import subprocess

import around
from compare import Build, Use, environment
from sessions import Session, wait_for
from uses.common import free_port, step

SAME = ((r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [A-Z]+ \[\d+\] ", ""), (r"/[^\s']*/native/bin/", "BIN/"), (r"(?m)^.*no usable system locales were found\n", ""),
        (r"(?m)^.*unrecognized option .--nothing.", "UNKNOWN OPTION"), (r"port \d+|-p \d+|PGSQL\.\d+", "PORT"), (r"x86_64-[^,]*,.*?64-bit", "BUILD"))


def command(build, name):
    """Another program of the same build, as a user who is not root."""
    program = os.path.join(os.path.dirname(build.program), name)
    os.chmod(program, 0o755)
    return Build(build.kind, around.NOBODY + build.command[:-1] + [program], program)


class Cluster:
    """A cluster in the folder, and its server."""

    def __init__(self, build, folder, run):
        self.build, self.folder, self.run, self.port = build, folder, run, free_port()
        around.give_away(folder)
        step(command(build, "initdb"), folder, run, ["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
        self.server = None

    def start(self):
        self.server = Session(command(self.build, "postgres"), self.folder, ["-D", "data", "-p", str(self.port), "-k", "", "-c", "listen_addresses=127.0.0.1"])
        self.run.notes.append(("ready", self.server.read_until("database system is ready to accept connections", 60) is not None))

    def ask(self, *texts, note=True):
        words = ["psql", "-X", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qAt"]
        done = subprocess.run(words + [word for text in texts for word in ("-c", text)], capture_output=True, text=True, timeout=120, check=False, env=environment({}))
        if note:
            self.run.notes.append((texts[-1], done.stdout, done.stderr))
        return done.stdout

    def stop(self, number=signal.SIGINT):
        self.server.signal(number)
        self.run.notes.append((number.name, self.server.end()))

    def end(self):
        shutil.rmtree(os.path.join(self.folder, "data"), ignore_errors=True)


def with_cluster(act):
    def session(build, folder, run):
        cluster = Cluster(build, folder, run)
        cluster.start()
        try:
            act(cluster)
        finally:
            if cluster.server.process.poll() is None:
                cluster.stop()
            cluster.end()
    return session


def queries(cluster):
    cluster.ask("create table t(i int primary key, s text, j jsonb)", "insert into t select g, md5(g::text), jsonb_build_object('n', g) from generate_series(1, 50000) g",
                "select count(*), sum(i), max(s), sum((j->>'n')::int) from t")
    cluster.ask("create index on t using gin(j)", "analyze t", "explain (costs off) select * from t where j @> '{\"n\":5}'")
    cluster.ask("select s from t where s ~ '^00[0-9]+a' order by s limit 5", "select a.i from t a join t b on a.i = b.i + 1 where b.s < '0005' order by 1 limit 20")
    cluster.ask("set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; select count(*), sum(length(a.s)) from t a join t b using (i)")
    cluster.ask("select upper('straße'), to_char(timestamp '2024-02-29 12:00', 'Day DD Month'), timestamptz '2024-07-01 12:00+00' at time zone 'Europe/Berlin'", "select encode(sha256('x'), 'hex'), xmlparse(content '<a>b</a>'), 0.1 + 0.2, exp(1.5), 2 ^ 0.5")
    cluster.ask("select lower('ÄÖ' collate \"de-x-icu\"), array_agg(w order by w collate \"de-x-icu\") from unnest(array['z', 'ä', 'a']) w")
    cluster.ask("create extension pg_trgm", "create extension pgcrypto", "select similarity('hello', 'hallo'), crypt('secret', '$1$saltsalt'), encode(hmac('x', 'k', 'sha256'), 'hex')")
    cluster.ask("create function twice(n int) returns int language plpgsql as $$ begin if n < 0 then raise exception 'negative'; end if; return n * 2; end $$", "select twice(21)")
    cluster.ask("select twice(-1)")
    cluster.ask("select nothing")
    cluster.ask("copy (select * from t order by i limit 3) to stdout")
    cluster.ask("select pg_column_size(repeat('x', 1000000)), length(repeat(md5('y'), 100000))", "vacuum full t", "select count(*) from t")


def clients(cluster):
    """Sixteen clients, each with transactions of its own; then all rows are there."""
    cluster.ask("create table c(who int, n int); create table total(n int); insert into total values (0)")

    def client(who):
        for n in range(5):
            cluster.ask(f"begin; insert into c values ({who}, {n}); update total set n = n + 1; commit", note=False)
    with concurrent.futures.ThreadPoolExecutor(16) as many:
        list(many.map(client, range(16)))
    cluster.ask("select count(*), count(distinct who), (select n from total) from c")
    cluster.ask("select count(*) from pg_stat_activity where backend_type = 'autovacuum launcher'")


def recovery(cluster):
    """kill -9 of all of the server, in the middle of a transaction: what was committed is there after the next start."""
    cluster.ask("create table r(n int)", "insert into r select generate_series(1, 20000)", "checkpoint", "insert into r select generate_series(20001, 30000)")
    open_one = Session(Build("linux", ["psql"], "psql"), cluster.folder, ["-X", "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", "-qAt"])
    open_one.write(b"begin; insert into r select 1 from generate_series(1, 5000); select 'in it';\n")
    cluster.run.notes.append(("in a transaction", open_one.read_until("in it") is not None))
    os.killpg(cluster.server.process.pid, signal.SIGKILL)
    cluster.server.end()
    open_one.close_input()
    open_one.end()
    # Backends are in groups of their own: they end when they see that the server is gone.
    cluster.run.notes.append(("all ended", wait_for(lambda: not in_folder(cluster.folder))))
    cluster.start()
    cluster.ask("select count(*), sum(n) from r")


def in_folder(folder):
    """Processes that work in the folder and are no zombies."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/cwd").startswith(folder + "/data"):
                found.append(name)
        except OSError:
            pass
    return found


def backend_killed(cluster):
    """kill -9 of a backend: the server ends all others, recovers, and goes on."""
    cluster.ask("create table k(n int)", "insert into k values (1)")
    victim = Session(Build("linux", ["psql"], "psql"), cluster.folder, ["-X", "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", "-qAt"])
    victim.write(b"select pg_backend_pid(); select 'known';\n")
    number = int(victim.read_until(r"\d+"))
    victim.read_until("known")
    os.kill(number, signal.SIGKILL)
    cluster.run.notes.append(("it recovers", cluster.server.read_until("all server processes terminated; reinitializing", 60) is not None))
    cluster.run.notes.append(("ready again", cluster.server.read_until("database system is ready to accept connections", 60) is not None))
    victim.close_input()
    victim.end()
    cluster.ask("select sum(n) from k")


def by_pg_ctl(build, folder, run):
    """pg_ctl starts the server by a shell, in the background."""
    cluster = Cluster(build, folder, run)
    pg_ctl = command(build, "pg_ctl")
    step(pg_ctl, folder, run, ["-D", "data", "-w", "-o", f"-p {cluster.port} -k ''", "-l", "data/log", "start"])
    cluster.ask("select 6 * 7")
    step(pg_ctl, folder, run, ["-D", "data", "reload"])
    number = int(open(os.path.join(folder, "data/postmaster.pid"), encoding="ascii").readline())
    os.kill(number, signal.SIGTERM)
    run.notes.append(("it ends", wait_for(lambda: not os.path.exists(os.path.join(folder, "data/postmaster.pid")))))
    step(pg_ctl, folder, run, ["-D", "data", "status"])
    cluster.end()


def asked(name):
    """A program's version and help."""
    def session(build, folder, run):
        for option in ("--version", "--help", "--nothing"):
            step(command(build, name), folder, run, [option])
    return Use(f"{name}: version, help, a bad flag", session=session, same=SAME)


USES = [
    asked("postgres"), asked("initdb"), asked("pg_ctl"), Use("queries of many kinds", session=with_cluster(queries), same=SAME), Use("sixteen clients", session=with_cluster(clients), same=SAME),
    Use("kill -9 and recovery", session=with_cluster(recovery), same=SAME), Use("a backend is killed", session=with_cluster(backend_killed), same=SAME), Use("pg_ctl", session=by_pg_ctl, same=SAME),
]
