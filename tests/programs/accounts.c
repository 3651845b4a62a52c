// SPDX-License-Identifier: MIT
// accounts FILE            writes the kernel's counts to FILE
// accounts FILE SECONDS    waits until they are as in FILE; tells what differs, and exits with 1, when they do not become so
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct client_accounts accounts;
	client_limit(120);
	FILE *file = argc >= 2 ? fopen(argv[1], argc == 2 ? "w" : "r") : NULL;
	if (!file) {
		fprintf(stderr, "usage: accounts FILE [SECONDS]\n");
		return 2;
	}
	if (argc == 2) {
		client_accounts_read(&accounts);
		fwrite(&accounts, sizeof(accounts), 1, file);
	} else if (fread(&accounts, sizeof(accounts), 1, file) == 1) {
		client_accounts_await(&accounts, (unsigned)atoi(argv[2]));
	} else {
		client_fail("%s holds no accounts", argv[1]);
	}
	return fclose(file) ? 2 : client_status();
}
