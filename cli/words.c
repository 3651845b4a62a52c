// SPDX-License-Identifier: MIT
// Words of command text; see words.h. One scanner serves running (words_next) and completion (words_at).
#include "words.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	const char *at, *end;
	struct words words;
	struct text word;
	const char *start; // of the word
	char quote;	   // the open one, at the end
	bool in_word;	   // at the end of the text, a word goes on
	bool comment;
	const char *why;
};

static void words_push(struct words *words, const char *word, size_t length)
{
	words->word = memory_resize(words->word, (words->count + 2) * sizeof(*words->word));
	words->word[words->count++] = memory_string(word, length);
	words->word[words->count] = NULL;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
	free(words->word);
	*words = (struct words){0};
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool is_end(char c) { return c == ';' || c == '\n'; }

// What the pair "\c" stands for within double quotes; 0: itself.
static char pair_in_quotes(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return c;
	default:
		return 0;
	}
}

static void scan_double(struct scan *scan)
{
	while (scan->at < scan->end) {
		char c = *scan->at++, pair;
		if (c == '"') {
			scan->quote = 0;
			return;
		}
		if (c == '\\' && scan->at < scan->end && (pair = pair_in_quotes(*scan->at))) {
			scan->at++;
			c = pair;
		}
		text_add_byte(&scan->word, c);
	}
	scan->why = "a \" is not closed";
}

static void scan_single(struct scan *scan)
{
	const char *close = memchr(scan->at, '\'', (size_t)(scan->end - scan->at));
	text_append(&scan->word, scan->at, (size_t)((close ? close : scan->end) - scan->at));
	scan->at = close ? close + 1 : scan->end;
	if (close)
		scan->quote = 0;
	else
		scan->why = "a ' is not closed";
}

static void scan_backslash(struct scan *scan)
{
	if (scan->at == scan->end) {
		scan->why = "nothing follows the backslash at the end";
		return;
	}
	char c = *scan->at++;
	if (c != '\n')
		text_add_byte(&scan->word, c);
}

// Reads one word from a place where one begins; stops behind it, or at the end of the text with in_word set.
static void scan_word(struct scan *scan)
{
	scan->start = scan->at;
	scan->in_word = true;
	text_clear(&scan->word);
	while (scan->at < scan->end && !scan->why) {
		char c = *scan->at;
		if (is_blank(c) || is_end(c)) {
			scan->in_word = false;
			return;
		}
		scan->at++;
		if (c == '\'' || c == '"') {
			scan->quote = c;
			c == '"' ? scan_double(scan) : scan_single(scan);
		} else if (c == '\\') {
			scan_backslash(scan);
		} else {
			text_add_byte(&scan->word, c);
		}
	}
}

// Reads the words of one command; stops behind its ';' or line feed. The last word is not pushed when the text ends in it.
static void scan_command(struct scan *scan)
{
	while (scan->at < scan->end && !scan->why) {
		char c = *scan->at;
		if (is_blank(c)) {
			scan->at++;
		} else if (is_end(c)) {
			scan->at++;
			return;
		} else if (c == '#') {
			const char *line = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
			scan->comment = !line;
			scan->at = line ? line : scan->end;
		} else if (c == '\\' && scan->end - scan->at > 1 && scan->at[1] == '\n') {
			scan->at += 2;
		} else {
			scan_word(scan);
			if (!scan->in_word)
				words_push(&scan->words, text_string(&scan->word), scan->word.length);
		}
	}
}

int words_next(const char **at, struct words *words, const char **why)
{
	*words = (struct words){0};
	const char *end = *at + strlen(*at);
	while (*at < end) {
		struct scan scan = {.at = *at, .end = end};
		scan_command(&scan);
		if (scan.in_word && !scan.why)
			words_push(&scan.words, text_string(&scan.word), scan.word.length);
		text_free(&scan.word);
		*at = scan.at;
		if (scan.why) {
			words_free(&scan.words);
			*why = scan.why;
			return -1;
		}
		if (scan.words.count > 0) {
			*words = scan.words;
			return 1;
		}
	}
	return 0;
}

void words_at(const char *text, size_t length, struct words_end *end)
{
	struct scan scan = {.at = text, .end = text + length};
	do {
		words_free(&scan.words);
		scan_command(&scan);
		// A ';' or line feed was the last byte: an empty command follows.
		if (scan.at == scan.end && !scan.in_word && length > 0 && is_end(text[length - 1]) && !scan.comment)
			words_free(&scan.words);
	} while (scan.at < scan.end);
	if (!scan.in_word)
		text_clear(&scan.word);
	*end = (struct words_end){
		.before = scan.words,
		.last = scan.word,
		.start = scan.in_word ? (size_t)(scan.start - text) : length,
		.quote = scan.quote,
		.comment = scan.comment,
	};
}

void words_quote(struct text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=:@%^,./~!?*[]{}()<>|&$`";
	if (*word && strspn(word, plain) == strlen(word)) {
		text_add(out, word);
		return;
	}
	text_add_byte(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			text_add(out, "'\\''");
		else
			text_add_byte(out, *word);
	text_add_byte(out, '\'');
}
