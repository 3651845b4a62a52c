// SPDX-License-Identifier: MIT
// TCP, Unix sockets, UDP, HTTP with keep-alive and large bodies, fetch, names, and what is refused.
import dgram from "node:dgram";
import dns from "node:dns/promises";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import { once } from "node:events";

async function echo(where, count) {
	const server = net.createServer((socket) => socket.pipe(socket));
	server.listen(where);
	await once(server, "listening");
	const target = typeof where === "string" ? where : { port: server.address().port, host: where.host };
	const answers = await Promise.all(Array.from({ length: count }, async (_, i) => {
		const socket = net.connect(target);
		socket.end(`${i} `.repeat(20000));
		let size = 0;
		for await (const chunk of socket)
			size += chunk.length;
		return size;
	}));
	await new Promise((done) => server.close(done));
	return answers.join(" ");
}
console.log("tcp", await echo({ port: 0, host: "127.0.0.1" }, 20));
console.log("tcp6", await echo({ port: 0, host: "::1" }, 3));
console.log("unix", await echo("socket", 5), fs.existsSync("socket"));

const one = dgram.createSocket("udp4"), two = dgram.createSocket("udp4");
one.bind(0, "127.0.0.1");
await once(one, "listening");
const got = [];
one.on("message", (text, from) => one.send(`${text}!`, from.port, from.address));
two.on("message", (text) => got.push(text.toString()));
for (let i = 0; i < 10; i++) {
	two.send(`message ${i}`, one.address().port, "127.0.0.1");
	await once(two, "message");
}
console.log("udp", got.join(", "));
one.close();
two.close();

const server = http.createServer(async (request, response) => {
	let size = 0;
	for await (const chunk of request)
		size += chunk.length;
	if (request.url === "/away")
		return request.socket.destroy();
	response.writeHead(request.url === "/nothing" ? 404 : 200, { "x-method": request.method, "content-type": "text/plain" });
	response.end(request.url === "/large" ? "large ".repeat(200000) : `${request.url} ${size}`);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;
for (const [url, options] of [["/", {}], ["/large", {}], ["/nothing", {}], ["/post", { method: "POST", body: "x".repeat(300000) }]]) {
	const answer = await fetch(base + url, options);
	const text = await answer.text();
	console.log("fetch", url, answer.status, answer.headers.get("x-method"), text.length, text.slice(0, 20));
}
const many = await Promise.all(Array.from({ length: 200 }, async (_, i) => (await fetch(`${base}/${i}`)).text()));
console.log("many", many.length, many[0], many[199]);
console.log("away", await fetch(`${base}/away`).then(() => "an answer", (error) => error instanceof Error));
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ports = new Set();
for (let i = 0; i < 5; i++) {
	const request = http.get(base, { agent });
	const [response] = await once(request, "response");
	ports.add(response.socket.localPort);
	response.resume();
	await once(response, "end");
}
console.log("keep-alive", ports.size);
agent.destroy();
server.closeAllConnections?.();
server.close();

const refused = net.connect(1, "127.0.0.1");
console.log("refused", (await once(refused, "error").catch((error) => [error]))[0].code);
console.log("names", (await dns.lookup("localhost", { family: 4 })).address, (await dns.lookup("127.0.0.1")).family);
console.log("unknown", await dns.lookup("nowhere.invalid").catch((error) => ["ENOTFOUND", "EAI_AGAIN"].includes(error.code)));
console.log("numbers", net.isIP("::1"), net.isIP("1.2.3"));
