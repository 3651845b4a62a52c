// SPDX-License-Identifier: MIT
// Child processes of both systems, pipes, statuses, signals, input and output of this process.
import { exec, execFile, execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);
if (process.argv[2] === "child") {
	process.on("message", (message) => {
		if (message === "end")
			process.disconnect();
		else
			process.send({ got: message, length: JSON.stringify(message).length });
	});
} else if (process.argv[2] === "waits") {
	process.on("SIGTERM", () => {
		console.log("child: SIGTERM");
		process.exit(7);
	});
	setInterval(() => {}, 1000);
	console.log("ready");
} else {
	const self = process.execPath, script = process.argv[1];
	console.log((await run("/bin/echo", ["by", "Linux"])).stdout.trim());
	console.log(execFileSync("cat", { input: "through cat" }).toString());
	console.log((await promisify(exec)("echo $X; exit 0", { env: { X: "environment" } })).stdout.trim());
	for (const command of ["exit 3", "kill -9 $$", "kill -TERM $$", "true"])
		console.log(command, JSON.stringify(((done) => [done.status, done.signal])(spawnSync("sh", ["-c", command]))));
	console.log("missing", spawnSync("no-such-program").error.code);
	console.log("folder", spawnSync("pwd", { cwd: "/" }).stdout.toString().trim());
	console.log(execFileSync(self, ["-e", "console.log(6 * 7, process.argv.length > 0)"]).toString().trim());
	console.log(spawnSync(self, ["-e", "console.error('to error'); process.exit(5)"], { encoding: "utf8" }).status);

	const child = fork(script, ["child"]);
	for (const message of [1, "text", { deep: [1, { er: null }] }, "x".repeat(100000)]) {
		child.send(message);
		const [answer] = await once(child, "message");
		console.log("fork", typeof answer.got, answer.length);
	}
	child.send("end");
	console.log("fork ends", (await once(child, "exit")).join());

	const waits = spawn(self, [script, "waits"]);
	console.log((await once(waits.stdout, "data"))[0].toString().trim());
	waits.kill("SIGTERM");
	const [[told], [status, signal]] = await Promise.all([once(waits.stdout, "data"), once(waits, "close")]);
	console.log(told.toString().trim(), status, signal);
	const killed = spawn("sleep", ["100"]);
	await once(killed, "spawn");
	killed.kill("SIGKILL");
	console.log("killed", (await once(killed, "exit")).join());

	const pipe = spawn("tr", ["a-z", "A-Z"]);
	let text = "";
	pipe.stdout.on("data", (data) => (text += data));
	for (let i = 0; i < 1000; i++)
		pipe.stdin.write(`line ${i}\n`);
	pipe.stdin.end();
	await once(pipe, "close");
	console.log("pipe", text.length, text.slice(-9).trim());
	const all = await Promise.all(Array.from({ length: 30 }, (_, i) => run("sh", ["-c", `echo ${i}`])));
	console.log("thirty", all.map((done) => done.stdout.trim()).join(" "));
	const hands = [];
	for (const name of ["SIGUSR2", "SIGHUP", "SIGWINCH"]) {
		process.once(name, () => hands.push(name));
		process.kill(process.pid, name);
		while (!hands.includes(name))
			await new Promise((done) => setTimeout(done, 5));
	}
	console.log("signals", hands.join(" "));
	try {
		process.kill(2 ** 22 + 5, 0);
	} catch (error) {
		console.log("nobody", error.code);
	}
	process.on("exit", (code) => console.log("exit", code));
	process.exitCode = 4;
}
