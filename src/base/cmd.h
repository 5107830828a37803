/*
 * cmd.h - what a command of an onggi program is.
 *
 * One file per command: its argument structure, its option table, its run function, and one
 * exported `const struct cmd`. A program is a command that has sub-commands, and so is a group
 * such as `onggi image`. Parsing, --help, shell completion and the manual page come from the
 * tables; no command parses anything itself, and no option is a global variable.
 *
 *	static const struct opt options[] = {
 *		{ "bundle", 'b', OPT_TEXT, offsetof(struct args, bundle), "dir", "the bundle" },
 *	};
 *	const struct cmd cmd_create = { .name = "create", OPTS(struct args, options), .run = create,
 *		.operands = "container", .min = 1, .max = 1, .summary = "Create a container" };
 *
 * Understood are --name, --name=value, --name value, -n, -n value, -n=value, -nvalue, bundles of
 * flags (-it), flags with a truth value (--detach=false), and "--", behind which everything is an
 * operand. Every command understands --help and -h; every program has the commands `help` and
 * `completion`.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"

/* What an option stores at its offset. */
enum opt_kind {
	OPT_FLAG,       /* bool */
	OPT_TEXT,       /* const char *; NULL if not given */
	OPT_TEXTS,      /* struct text_list: each time it is given adds one */
	OPT_INT,        /* int64_t */
	OPT_SIZE,       /* int64_t, bytes: "512m" */
	OPT_DURATION,   /* int64_t, nanoseconds: "1m30s" */
	OPT_MAYBE_FLAG, /* struct opt_bool */
	OPT_MAYBE_INT,  /* struct opt_int */
	OPT_MAYBE_SIZE, /* struct opt_int, bytes */
	OPT_KINDS,
};

struct opt {
	const char *name; /* without the dashes */
	char letter;      /* or 0 */
	enum opt_kind kind;
	size_t at;           /* offsetof() the member */
	const char *value;   /* how help calls the value: "seconds" */
	const char *help;    /* NULL hides the option: an old or a second name of another */
	const char *preset;  /* the value if it is not given, as text; NULL for zero */
	const char *words;   /* the only values there are, "table json"; NULL for any */
	const char *ignored; /* says why the option does nothing here; NULL for those that work */
};

enum { CMD_ANY = -1 };

struct cmd_call;

struct cmd {
	const char *name;
	const char *operands; /* how help calls what follows the options: "container [signal]" */
	const char *summary;  /* one line without a full stop: "Create a container" */
	const char *about;    /* further paragraphs of help; NULL for none */
	const struct opt *opts;
	size_t n_opts;
	size_t args_size;     /* of the structure the options are stored into */
	int min, max;         /* how many operands; max may be CMD_ANY */
	bool options_first;   /* the first operand ends the options: exec container ls -l */
	bool go_options;      /* of a program: -name is --name too, as with Go's flag library */
	bool hidden;          /* works, but is not listed */
	const char *complete; /* the command line, without the program's name, whose output lists
	                       * the possible operands: "list --quiet"; NULL completes file names */
	const struct cmd *const *subs; /* for programs and groups, in the order of help */
	size_t n_subs;
	int failure; /* exit status when an error is returned; 0: the program's default */

	/* NULL for groups. Of a program: what happens when no command is given. */
	struct err *(*run)(struct cmd_call *call);
	/* Of a program, or NULL: called with everything parsed, before the command's run(). */
	struct err *(*before)(struct cmd_call *call);
};

/* Both give several members at once. */
#define OPTS(type, table) .opts = (table), .n_opts = ARRAY_LEN(table), .args_size = sizeof(type)
#define SUBS(table)       .subs = (table), .n_subs = ARRAY_LEN(table)

/* A command line, read. All memory is the arena's. */
struct cmd_call {
	const struct cmd *program, *cmd;
	const char *path;          /* "onggi image ls" */
	const void *global, *args; /* the structures of the program's and the command's options */
	char *const *operands;     /* ends with NULL */
	int n_operands;
	struct text_list ignored; /* a sentence about every option given that does nothing */
	bool done;                /* set by before(): there is nothing more to do */
	bool ran;                 /* all is read and run() was called: errors are its own */
	int status;               /* set by run(): what the program exits with if all is well */
	struct arena *arena;
};

/*
 * Reads @argv (the program's name first) and runs what it asks for. @call is zeroed, with program
 * and arena set; it is filled as far as reading got, also if an error is returned. Mistakes are
 * ERR_USAGE, and the hint lives in the arena.
 */
[[nodiscard]] struct err *cmd_main(struct cmd_call *call, char *const *argv);

/* Reads @argv (the operands and options that follow @c's name) into @args; for tests, and for
 * programs that have no commands. */
[[nodiscard]] struct err *cmd_parse(
	struct cmd_call *call, const struct cmd *c, char *const *argv, void *args);

/* The command called @name below @c, or NULL; below the program also the builtin ones. */
const struct cmd *cmd_find(const struct cmd *c, const struct cmd *program, const char *name);

/* Appends how @c, which is called @path, is called: "onggi image ls [options] [name]". */
void cmd_usage(const struct cmd *c, const char *path, struct buf *out);

/* Appends what `--help` prints for @c, which is called @path ("onggi image ls"). */
void cmd_help(const struct cmd *program, const struct cmd *c, const char *path, struct buf *out);

/* Appends the manual page of the whole program, for section 1 or 8. */
void cmd_man(const struct cmd *program, int section, struct buf *out);

/* Appends a completion script for @shell: "bash", "zsh" or "fish". */
[[nodiscard]] struct err *cmd_completion(
	const struct cmd *program, const char *shell, struct buf *out);

/* The commands that every program has: `help` and `completion`. */
extern const struct cmd *const cmd_builtin[2];

/* True if the option is followed by a value. */
bool opt_has_value(const struct opt *o);
