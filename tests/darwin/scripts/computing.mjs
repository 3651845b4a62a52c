// SPDX-License-Identifier: MIT
// What needs no system but much of the C and C++ libraries: digests, ciphers, keys, compression, WebAssembly, numbers, text, locales, regular expressions.
import assert from "node:assert";
import crypto from "node:crypto";
import zlib from "node:zlib";

const text = "The quick brown fox jumps over the lazy dog. ".repeat(5000);
for (const name of ["md5", "sha1", "sha256", "sha512"])
	console.log(name, crypto.createHash(name).update(text).digest("hex").slice(0, 32));
console.log("hmac", crypto.createHmac("sha256", "key").update(text).digest("base64"));
console.log("pbkdf2", crypto.pbkdf2Sync("secret", "salt", 2000, 32, "sha256").toString("hex"));
console.log("scrypt", crypto.scryptSync("secret", "salt", 32, { N: 1024 }).toString("hex"));
const key = Buffer.alloc(32, 7), iv = Buffer.alloc(12, 9);
const cipher = crypto.createCipheriv("aes-256-gcm", key, iv);
const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
console.log("gcm", crypto.createHash("sha256").update(sealed).digest("hex").slice(0, 32), cipher.getAuthTag().toString("hex"));
const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const signature = crypto.sign("sha256", Buffer.from(text), privateKey);
console.log("ecdsa", crypto.verify("sha256", Buffer.from(text), publicKey, signature), crypto.verify("sha256", Buffer.from("other"), publicKey, signature));
const pair = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
console.log("rsa", crypto.privateDecrypt(pair.privateKey, crypto.publicEncrypt(pair.publicKey, Buffer.from("small"))).toString());
console.log("random", new Set(Array.from({ length: 100 }, () => crypto.randomBytes(16).toString("hex"))).size, crypto.randomUUID().length);
console.log("subtle", Buffer.from(await crypto.webcrypto.subtle.digest("SHA-384", Buffer.from(text))).toString("hex").slice(0, 32));

for (const [name, pack, unpack] of [["gzip", zlib.gzipSync, zlib.gunzipSync], ["deflate", zlib.deflateSync, zlib.inflateSync], ["brotli", zlib.brotliCompressSync, zlib.brotliDecompressSync]])
	console.log(name, pack(text).length < text.length / 50, unpack(pack(text)).toString() === text);
console.log("damaged", (() => { try { zlib.gunzipSync(Buffer.from("no gzip at all")); } catch (error) { return error.code; } })());

const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
const { instance } = await WebAssembly.instantiate(wasm);
let total = 0;
for (let i = 0; i < 1000000; i++)
	total = instance.exports.add(total, i);
console.log("wasm", total, WebAssembly.validate(new Uint8Array([0, 97, 115])));
const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
console.log("memory", memory.grow(10), memory.buffer.byteLength);

console.log("numbers", Math.sin(1e10), Math.exp(1.5), Math.pow(2.5, 3.5), Math.log1p(1e-10), Math.cbrt(7), Math.hypot(3, 4, 5), Math.expm1(1e-5), Math.atan2(1, -2), Math.sinh(1.5), 0.1 + 0.2);
console.log((123.456).toFixed(10), (1e21).toString(36).slice(0, 12), parseFloat("1.7976931348623157e308"), 5e-324, (25).toString(2), 2n ** 200n % 1000007n);
console.log(/(?<year>\d{4})-(?<month>\d\d)/u.exec("on 2024-05-06").groups.month, "aBc".replace(/b/gi, (x) => x + x), /^\p{Lu}\p{Ll}+$/u.test("Ärger"));
console.log("ﬁ".normalize("NFKC"), "é".normalize("NFD").length, "straße".toUpperCase(), "İ".toLowerCase().length, ["ä", "z", "a"].sort(new Intl.Collator("de").compare).join(""));
console.log(new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234567.891).replace(/\s/g, "_"), new Intl.PluralRules("en", { type: "ordinal" }).select(22));
console.log(new Date(Date.UTC(2024, 1, 29, 12)).toISOString(), new Date("2024-07-01T12:00:00Z").toLocaleString("en-GB", { timeZone: "America/New_York" }), new Intl.DateTimeFormat("fr", { dateStyle: "full", timeZone: "Asia/Tokyo" }).format(0));
console.log([...new Intl.Segmenter("en", { granularity: "word" }).segment("Two words.")].length, new Intl.ListFormat("en").format(["a", "b", "c"]), new Intl.RelativeTimeFormat("en").format(-3, "day"));

function primes(limit) {
	const sieve = new Uint8Array(limit);
	let count = 0;
	for (let i = 2; i < limit; i++) {
		if (sieve[i])
			continue;
		count++;
		for (let j = i * 2; j < limit; j += i)
			sieve[j] = 1;
	}
	return count;
}
console.log("primes", primes(2000000));
const map = new Map();
for (let i = 0; i < 300000; i++)
	map.set(`key ${i % 1000}`, { i, list: [i, i + 1] });
console.log("garbage", map.size, map.get("key 999").i);
function deep(n) { return n ? 1 + deep(n - 1) : 0; }
console.log("stack", deep(5000), (() => { try { return deep(1e7); } catch (error) { return error instanceof RangeError; } })());
assert.throws(() => structuredClone(() => {}));
console.log(JSON.stringify(structuredClone({ date: new Date(0), set: new Set([1]) }.date)), Atomics.add(new Int32Array(new SharedArrayBuffer(4)), 0, 5), new TextDecoder("utf-16le").decode(new Uint8Array([104, 0, 105, 0])));
