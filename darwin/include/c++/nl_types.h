// SPDX-License-Identifier: MIT
// What libc++'s headers need: messages.
#ifndef DARWIN_INCLUDE_CXX_NL_TYPES_H
#define DARWIN_INCLUDE_CXX_NL_TYPES_H

#ifdef __cplusplus
extern "C" {
#endif
typedef struct __nl_cat_d *nl_catd;
#define NL_CAT_LOCALE 1
nl_catd catopen(const char *, int);
char *catgets(nl_catd, int, int, const char *);
int catclose(nl_catd);
#ifdef __cplusplus
}
#endif

#endif
