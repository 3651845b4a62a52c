// SPDX-License-Identifier: MIT
// Users in Darwin's structure.
#ifndef DARWIN_PASSWD_H
#define DARWIN_PASSWD_H

#include "abi.h"

#include <pwd.h>

void passwd_to_darwin(const struct passwd *from, struct darwin_passwd *to);

#endif
