// SPDX-License-Identifier: MIT
// Any text: what is read must read back the same when it is quoted, and completion must agree with running.
#include "words.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static void check_quoting(const struct words *words)
{
	struct text out = {0};
	for (size_t i = 0; i < words->count; i++) {
		words_quote(&out, words->word[i]);
		text_add_byte(&out, ' ');
	}
	struct words again;
	const char *at = text_string(&out), *why;
	if (words_next(&at, &again, &why) != 1 || again.count != words->count)
		abort();
	for (size_t i = 0; i < again.count; i++)
		if (strcmp(again.word[i], words->word[i]) != 0)
			abort();
	words_free(&again);
	text_free(&out);
}

static int fuzz_words(const uint8_t *data, size_t size)
{
	struct text text = {0};
	text_append(&text, data, size);
	struct words_end end;
	words_at(text.data, text.length, &end);
	if (end.start > text.length)
		abort();
	words_free(&end.before);
	text_free(&end.last);
	const char *at = text.data, *why = NULL;
	struct words words;
	int more;
	while ((more = words_next(&at, &words, &why)) == 1) {
		check_quoting(&words);
		words_free(&words);
	}
	if (more < 0 && !why)
		abort();
	text_free(&text);
	return 0;
}

FUZZ_TARGET(fuzz_words)
