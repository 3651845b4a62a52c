// SPDX-License-Identifier: MIT
// Names of time zones in a language, by ICU. Facts: CFTimeZone.h; ICU's ucal.h (UCalendarDisplayNameType), its patterns v and vvvv.
#include "icu.h"

#include <stdlib.h>

enum { NAME_GENERIC = 4, NAME_SHORT_GENERIC = 5 }; // CFTimeZoneNameStyle; those below are ICU's, too

const void *darwin_CFTimeZoneGetName(const void *zone);

static struct string *generic_name(const struct icu *icu, const uint16_t *zone, int32_t count, const char *locale,
				   bool is_short)
{
	enum { STYLE_PATTERN = -2 }; // UDAT_PATTERN
	static const uint16_t pattern[] = {'v', 'v', 'v', 'v'};
	int error = 0;
	void *format = icu->udat_open(STYLE_PATTERN, STYLE_PATTERN, locale, zone, count, pattern, is_short ? 1 : 4, &error);
	struct string *name =
		error > 0 ? NULL : ICU_STRING(icu->udat_format(format, 978307200000.0, to, room, NULL, &status));
	if (format)
		icu->udat_close(format);
	return name;
}

struct string *darwin_CFTimeZoneCopyLocalizedName(const void *zone, int64_t style, const struct locale *locale)
{
	const struct icu *icu = icu_find();
	int error = 0;
	int32_t count;
	if (!icu || style < 0 || style > NAME_SHORT_GENERIC)
		return NULL;
	uint16_t *units = string_units(darwin_CFTimeZoneGetName(zone), &count);
	char *in = locale_icu_name(locale);
	struct string *name = NULL;
	if (style >= NAME_GENERIC) {
		name = generic_name(icu, units, count, in, style == NAME_SHORT_GENERIC);
	} else {
		void *calendar = icu->ucal_open(units, count, in, 0, &error);
		if (error <= 0 && calendar)
			name = ICU_STRING(icu->ucal_getTimeZoneDisplayName(calendar, (int)style, in, to, room, &status));
		if (calendar)
			icu->ucal_close(calendar);
	}
	free(units);
	free(in);
	return name;
}
