// SPDX-License-Identifier: MIT
// setlocale, newlocale and their kin; see locales.h. Facts: Libc's <_locale.h>, <xlocale/_xlocale.h>; setlocale(3), newlocale(3).
//
// 1. Locales are those of macOS, by name, in UTF-8. Behind each is Debian's locale of that name if it is installed, else C.UTF-8.
// 2. A locale never changes after it was made, the global one by setlocale alone: programs do that while they have one thread.
#include "locales.h"

#include "errno.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLOBAL ((struct darwin_locale *)-1)

static struct darwin_locale c_locale = {.names = {"", "C", "C", "C", "C", "C", "C"}};
static struct darwin_locale global_locale = {.names = {"", "C", "C", "C", "C", "C", "C"}};
int darwin_mb_cur_max_value = 1; // __mb_cur_max: of the global locale
static __thread struct darwin_locale *own_locale; // [o] NULL: the global one

static const int host_categories[] = {LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME, LC_MESSAGES};
static const char *const variables[] = {"LC_ALL",     "LC_COLLATE", "LC_CTYPE",	  "LC_MONETARY",
					"LC_NUMERIC", "LC_TIME",    "LC_MESSAGES"};
// The languages and countries of macOS' /usr/share/locale.
static const char known[] = " af_ZA am_ET be_BY bg_BG ca_ES cs_CZ da_DK de_AT de_CH de_DE el_GR en_AU en_CA en_GB en_IE en_NZ en_US "
			    "es_ES et_EE eu_ES fi_FI fr_BE fr_CA fr_CH fr_FR he_IL hi_IN hr_HR hu_HU hy_AM is_IS it_CH it_IT ja_JP "
			    "kk_KZ ko_KR lt_LT nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI sr_YU sv_SE tr_TR uk_UA "
			    "zh_CN zh_HK zh_TW ";

static bool name_is_c(const char *name)
{
	return strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;
}

static bool name_exists(const char *name)
{
	char place[8];
	if (name_is_c(name) || strcmp(name, "UTF-8") == 0 || strcmp(name, "C.UTF-8") == 0)
		return true;
	if (strlen(name) < 5 || (name[5] && strcmp(name + 5, ".UTF-8") != 0))
		return false;
	snprintf(place, sizeof(place), " %.5s ", name);
	return strstr(known, place) != NULL;
}

// The name that the environment gives a category: setlocale(3).
static const char *name_of_environment(int category)
{
	const char *const sources[] = {"LC_ALL", variables[category], "LANG"};
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		const char *value = getenv(sources[i]);
		if (value && *value)
			return value;
	}
	return "C";
}

// What a locale string asks for a category: "" the environment, A/B/C/D/E/F one for each, else the same for all.
static bool name_for(const char *asked, int category, char to[24])
{
	const char *part = asked;
	size_t length = strcspn(asked, "/");
	if (asked[length] == '/') {
		for (int i = LOCALE_COLLATE; i < category; i++) {
			part += strcspn(part, "/");
			if (*part++ == '\0')
				return false;
		}
		length = strcspn(part, "/");
	} else if (!*asked) {
		part = name_of_environment(category);
		length = strlen(part);
	}
	if (length >= 24)
		return false;
	memcpy(to, part, length);
	to[length] = '\0';
	return name_exists(to);
}

static locale_t host_locale(int category, const char *name, locale_t base)
{
	int mask = 1 << host_categories[category];
	locale_t made = newlocale(mask, name_is_c(name) ? "C" : name, base);
	return made ? made : newlocale(mask, "C.UTF-8", base);
}

bool locale_is_utf8(const struct darwin_locale *locale)
{
	return !name_is_c(locale->names[LOCALE_CTYPE]);
}

struct darwin_locale *locale_current(void)
{
	return own_locale ? own_locale : &global_locale;
}

struct darwin_locale *locale_of(struct darwin_locale *locale)
{
	return locale == GLOBAL ? &global_locale : locale ? locale : &c_locale;
}

locale_t locale_enter(struct darwin_locale *locale)
{
	locale = locale_of(locale);
	if (locale == &c_locale && !c_locale.host)
		c_locale.host = newlocale(LC_ALL_MASK, "C", NULL);
	return uselocale(locale == &global_locale ? LC_GLOBAL_LOCALE : locale->host);
}

void locale_leave(locale_t before)
{
	uselocale(before);
}

// ---- the global one -------------------------------------------------------------------------------------------------

static char *setlocale_answer(int category)
{
	static char all[LOCALE_CATEGORIES * 24];
	char *end = all;
	bool same = true;
	if (category != LOCALE_ALL)
		return global_locale.names[category];
	for (int i = LOCALE_COLLATE; i < LOCALE_CATEGORIES; i++) {
		same = same && strcmp(global_locale.names[i], global_locale.names[LOCALE_COLLATE]) == 0;
		end += sprintf(end, "%s%s", i > LOCALE_COLLATE ? "/" : "", global_locale.names[i]);
	}
	return same ? global_locale.names[LOCALE_COLLATE] : all;
}

char *darwin_setlocale(int category, const char *asked)
{
	char names[LOCALE_CATEGORIES][24];
	if (category < 0 || category >= LOCALE_CATEGORIES)
		return errno_set(DARWIN_EINVAL), NULL;
	if (!asked)
		return setlocale_answer(category);
	int first = category ? category : LOCALE_COLLATE, last = category ? category : LOCALE_MESSAGES;
	for (int i = first; i <= last; i++)
		if (!name_for(asked, i, names[i]))
			return errno_set(DARWIN_ENOENT), NULL;
	for (int i = first; i <= last; i++) {
		memcpy(global_locale.names[i], names[i], sizeof(names[i]));
		const char *name = name_is_c(names[i]) ? "C" : names[i];
		if (!setlocale(host_categories[i], name))
			setlocale(host_categories[i], "C.UTF-8");
	}
	darwin_mb_cur_max_value = locale_is_utf8(&global_locale) ? 4 : 1;
	return setlocale_answer(category);
}

// ---- others ---------------------------------------------------------------------------------------------------------

// Masks are bits in the order COLLATE, CTYPE, MESSAGES, MONETARY, NUMERIC, TIME.
static const uint8_t mask_order[] = {LOCALE_COLLATE,  LOCALE_CTYPE,   LOCALE_MESSAGES,
				     LOCALE_MONETARY, LOCALE_NUMERIC, LOCALE_TIME};

struct darwin_locale *darwin_newlocale(int mask, const char *asked, struct darwin_locale *base)
{
	struct darwin_locale *made = calloc(1, sizeof(*made));
	if (!made)
		return errno_set(DARWIN_ENOMEM), NULL;
	memcpy(made->names, locale_of(base)->names, sizeof(made->names));
	for (size_t i = 0; i < sizeof(mask_order); i++)
		if ((mask >> i & 1) && !name_for(asked ? asked : "C", mask_order[i], made->names[mask_order[i]])) {
			free(made);
			return errno_set(DARWIN_ENOENT), NULL;
		}
	for (int i = LOCALE_COLLATE; i < LOCALE_CATEGORIES; i++)
		made->host = host_locale(i, made->names[i], made->host);
	if (base && base != GLOBAL) { // it is used up: newlocale(3)
		freelocale(base->host);
		free(base);
	}
	return made;
}

struct darwin_locale *darwin_duplocale(struct darwin_locale *from)
{
	struct darwin_locale *made = calloc(1, sizeof(*made));
	if (!made)
		return errno_set(DARWIN_ENOMEM), NULL;
	memcpy(made->names, locale_of(from)->names, sizeof(made->names));
	for (int i = LOCALE_COLLATE; i < LOCALE_CATEGORIES; i++)
		made->host = host_locale(i, made->names[i], made->host);
	return made;
}

int darwin_freelocale(struct darwin_locale *locale)
{
	if (!locale || locale == GLOBAL)
		return errno_set(DARWIN_EINVAL);
	freelocale(locale->host);
	free(locale);
	return 0;
}

struct darwin_locale *darwin_uselocale(struct darwin_locale *new)
{
	struct darwin_locale *before = own_locale;
	if (new) {
		own_locale = new == GLOBAL ? NULL : new;
		locale_enter(new);
	}
	return before ? before : GLOBAL;
}

const char *darwin_querylocale(int mask, struct darwin_locale *locale)
{
	for (size_t i = 0; i < sizeof(mask_order); i++)
		if (mask >> i & 1)
			return locale_of(locale)->names[mask_order[i]];
	return errno_set(DARWIN_EINVAL), NULL;
}

// ---- conventions ----------------------------------------------------------------------------------------------------

struct locale_conventions *locale_conventions(struct darwin_locale *locale)
{
	locale_t before = locale_enter(locale == &c_locale ? NULL : locale == &global_locale ? GLOBAL : locale);
	const struct lconv *from = localeconv();
	locale->conventions = (struct locale_conventions){
		from->decimal_point,	  from->thousands_sep,	    from->grouping,	       from->int_curr_symbol,
		from->currency_symbol,	  from->mon_decimal_point,  from->mon_thousands_sep,   from->mon_grouping,
		from->positive_sign,	  from->negative_sign,	    from->int_frac_digits,     from->frac_digits,
		from->p_cs_precedes,	  from->p_sep_by_space,	    from->n_cs_precedes,       from->n_sep_by_space,
		from->p_sign_posn,	  from->n_sign_posn,	    from->int_p_cs_precedes,   from->int_n_cs_precedes,
		from->int_p_sep_by_space, from->int_n_sep_by_space, from->int_p_sign_posn,     from->int_n_sign_posn};
	locale_leave(before);
	return &locale->conventions;
}

struct locale_conventions *darwin_localeconv(void)
{
	return locale_conventions(locale_current());
}

struct locale_conventions *darwin_localeconv_l(struct darwin_locale *locale)
{
	return locale_conventions(locale_of(locale));
}

int darwin_mb_cur_max_l(struct darwin_locale *locale)
{
	return locale_is_utf8(locale_of(locale)) ? 4 : 1;
}

int darwin_mb_cur_max(void)
{
	return locale_is_utf8(locale_current()) ? 4 : 1;
}
