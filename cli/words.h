// SPDX-License-Identifier: MIT
// Splits command text into commands and words, as a shell does but with nothing to expand.
//
// Words are separated by blanks, commands by ';' or a line feed; '#' at the start of a word begins a comment that ends with
// the line. '…' is literal. In "…" the pairs \" \\ \n \t stand for one character each, any other backslash is itself.
// Outside quotes a backslash makes the next character literal, and hides a line feed.
// To run a text: for (at = text; (r = words_next(&at, &words, &why)) == 1;) ... words_free(&words). To complete: words_at.
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "text.h"

struct words {
	size_t count;
	char **word; // NUL-terminated strings and a NULL at the end
};

// Reads the next command that has words. 1: it is in `words`, which the caller frees; 0: there is none; -1: the text is
// wrong, *why says how (a constant). *at moves behind the command.
int words_next(const char **at, struct words *words, const char **why);
void words_free(struct words *words);

// The state at the end of a text that may be unfinished: the words before, the last one as far as it goes.
struct words_end {
	struct words before; // of the last command; the caller frees them
	struct text last;    // the unfinished word without its quotes; the caller frees it
	size_t start;	     // where the last word begins in the text
	char quote;	     // the quote that is open: ' or " or 0
	bool comment;	     // the end is in a comment: there is nothing to complete
};
void words_at(const char *text, size_t length, struct words_end *end);

// Appends `word` so that words_next reads it back: as it is, or with quotes.
void words_quote(struct text *out, const char *word);

#endif
