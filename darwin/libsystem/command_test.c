// SPDX-License-Identifier: MIT
// Simple commands: quoting and redirections; what needs a shell is left to one.
#include "command.h"

#include <fcntl.h>
#include <gila/test.h>
#include <string.h>

static struct command command;

TEST(command_words_and_quotes)
{
	CHECK(command_parse(&command, "  exec \"/a b/c\" -x'y z'  \\$w \"q\\\"\\a\" \"\""));
	CHECK_EQ(command.count, 5);
	CHECK(strcmp(command.words[0], "/a b/c") == 0 && strcmp(command.words[1], "-xy z") == 0);
	CHECK(strcmp(command.words[2], "$w") == 0 && strcmp(command.words[3], "q\"\\a") == 0 && command.words[4][0] == '\0');
	CHECK(!command.words[5]);
}

TEST(command_redirections)
{
	CHECK(command_parse(&command, "p <in > 'out file' 2>&1 3>>log"));
	CHECK_EQ(command.count, 1);
	CHECK_EQ(command.redirection_count, 4);
	CHECK(command.redirections[0].file == 0 && strcmp(command.redirections[0].path, "in") == 0 && command.redirections[0].flags == O_RDONLY);
	CHECK(command.redirections[1].file == 1 && strcmp(command.redirections[1].path, "out file") == 0);
	CHECK_EQ(command.redirections[1].flags, O_WRONLY | O_CREAT | O_TRUNC);
	CHECK(command.redirections[2].file == 2 && command.redirections[2].copy == 1);
	CHECK(command.redirections[3].file == 3 && command.redirections[3].flags == (O_WRONLY | O_CREAT | O_APPEND));
}

TEST(command_what_needs_a_shell)
{
	static const char *const texts[] = {"", "a | b", "a; b", "a && b", "a &", "a $x", "a \"$x\"", "a `b`", "a *", "x=1 a", "a ~",
					    "a 'b", "a \"b", "a \\", "a # b", "(a)", "a <<b", "a <>b", "a >|b", "a >&b", "a >", "a\nb", "exec"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK(!command_parse(&command, texts[i]));
	char text[9000];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(!command_parse(&command, text));
}
