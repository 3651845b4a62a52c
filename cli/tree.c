// SPDX-License-Identifier: MIT
// Names in a directory; see tree.h.
#include "tree.h"

#include <gila/file.h>
#include <stdlib.h>
#include <string.h>

kern_return_t tree_names(const char *path, struct text *names)
{
	struct gila_list *list = memory_get(sizeof(*list));
	kern_return_t error = gila_list_begin(list, path);
	if (!error) {
		while (!(error = gila_list_next(list)) && !list->done)
			text_append(names, list->name, strlen(list->name) + 1);
		gila_list_end(list);
	}
	free(list);
	return error;
}

void tree_join(struct text *path, const char *from)
{
	size_t end = strlen(from);
	while (end > 0 && from[end - 1] == '/')
		end--;
	size_t begin = end;
	while (begin > 0 && from[begin - 1] != '/')
		begin--;
	if (path->length == 0 || path->data[path->length - 1] != '/')
		text_add_byte(path, '/');
	text_append(path, from + begin, end - begin);
}
