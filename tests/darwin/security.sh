#!/bin/bash
# SPDX-License-Identifier: MIT
# SecureTransport, SecKey, keychains, imports, CMS and CommonCrypto's older ciphers by programs for Darwin, beside the `openssl` command: as the other
# side of a connection on loopback, as the one who checks what was signed, encrypted, derived. GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs

for name in tls keys keychains ciphers cms; do
	compile $programs/$name.c "$work/$name.o" -fblocks -Wno-multichar -Wno-four-char-constants &&
		link "$work/$name" "$work/$name.o" -lCoreFoundation -lSecurity || cannot_build
done
export HOME=$work/home
mkdir "$HOME"
cd "$work" || exit 1

issue() { # issue NAME SUBJECT_ALT_NAME: a key, a certificate of our root for it, both as PKCS #12
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
	openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile <(echo "subjectAltName=$2") -out "$1.pem"
	openssl pkcs12 -export -inkey "$1.key" -in "$1.pem" -certfile ca.pem -passout pass:secret -out "$1.p12"
}
{
	openssl ecparam -name prime256v1 -genkey -noout -out ca.key
	openssl req -x509 -key ca.key -out ca.pem -days 30 -subj /CN=Root
	openssl x509 -in ca.pem -outform DER -out ca.der
	issue host DNS:host.example,IP:127.0.0.1
	issue someone email:someone@example.org
} 2>/dev/null
head -c 300000 "$root/build/release/gila-darwin" >data
head -c 60001 data >part
sum() { python3 -c 'import sys
sum = 0
for byte in open(sys.argv[1], "rb").read(): sum = sum * 31 + byte & 0xffffffff
print(f"{sum:08x}")' "$1"; }

# ---- SecureTransport as a client ----------------------------------------------------------------------------------------
helpers=()
trap 'kill "${helpers[@]}" 2>/dev/null; rm -rf "$work"' EXIT
server() { # server ARGUMENT...: an openssl server of host's certificate; its port is $port
	local log=server.${#helpers[@]}
	openssl s_server -accept 127.0.0.1:0 -key host.key -cert host.pem "$@" >"$log" 2>&1 &
	helpers+=($!)
	for ((i = 0; i < 200; i++)); do
		port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$log" 2>/dev/null)
		[ -n "$port" ] && return
		sleep 0.05
	done
}
client() { # client NAME STATUS TEXT WORD...
	runs "$1" "$2" "$3" "$work/tls" client "$port" "${@:4}"
}

# Files are named by their paths; the output stays in $got.
runs() {
	local name=$1 status=$2 text=$3
	shift 3
	got=$(timeout -k 1 60 "$gila" run "$@" 2>&1 </dev/null)
	local result=$?
	check "$name: status $result (wanted $status), output: $got" eval '[ "$result" = "$status" ] && [[ "$got" == *"$text"* ]]'
}

received="received 300000 $(sum data), end -9805
tls is fine"
server -HTTP -alpn http/1.1,h2
client "a good certificate, ALPN" 0 "trusted host, 2 certificates
version 8, cipher 0, certificate 0
protocol http/1.1
$received" name=host.example anchor=ca.der alpn=h2,http/1.1 get
client "a name that does not match" 3 "not trusted -67602" name=other.example anchor=ca.der get
client "an address as the name, a socket that does not block" 0 "$received" name=127.0.0.1 anchor=ca.der get slow
client "a root of nobody" 2 "handshake -9807, state 4" name=host.example get
client "one cipher" 0 "version 8, cipher c02c" name=host.example anchor=ca.der cipher=0xc02c get
runs "a root of the system's store" 0 "$received" --env SSL_CERT_FILE="$work/ca.pem" "$work/tls" client "$port" name=host.example get
runs "another name, with the system's store" 2 "handshake -9807" --env SSL_CERT_FILE="$work/ca.pem" "$work/tls" client "$port" name=other.example get
server -HTTP -cipher 'ALL:@SECLEVEL=0'
client "TLS 1.0" 0 "version 4" name=host.example anchor=ca.der max=4 get
client "TLS 1.1 at least" 0 "version 7" name=host.example anchor=ca.der min=7 max=7 get
server -HTTP -tls1_3
client "a server of TLS 1.3 alone" 2 "handshake -9836" name=host.example anchor=ca.der get
server -HTTP -Verify 1 -CAfile ca.pem -verify_return_error
client "a certificate of one's own" 0 "version 8, cipher 0, certificate 2" name=host.example anchor=ca.der identity=someone.p12 get
client "one that is asked for" 0 "a certificate is wanted
version 8, cipher 0, certificate 2" name=host.example anchor=ca.der identity=someone.p12 ask get
client "none" 2 "handshake -98" name=host.example anchor=ca.der get

# Who goes away, or speaks something else: at once, in the middle of a record, in another protocol.
cat >gone.py <<'END'
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
for answer in (b"", b"\x16\x03\x03\x01\x00half", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28"):
    connection = listener.accept()[0]
    connection.recv(4096)
    connection.sendall(answer)
    connection.close()
END
coproc gone { python3 gone.py; }
read -r port <&"${gone[0]}"
client "a server that goes" 2 "handshake -9806, state 4" name=host.example
client "one that goes in the middle" 2 "handshake -9806, state 4" name=host.example slow
client "one that speaks HTTP" 2 "handshake -9800, state 4" name=host.example
client "one that sends an alert" 2 "handshake -9824, state 4" name=host.example

# ---- and as a server ----------------------------------------------------------------------------------------------------
serve() { # serve WORD...: tls as a server; its port is $port
	rm -f served
	timeout -k 1 60 "$gila" run "$work/tls" serve 0 "$@" >served 2>&1 &
	serving=$!
	for ((i = 0; i < 200; i++)); do
		port=$(sed -n 's/^port //p' served 2>/dev/null)
		[ -n "$port" ] && return
		sleep 0.05
	done
}
ended() { # ended NAME TEXT: what the server said
	wait "$serving"
	check "$1: $(cat served)" grep -qzF -- "$2" served
}
s_client() { timeout 60 openssl s_client -connect "127.0.0.1:$port" -CAfile ca.pem -verify_return_error -quiet "$@" 2>client.log; }
# hello OPTION...: what comes back for it. It is the end of its input that ends the client, which therefore lasts as long as the answer takes.
hello() {
	: >heard
	(echo hello; for ((i = 0; i < 1000; i++)); do grep -q . heard && break; sleep 0.02; done) | s_client -no_ign_eof "$@" >heard
	cat heard
}

serve identity=host.p12 alpn=h2 echo
check "openssl's client hears an echo" test "$(hello -verify_hostname host.example -alpn http/1.1,h2)" = HELLO
ended "the server's end" $'protocol h2\nend -98'
serve identity=host.p12 auth=1 root=ca.der echo
check "a client's certificate" test "$(hello -cert someone.pem -key someone.key)" = HELLO
ended "it is trusted" $'trusted someone, 2 certificates\nversion 8, cipher 0, certificate 2'
serve identity=host.p12 auth=1 root=ca.der echo
s_client </dev/null
ended "a client that has none" "handshake -9807, state 4"
serve identity=host.p12 auth=2 root=ca.der take=3000000 slow
runs "both sides, a big transfer" 0 "$(printf 'a certificate is wanted\nversion 8, cipher 0, certificate 2\nsent 3000000 ')" "$work/tls" client "$port" \
	name=host.example anchor=ca.der identity=someone.p12 ask slow upload=3000000
check "all of it came" test "$(sed -n 's/^sent [0-9]* //p' <<<"$got")" = "$(sed -n 's/^answer //p' <<<"$got")"
ended "the server of a big transfer" "tls is fine"

# ---- SecKey -------------------------------------------------------------------------------------------------------------
runs "keys by themselves" 0 "keys are fine" "$work/keys"
{
	openssl genrsa -traditional -out rsa.pem 2048
	openssl rsa -in rsa.pem -outform DER -traditional -out rsa.der
	openssl rsa -in rsa.pem -RSAPublicKey_out -outform DER -out rsa.pub
	openssl rsa -in rsa.pem -pubout -out rsa.spki
	openssl pkey -in host.key -pubout -out ec.spki
} 2>/dev/null
python3 - <<'END'
import subprocess, re
def words(name):
    text = subprocess.run(["openssl", "ec", "-in", name, "-noout", "-text"], capture_output=True, text=True).stdout
    part = lambda what: bytes.fromhex("".join(re.search(what + r":\n((?:\s+[0-9a-f:]+\n)+)", text)[1].split()).replace(":", ""))
    return part("pub"), part("priv")[-32:].rjust(32, b"\0")
for name in ("host", "someone"):
    public, private = words(name + ".key")
    open(name + ".point", "wb").write(public)
    open(name + ".ec", "wb").write(public + private)
END
pss="-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"
signs() { # signs NAME ALGORITHM KEY TYPE PUBLIC SPKI OPENSSL-OPTION...
	local name=$1 algorithm=$2 key=$3 type=$4 public=$5 spki=$6
	shift 6
	rm -f signature
	runs "$name" 0 "" "$work/keys" sign "$work/$key" "$type" "$algorithm" "$work/part" "$work/signature"
	check "$name: openssl agrees" test "$(openssl dgst -sha256 "$@" -verify "$spki" -signature signature part)" = "Verified OK"
	openssl dgst -sha256 "$@" -sign "${key/%.*/}.$([ "$type" = rsa ] && echo pem || echo key)" -out signature part
	runs "$name: openssl's is good" 0 good "$work/keys" verify "$work/$public" "$type" "$algorithm" "$work/part" "$work/signature"
	runs "$name: of other data it is not" 0 bad "$work/keys" verify "$work/$public" "$type" "$algorithm" "$work/ca.der" "$work/signature"
}
signs "RSA, PKCS 1" algid:sign:RSA:message-PKCS1v15:SHA256 rsa.der rsa rsa.pub rsa.spki
signs "RSA, PSS" algid:sign:RSA:message-PSS:SHA256:SHA256:32 rsa.der rsa rsa.pub rsa.spki $pss
signs "ECDSA" algid:sign:ECDSA:message-X962:SHA256 host.ec ec host.point ec.spki
decrypts() { # decrypts NAME ALGORITHM OPENSSL-OPTION...
	head -c 100 data >text
	openssl pkeyutl -encrypt -pubin -inkey rsa.spki -in text -out sealed "${@:3}"
	runs "$1" 0 "" "$work/keys" decrypt "$work/rsa.der" rsa "$2" "$work/sealed" "$work/plain"
	check "$1: what openssl encrypted" cmp -s text plain
}
decrypts "RSA, PKCS 1, encrypted" algid:encrypt:RSA:PKCS1
decrypts "RSA, OAEP" algid:encrypt:RSA:OAEP:SHA256 -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
openssl pkey -in someone.key -pubout -out someone.spki
secret=$(openssl pkeyutl -derive -inkey host.key -peerkey someone.spki | od -An -vtx1 | tr -d ' \n')
derived=$(openssl kdf -binary -keylen 50 -kdfopt digest:SHA256 -kdfopt hexkey:"$secret" -kdfopt hexinfo:666f6f X963KDF | od -An -vtx1 | tr -d ' \n')
runs "ECDH and its derivation" 0 "$secret
$derived" "$work/keys" agree "$work/host.ec" "$work/someone.point" 50 foo

# ---- imports: status, SecExternalFormat, SecExternalItemType, how many --------------------------------------------------
imports() { # imports NAME FILE TEXT
	runs "import: $1" 0 "$3" "$work/keys" import "$work/$2" secret
}
cat host.pem ca.pem host.key >all.pem
openssl pkcs8 -topk8 -in rsa.pem -outform DER -passout pass:secret -out rsa.p8
openssl rsa -in rsa.pem -aes128 -traditional -passout pass:secret -out locked.pem 2>/dev/null
openssl pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -inkey host.key -in host.pem -passout pass:secret -out old.p12
openssl pkcs12 -export -inkey host.key -in host.pem -passout pass:other -out other.p12
imports "a certificate" ca.der "status 0, format 9, type 4, items 1"
imports "a certificate as text" ca.pem "status 0, format 9, type 4, items 1"
imports "several" all.pem "status 0, format 10, type 5, items 3"
imports "a key" rsa.der "status 0, format 1, type 1, items 1"
imports "a public key" rsa.pub "status 0, format 1, type 2, items 1"
imports "PKCS 8 with a password" rsa.p8 "status 0, format 5, type 1, items 1"
imports "a key as text with a password" locked.pem "status 0, format 1, type 1, items 1"
imports "PKCS 12" host.p12 "status 0, format 12, type 5, items 2"
imports "PKCS 12 of old ciphers" old.p12 "status 0, format 12, type 5, items 1"
imports "PKCS 12 of another password" other.p12 "status -25257"
imports "something else" data "status -25257"

# ---- messages: encrypted, signers, CMSSignerStatus, what its certificate is -------------------------------------------------
whole="content 60001 $(sum part)"
runs "signing" 0 "" "$work/cms" sign "$work/someone.p12" "$work/part" "$work/signed"
check "openssl reads what is signed" eval 'openssl cms -verify -inform DER -in signed -CAfile ca.pem -purpose any -out back 2>/dev/null && cmp -s back part'
runs "it is read" 0 "encrypted 0, signers 1, status 1, result 0
by someone, lately
$whole" --env SSL_CERT_FILE="$work/ca.pem" "$work/cms" read "$work/signed"
runs "by a signer of nobody" 0 "status 4, result -67843" "$work/cms" read "$work/signed"
runs "a signature apart" 0 "" "$work/cms" sign "$work/someone.p12" "$work/part" "$work/apart" detached
check "openssl reads it with the content" openssl cms -verify -inform DER -in apart -content part -CAfile ca.pem -purpose any -out back -binary 2>/dev/null
runs "so do we" 0 "signers 1, status 1, result 0" --env SSL_CERT_FILE="$work/ca.pem" "$work/cms" read "$work/apart" "$work/part"
runs "of another content" 0 "signers 1, status 3" --env SSL_CERT_FILE="$work/ca.pem" "$work/cms" read "$work/apart" "$work/data"
openssl cms -sign -binary -nodetach -in part -signer someone.pem -inkey someone.key -certfile ca.pem -outform DER -out signed
runs "what openssl signed" 0 "signers 1, status 1, result 0" --env SSL_CERT_FILE="$work/ca.pem" "$work/cms" read "$work/signed"
openssl x509 -in someone.pem -outform DER -out someone.der
runs "encrypting" 0 "" "$work/cms" encrypt "$work/someone.der" "$work/part" "$work/hidden"
check "openssl decrypts" eval 'openssl cms -decrypt -inform DER -in hidden -inkey someone.key -recip someone.pem -out back -binary && cmp -s back part'
openssl cms -encrypt -binary -aes128 -in part -outform DER -out hidden someone.pem
openssl cms -encrypt -binary -aes128 -in signed -outform DER -out both someone.pem
runs "without the key" 0 "no message -25300" "$work/cms" read "$work/hidden"
runs "the key is kept" 0 "" "$work/cms" keep "$work/someone.p12"
runs "what openssl encrypted" 0 "encrypted 1, signers 0, status 0, result 0
$whole" "$work/cms" read "$work/hidden"
runs "signed and encrypted" 0 "encrypted 1, signers 1, status 1, result 0" --env SSL_CERT_FILE="$work/ca.pem" "$work/cms" read "$work/both"
runs "no message" 0 "no message -26275" "$work/cms" read "$work/data"
rm -r "$HOME/.local"

# ---- keychains ----------------------------------------------------------------------------------------------------------
runs "keychains" 0 "keychains are fine" "$work/keychains"
runs "an identity in a keychain" 0 "an identity" "$work/keychains" identity "$work/host.p12"
runs "a keychain with a password" 0 sealed "$work/keychains" sealed "$work/sealed.keychain" word make
runs "it, by another process" 0 sealed "$work/keychains" sealed "$work/sealed.keychain" word read
check "nothing of it is readable" eval '! grep -q "hidden words" sealed.keychain'
writers=()
for i in 1 2 3; do
	timeout 60 "$gila" run "$work/keychains" add 15 "w$i" >"writer.$i" 2>&1 &
	writers+=($!)
done
wait "${writers[@]}"
check "three writers" test "$(cat writer.?)" = $'added 15\nadded 15\nadded 15'
check "nothing of theirs is lost" python3 -c 'import plistlib, sys
items = plistlib.load(open(sys.argv[1], "rb"))["items"]
services = {item["svce"] for item in items if item["class"] == "genp"}
sys.exit(services != {f"w{writer}.{index}" for writer in (1, 2, 3) for index in range(15)})' "$HOME/.local/share/gila/login.keychain"
check "the keychain is the user's alone" test "$(stat -c %a "$HOME/.local/share/gila/login.keychain" "$HOME/.local/share/gila")" = $'600\n700'
runs "a password, later" 0 "0 w2.14" "$work/keychains" get w2.14
echo damaged >"$HOME/.local/share/gila/login.keychain"
runs "a keychain that is damaged" 0 "-26275" "$work/keychains" get w2.14

# ---- ciphers ------------------------------------------------------------------------------------------------------------
runs "known answers of ciphers" 0 "ciphers are fine" "$work/ciphers"
while read -r name algorithm mode size iv; do
	key=$(python3 -c "print(bytes(range($size)).hex())")
	"$gila" run "$work/ciphers" "$algorithm" "$mode" "$size" "$work/part" >mine
	openssl enc -provider legacy -provider default "-$name" -K "$key" ${iv:+-iv "$iv"} -in part -out theirs
	check "$name" cmp -s mine theirs
done <<'END'
des-cbc 1 2 8 6665646362613938
des-cfb 1 3 8 6665646362613938
des-ede3-ofb 2 7 24 6665646362613938
cast5-cbc 3 2 16 6665646362613938
rc4 4 9 16
rc2-cbc 5 2 16 6665646362613938
bf-cbc 6 2 16 6665646362613938
aes-192-cfb8 0 10 24 66656463626139383736353433323130
END
finish
