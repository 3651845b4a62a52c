// SPDX-License-Identifier: MIT
// Worker threads: messages, shared memory with Atomics.wait, errors, many at once, ended from outside.
import { once } from "node:events";
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from "node:worker_threads";

if (!isMainThread) {
	const { act, shared, count, port } = workerData;
	if (act === "sum") {
		let sum = 0;
		for (let i = 0; i < count; i++)
			sum += i;
		parentPort.postMessage(sum);
	} else if (act === "count") {
		const cells = new Int32Array(shared);
		for (let i = 0; i < count; i++)
			Atomics.add(cells, 0, 1);
		if (Atomics.add(cells, 1, 1) === 3)
			Atomics.notify(cells, 1);
		Atomics.wait(cells, 2, 0);
		parentPort.postMessage("woken");
	} else if (act === "throw") {
		throw new TypeError("from a worker");
	} else if (act === "forever") {
		parentPort.postMessage("started");
		for (;;);
	} else if (act === "echo") {
		port.on("message", (message) => message === "end" ? port.close() : port.postMessage({ back: message }));
	}
} else {
	const make = (workerData, transferList) => new Worker(new URL(import.meta.url), { workerData, transferList });
	const sums = await Promise.all(Array.from({ length: 8 }, async (_, i) => (await once(make({ act: "sum", count: (i + 1) * 100000 }), "message"))[0]));
	console.log("sums", sums.join(" "));

	const shared = new SharedArrayBuffer(16), cells = new Int32Array(shared);
	const workers = Array.from({ length: 4 }, () => make({ act: "count", shared, count: 50000 }));
	const told = workers.map((worker) => once(worker, "message"));
	while (Atomics.load(cells, 1) < 4)
		await new Promise((done) => setTimeout(done, 2));
	console.log("counted", Atomics.load(cells, 0));
	Atomics.store(cells, 2, 1);
	Atomics.notify(cells, 2);
	console.log((await Promise.all(told)).flat().join(" "));
	await Promise.all(workers.map((worker) => worker.terminate()));

	const wrong = make({ act: "throw" });
	const [error] = await new Promise((done) => wrong.once("error", (...what) => done(what)));
	console.log(error.name, error.message);

	const forever = make({ act: "forever" });
	await once(forever, "message");
	await forever.terminate();
	console.log("terminated");

	const { port1, port2 } = new MessageChannel();
	make({ act: "echo", port: port2 }, [port2]);
	for (const message of ["text", { a: [1, 2, 3] }, new Map([[1, "one"]]), new Uint8Array(100000)]) {
		port1.postMessage(message);
		const back = await new Promise((done) => port1.once("message", done));
		console.log("echo", back.back.constructor.name, back.back.length ?? back.back.size ?? JSON.stringify(back.back));
	}
	port1.postMessage("end");
	port1.close();
}
