#include "base/fd.h"
#include "base/json_write.h"
#include "base/num.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

struct ps_args {
	const char *format;
};

static struct err *print_json(const struct int_list *pids)
{
	cleanup(buf_done) struct buf out = {};
	struct json_writer w = { .out = &out, .style = JSON_COMPACT };
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < pids->n; i++)
		json_int(&w, NULL, pids->items[i]);
	json_close(&w, ']');
	buf_add(&out, "\n");
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

/* Starts ps(1) with its output in *@output. */
static struct err *spawn_ps(char *const *argv, struct fd *output, pid_t *pid)
{
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	cleanup(fd_close) struct fd in = fd_own(ends[1]);
	*output = fd_own(ends[0]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	int r = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r ? err_hint(err_sys(r, "run ps"), "it comes with the package procps; --format json "
						  "does without it")
	         : NULL;
}

static struct err *read_all(int fd, struct buf *out)
{
	for (;;) {
		char *room = buf_room(out, 4096);
		ssize_t n = read(fd, room, 4096);
		if (n < 0 && errno != EINTR)
			return err_sys(errno, "read what ps prints");
		if (n == 0)
			return NULL;
		buf_grown(out, n > 0 ? (size_t)n : 0);
	}
}

static struct err *run_ps(char *const *argv, struct buf *out)
{
	cleanup(fd_close) struct fd output = {};
	pid_t pid;
	int status = 0;
	struct err *e = spawn_ps(argv, &output, &pid);
	if (e)
		return e;
	e = read_all(fd_num(output), out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!e && status)
		e = err_new(ERR_USAGE, "ps did not accept its arguments");
	return e;
}

/* Cuts the next column, however many blanks are before it. */
static struct str cut_column(struct str *line)
{
	while (line->n && *line->p == ' ')
		*line = (struct str){ line->p + 1, line->n - 1 };
	return str_cut(line, ' ');
}

static int column_of_pid(struct str header)
{
	for (int i = 0; header.n; i++)
		if (str_eq(cut_column(&header), STR("PID")))
			return i;
	return -1;
}

static bool is_listed(struct str line, int column, const struct int_list *pids)
{
	struct str cell = STR("");
	for (int i = 0; i <= column; i++)
		cell = cut_column(&line);
	int64_t pid = 0;
	cleanup(err_free) struct err *odd = num_parse(cell, &pid);
	for (size_t i = 0; !odd && i < pids->n; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

static struct err *print_table(const struct int_list *pids, char *const *args, struct arena *a)
{
	size_t n = 0;
	while (args[n])
		n++;
	char **argv = anew(a, char *, n + 3);
	argv[0] = arena_str(a, STR("ps"));
	argv[1] = arena_str(a, STR("-ef"));
	memcpy(argv + 1, args, n * sizeof(*argv));

	cleanup(buf_done) struct buf text = {}, out = {};
	struct err *e = run_ps(argv, &text);
	struct str rest = { buf_text(&text), text.n };
	struct str header = str_cut(&rest, '\n');
	int column = column_of_pid(header);
	if (!e && column < 0)
		e = err_hint(err_new(ERR_USAGE, "ps printed no column PID"),
			"its arguments must ask for one, such as: -o pid,comm");
	if (e)
		return e;
	buf_add(&out, STR_FMT "\n", STR_ARG(header));
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		if (is_listed(line, column, pids))
			buf_add(&out, STR_FMT "\n", STR_ARG(line));
	}
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static struct err *ps(struct cmd_call *call)
{
	const struct ps_args *args = call->args;
	cleanup(chosen_close) struct chosen c = {};
	struct int_list pids = {};
	struct err *e = chosen_open(call, false, &c);
	if (!e)
		e = container_pids(&c.container, call->arena, &pids);
	if (e)
		return e;
	if (strcmp(args->format, "json") == 0)
		return print_json(&pids);
	return print_table(&pids, call->operands + 1, call->arena);
}

static const struct opt options[] = {
	{ "format", 'f', OPT_TEXT, offsetof(struct ps_args, format), "format", "form of the list",
		.preset = "table", .words = "table json" },
};

const struct cmd cmd_ps = {
	.name = "ps",
	.operands = "container [arguments of ps...]",
	.summary = "List the processes in a container",
	.about = "The table is that of ps(1) on the host, by default of ps -ef, with the "
		 "container's\n"
		 "processes alone. With --format json it is a list of process ids.",
	OPTS(struct ps_args, options),
	.min = 1,
	.max = CMD_ANY,
	.options_first = true,
	.run = ps,
	.complete = "list --quiet",
};
