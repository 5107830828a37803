/*
 * refuse NAME[,NAME...] PROGRAM [ARGUMENT...]: executes a program to which these system calls do
 * not exist, as on an older kernel: they answer ENOSYS.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (argc < 3 || !filter)
		return 2;
	for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
		int number = seccomp_syscall_resolve_name(name);
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0) < 0) {
			fprintf(stderr, "refuse: %s\n", name);
			return 2;
		}
	}
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (seccomp_load(filter) < 0)
		return 2;
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
