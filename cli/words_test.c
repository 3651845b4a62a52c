// SPDX-License-Identifier: MIT
#include "words.h"

#include <gila/test.h>
#include <string.h>

// Renders the commands of a text as "[a|b][c]", or "!why".
static const char *split(const char *text)
{
	static struct text out;
	text_clear(&out);
	text_add(&out, "");
	struct words words;
	const char *why = NULL;
	int more;
	while ((more = words_next(&text, &words, &why)) == 1) {
		for (size_t i = 0; i < words.count; i++) {
			text_add(&out, i ? "|" : "[");
			text_add(&out, words.word[i]);
		}
		text_add(&out, "]");
		words_free(&words);
	}
	if (more < 0)
		text_format(&out, "!%s", why);
	return text_string(&out);
}

static bool splits(const char *text, const char *expected) { return strcmp(split(text), expected) == 0; }

TEST(words_are_separated_by_blanks)
{
	CHECK(splits("", ""));
	CHECK(splits("  \t ", ""));
	CHECK(splits("ls", "[ls]"));
	CHECK(splits("  cp a\tb  ", "[cp|a|b]"));
}

TEST(commands_are_separated)
{
	CHECK(splits("a; b c;d", "[a][b|c][d]"));
	CHECK(splits(";;a;\n;b\n", "[a][b]"));
}

TEST(quotes_keep_what_is_in_them)
{
	CHECK(splits("write '/a b' \"c;d # e\"", "[write|/a b|c;d # e]"));
	CHECK(splits("a''b '' \"\"", "[ab||]"));
	CHECK(splits("'a\"b' \"a'b\"", "[a\"b|a'b]"));
	CHECK(splits("\"a\\n\\t\\\"\\\\\\q\"", "[a\n\t\"\\\\q]"));
	CHECK(splits("'a\\nb'", "[a\\nb]"));
}

TEST(a_backslash_makes_the_next_character_literal)
{
	CHECK(splits("a\\ b \\;c \\#d e\\\\f", "[a b|;c|#d|e\\f]"));
	CHECK(splits("a\\\nb \\\n c", "[ab|c]"));
}

TEST(comments_end_with_the_line)
{
	CHECK(splits("# nothing; here\nls # this\ncat a#b", "[ls][cat|a#b]"));
}

TEST(unclosed_quotes_are_refused)
{
	CHECK(splits("a; cat 'x", "[a]!a ' is not closed"));
	CHECK(splits("cat \"x", "!a \" is not closed"));
	CHECK(splits("cat x\\", "!nothing follows the backslash at the end"));
}

// "before|words:last@start quote"
static bool ends(const char *text, const char *expected)
{
	struct words_end end;
	struct text out = {0};
	words_at(text, strlen(text), &end);
	for (size_t i = 0; i < end.before.count; i++)
		text_format(&out, "%s%s", i ? "|" : "", end.before.word[i]);
	text_format(&out, ":%s@%zu", text_string(&end.last), end.start);
	if (end.quote)
		text_add_byte(&out, end.quote);
	if (end.comment)
		text_add_byte(&out, '#');
	bool same = strcmp(text_string(&out), expected) == 0;
	words_free(&end.before);
	text_free(&end.last);
	text_free(&out);
	return same;
}

TEST(an_unfinished_text_shows_its_last_word)
{
	CHECK(ends("", ":@0"));
	CHECK(ends("l", ":l@0"));
	CHECK(ends("ls ", "ls:@3"));
	CHECK(ends("ls /bo", "ls:/bo@3"));
	CHECK(ends("a; ls /bo", "ls:/bo@6"));
	CHECK(ends("a;", ":@2"));
	CHECK(ends("cat '/a b", "cat:/a b@4'"));
	CHECK(ends("cat \"/a b", "cat:/a b@4\""));
	CHECK(ends("cat /a\\ b", "cat:/a b@4"));
	CHECK(ends("cat # x", "cat:@7#"));
}

TEST(quoted_words_read_back)
{
	static const char *const samples[] = {"", "plain", "two words", "it's", "\"", "a;b", "#x", "\\", "line\nfeed", "ü"};
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text out = {0};
		words_quote(&out, samples[i]);
		const char *at = text_string(&out), *why;
		struct words words;
		CHECK_EQ(words_next(&at, &words, &why), 1);
		CHECK_EQ(words.count, 1);
		CHECK(strcmp(words.word[0], samples[i]) == 0);
		words_free(&words);
		text_free(&out);
	}
}
