// SPDX-License-Identifier: MIT
// Running a program: Mach-O files by this loader, all others by Linux.
#ifndef DARWIN_EXEC_H
#define DARWIN_EXEC_H

// What Linux is to execute. Free with exec_plan_free.
struct exec_plan {
	const char *path;
	char **words;			      // may be the caller's
	char **made;			      // to be freed, or NULL
	char interpreter[512], argument[512]; // of a script
};

// The program itself (a Mach-O file), or the interpreter of a script that begins with #!, if that is one, is run by the loader; so is
// the program of a simple command that a shell is to run (sh -c).
// False: there is no memory.
bool exec_plan_make(struct exec_plan *plan, const char *path, char *const words[]);
void exec_plan_free(struct exec_plan *plan);

// Finds a command as execvp does, in PATH. Returns an errno of Darwin's.
int exec_search(const char *name, char *path /* PATH_MAX */);
// "sh PATH ARGUMENT...": for a file that is no program. To be freed; the words are the caller's. NULL: no memory.
char **exec_shell_words(const char *path, char *const words[]);

// Options of the loader that programs which are run get, too ("--trace"), or NULL. Set once.
extern const char *exec_option;

#endif
