// SPDX-License-Identifier: MIT
// Timers and their order, clocks, watching of files, what the system says of itself, standard input.
import fs from "node:fs";
import os from "node:os";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

const order = [];
setTimeout(() => order.push("200"), 200);
setTimeout(() => order.push("10"), 10);
setTimeout(() => order.push("0"), 0);
setImmediate(() => order.push("immediate"));
process.nextTick(() => order.push("tick"));
Promise.resolve().then(() => order.push("promise"));
await wait(300);
console.log(order.filter((what) => what !== "immediate").join(" "), order.includes("immediate"));
const before = performance.now(), clock = process.hrtime.bigint();
await wait(50);
console.log(performance.now() - before >= 49, process.hrtime.bigint() - clock >= 49000000n, Math.abs(Date.now() - fs.statSync("clocks.mjs").atimeMs) < 1e12);
let ticks = 0;
await new Promise((done) => { const timer = setInterval(() => { if (++ticks === 5) { clearInterval(timer); done(); } }, 3); });
console.log("ticks", ticks);

fs.mkdirSync("watched");
const seen = new Set(), watcher = fs.watch("watched", (_, name) => seen.add(name));
const until = async (check) => { for (let i = 0; i < 1000 && !check(); i++) await wait(10); return check(); };
let number = 0;
console.log("watch", await until(() => { fs.writeFileSync("watched/one", `${number++}`); return seen.has("one"); }));
fs.renameSync("watched/one", "watched/two");
console.log("renamed", await until(() => seen.has("two")));
watcher.close();
fs.rmSync("watched", { recursive: true });

console.log(os.cpus().length > 0, os.totalmem() > os.freemem(), os.hostname().length > 0, os.userInfo().username.length > 0, os.loadavg().length, os.endianness(), os.EOL === "\n");
console.log(Object.keys(os.networkInterfaces()).length > 0, os.tmpdir(), os.homedir() === process.env.HOME, os.uptime() > 0);
const use = process.memoryUsage(), spent = process.cpuUsage();
console.log(use.rss > 1e6, use.heapUsed > 0, spent.user > 0, process.uptime() > 0, process.getuid(), process.umask().toString(8), process.pid > 0, process.ppid > 0);
console.log(process.cwd() === fs.realpathSync("."), process.env.GIVEN, process.argv.slice(2).join(" "));
process.env.CHANGED = "yes";
process.env.TZ = "America/New_York";
console.log(process.env.CHANGED, new Date(0).getHours());
let input = "";
process.stdin.on("data", (data) => (input += data));
await once(process.stdin, "end");
console.log("input", JSON.stringify(input), process.stdin.isTTY ?? false);
