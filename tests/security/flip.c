/*
 * flip A B [A B...]: exchanges each pair of names, over and over, until it is killed. The opponent
 * of everything that looks at a path first and uses it then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	puts("begun");
	fflush(stdout);
	for (;;)
		for (int i = 1; i + 1 < argc; i += 2)
			if (renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) <
				0) {
				perror(argv[i]);
				return 1;
			}
}
