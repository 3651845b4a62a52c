#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages listed in the file given, as far as they are missing: itself when it is root or may use
# sudo without a password, else it says the one command to run.
set -eu
list=$1
missing=
for name in $(sed -e 's/#.*//' -e 's/[[:space:]].*//' "$list"); do
	dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
command="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
	as=
elif sudo -n true 2>/dev/null; then
	as="sudo -n"
else
	echo "These Debian packages are missing:$missing" >&2
	echo "Install them as root:  $command" >&2
	exit 1
fi
echo "Installing Debian packages:$missing"
$as env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
