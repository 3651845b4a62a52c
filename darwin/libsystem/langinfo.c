// SPDX-License-Identifier: MIT
// nl_langinfo. Facts: Libc's <langinfo.h>: numbers from 0 on in the order below.
#include "locales.h"

#include <langinfo.h>

#include <stdint.h>

static const nl_item items[] = {
	CODESET, D_T_FMT, D_FMT, T_FMT, T_FMT_AMPM, AM_STR, PM_STR, DAY_1, DAY_2, DAY_3, DAY_4, DAY_5, DAY_6, DAY_7, ABDAY_1, ABDAY_2,
	ABDAY_3, ABDAY_4, ABDAY_5, ABDAY_6, ABDAY_7, MON_1, MON_2, MON_3, MON_4, MON_5, MON_6, MON_7, MON_8, MON_9, MON_10, MON_11, MON_12,
	ABMON_1, ABMON_2, ABMON_3, ABMON_4, ABMON_5, ABMON_6, ABMON_7, ABMON_8, ABMON_9, ABMON_10, ABMON_11, ABMON_12, ERA, ERA_D_FMT,
	ERA_D_T_FMT, ERA_T_FMT, ALT_DIGITS, RADIXCHAR, THOUSEP, YESEXPR, NOEXPR, YESSTR, NOSTR, CRNCYSTR};
enum { D_MD_ORDER = 57 };

static char *item_of(struct darwin_locale *locale, int item)
{
	if (item == 0) // Darwin calls it so; the C locale has ASCII
		return (char *)(uintptr_t)(locale_is_utf8(locale) ? "UTF-8" : "US-ASCII");
	if (item == D_MD_ORDER)
		return (char *)(uintptr_t)"md";
	if (item < 0 || item >= (int)(sizeof(items) / sizeof(*items)))
		return (char *)(uintptr_t)"";
	return nl_langinfo(items[item]);
}

// libcharset: the name of the encoding.
const char *darwin_locale_charset(void)
{
	return item_of(locale_current(), 0);
}

char *darwin_nl_langinfo(int item)
{
	return item_of(locale_current(), item);
}

char *darwin_nl_langinfo_l(int item, struct darwin_locale *locale)
{
	locale_t before = locale_enter(locale);
	char *text = item_of(locale_of(locale), item);
	locale_leave(before);
	return text;
}
