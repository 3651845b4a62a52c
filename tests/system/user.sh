#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing needs root: everything once more as another user, who owns nothing. Also: users are kept apart.
. "$(dirname "$0")/lib.sh"
begin
if [ "$(id -u)" != 0 ]; then
	# Already another user: that the other scripts pass is the proof.
	check "without root" "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec 'seats; write /tmp/a b; cat /tmp/a'
	says "without root" '^b$'
	finish
fi
# Somebody without a name, other than in a run beside this one: the default socket is in a folder named after the user.
user=$((10000 + $$ % 50000)) group=$((10000 + $$ % 50000))
as=(setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all)
chmod 711 "$work"
mkdir "$work/bin" "$work/home"
cp "$GILA" "$SHIPPED_IMAGE" "$TEST_IMAGE" "$PROGRAMS/hammer" "$PROGRAMS/probe_call" "$PROGRAMS/accounts" "$PROGRAMS/clientkill" "$PROGRAMS/victim" "$work/bin/"
chmod -R a+rX "$work/bin"
chown "$user" "$work/home"
GILA=$work/bin/gila PROGRAMS=$work/bin IMAGE=$work/bin/test.tar.lzma
export GILA_SOCKET=$work/home/s/session HOME=$work/home
check "the exec line as somebody" "${as[@]}" "$GILA" boot --image "$work/bin/gila.tar.lzma" --socket "$GILA_SOCKET" --exec 'seats; write /tmp/a hello; cat /tmp/a; restart fs/tmp; seats'
says "the exec line as somebody" '^hello$'
unset XDG_RUNTIME_DIR
check "the default socket" "${as[@]}" "$GILA" boot --image "$work/bin/gila.tar.lzma" --exec 'seats'
rm -rf "/tmp/gila-$user"
touch "$work/log"
chown "$user" "$work/log"
AS=("${as[@]}")
boot || finish
equal "the kernel is that user's" "$(stat -c %u "/proc/$kernel")" "$user"
check "the session's directory is the user's alone" test "$(stat -c %a "$(dirname "$GILA_SOCKET")")" = 700
check "a client as somebody" "${as[@]}" "$GILA" seats
check "50 kills as somebody" "${as[@]}" "$PROGRAMS/hammer" probe/serve 50 4
check "clients killed as somebody" "${as[@]}" "$PROGRAMS/clientkill" "$PROGRAMS/victim" 2 mapping in-transit forking cloning executing
# Root may open any file, but is another user than the one whose kernel this is.
refused "another user is not let in" 'gila:' "$GILA" seats
"${as[@]}" "$GILA" shutdown
await_end
equal "shutdown as somebody" "$status" 0
finish
