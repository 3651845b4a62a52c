// SPDX-License-Identifier: MIT
// The manual docs/gila.1 has every command of the table, with the same usage and help line, in the same order.
#include "cli.h"

#include <ctype.h>
#include <gila/test.h>
#include <stdio.h>
#include <string.h>

static struct text manual;

// Reads the manual, found from this file's path, without its "\-" and "\e" escapes.
static bool manual_read(void)
{
	struct text path = {0};
	const char *slash = strrchr(__FILE__, '/');
	text_append(&path, __FILE__, slash ? (size_t)(slash - __FILE__) + 1 : 0);
	text_add(&path, "../docs/gila.1");
	FILE *file = fopen(path.data, "r");
	text_free(&path);
	if (!file)
		return false;
	for (int c; (c = getc(file)) != EOF;) {
		if (c == '\\' && (c = getc(file)) == 'e')
			c = '\\';
		text_add_byte(&manual, (char)c);
	}
	fclose(file);
	return true;
}

TEST(the_manual_has_every_command)
{
	CHECK(manual_read());
	const char *at = strstr(manual.data, ".SH COMMANDS\n");
	CHECK(at != NULL);
	for (const struct command *command = command_table; command->name; command++) {
		struct text entry = {0};
		text_format(&entry, ".TP\n.B %s%s%s\n%c%s.\n", command->name, *command->usage ? " " : "", command->usage,
			    toupper((unsigned char)command->line[0]), command->line + 1);
		const char *found = strstr(at, entry.data);
		if (!found)
			printf("not in docs/gila.1 as the table has it: gila %s\n", command->name);
		text_free(&entry);
		CHECK(found != NULL);
		at = found + 1;
	}
	text_free(&manual);
}

TEST(every_command_can_be_explained)
{
	for (const struct command *command = command_table; command->name; command++) {
		CHECK(command_find(command->name) == command);
		CHECK(command->line && *command->line && command->run && command->usage);
	}
	CHECK(!command_find("nonesuch"));
}
