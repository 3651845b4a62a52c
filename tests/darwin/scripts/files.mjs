// SPDX-License-Identifier: MIT
// Files and folders, by all three of fs' interfaces. Prints what it sees; times and inodes are not among it.
import fs from "node:fs";
import { open, readFile, readdir } from "node:fs/promises";
import path from "node:path";

fs.mkdirSync("a/b/c", { recursive: true });
fs.writeFileSync("a/text", "one\ntwo\nthree\n", { mode: 0o640 });
fs.appendFileSync("a/text", "four\n");
fs.copyFileSync("a/text", "a/b/copy");
fs.symlinkSync("../text", "a/b/link");
fs.linkSync("a/text", "a/hard");
fs.renameSync("a/b/copy", "a/b/c/moved");
fs.chmodSync("a/b/c/moved", 0o600);
fs.utimesSync("a/text", 1000000000, 1234567890.5);
const status = fs.statSync("a/text", { bigint: true });
console.log(status.size, status.nlink, (status.mode & 0o7777n).toString(8), status.mtimeNs, status.atimeNs, status.isFile());
console.log(fs.lstatSync("a/b/link").isSymbolicLink(), fs.readlinkSync("a/b/link"), fs.realpathSync("a/b/link").endsWith("a/text"));
console.log(fs.readdirSync("a", { recursive: true }).sort().join(" "));
for (const entry of fs.readdirSync("a", { withFileTypes: true }).sort((x, y) => x.name < y.name ? -1 : 1))
	console.log(entry.name, entry.isDirectory(), entry.isFile());
for (let i = 0; i < 700; i++)
	fs.writeFileSync(`a/b/c/${"long name ".repeat(i % 20)}${i}`, "");
console.log((await readdir("a/b/c")).length, fs.readdirSync("a/b/c").length);

const file = await open("a/random", "w+");
await file.write(Buffer.from("0123456789"), 0, 10, 0);
await file.write(Buffer.from("xyz"), 0, 3, 4);
await file.writev([Buffer.from("first "), Buffer.from("second")], 20);
await file.truncate(24);
const piece = Buffer.alloc(12);
console.log((await file.read(piece, 0, 12, 2)).bytesRead, JSON.stringify(piece.toString()));
await file.sync();
await file.datasync();
await file.close();
console.log(JSON.stringify(await readFile("a/random", "latin1")));

const stream = fs.createWriteStream("a/large");
for (let i = 0; i < 400; i++)
	stream.write(`${i}:`.repeat(1000));
await new Promise((done) => stream.end(done));
let total = 0, sum = 0;
for await (const chunk of fs.createReadStream("a/large", { start: 10, highWaterMark: 50000 })) {
	total += chunk.length;
	for (const byte of chunk)
		sum = (sum * 31 + byte) >>> 0;
}
console.log(total, sum);

for (const [name, act] of Object.entries({
	missing: () => fs.readFileSync("nowhere"), folder: () => fs.readFileSync("a"), exists: () => fs.mkdirSync("a"),
	full: () => fs.rmdirSync("a"), loop: () => { fs.symlinkSync("ring", "ring"); fs.readFileSync("ring"); },
	notFolder: () => fs.readdirSync("a/text"), exclusive: () => fs.openSync("a/text", "wx"), badFile: () => fs.fstatSync(9999),
	long: () => fs.statSync("n".repeat(300)),
})) {
	try {
		act();
		console.log(name, "done");
	} catch (error) {
		console.log(name, error.code);
	}
}
console.log(fs.existsSync("a/text"), fs.accessSync("a/text", fs.constants.R_OK));
const folder = fs.mkdtempSync(path.join(process.cwd(), "temporary-"));
console.log(fs.statSync(folder).isDirectory());
fs.rmSync(folder, { recursive: true });
fs.rmSync("a/b", { recursive: true, force: true });
fs.unlinkSync("ring");
console.log(fs.readdirSync(".").filter((name) => name !== "files.mjs").join(" "), fs.readdirSync("a").sort().join(" "));
