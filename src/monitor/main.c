#include "monitor/monitor.h"

/* In memory that is zero and not there until it is used. */
static struct monitor monitor;

int main(int, char **argv)
{
	cleanup(err_free) struct err *e = monitor_begin(&monitor, argv + 1);
	if (!e) {
		monitor_run(&monitor);
		e = monitor_become(&monitor);
	}
	err_print(e, stderr, "onggi-monitor");
	return err_exit_status(e);
}
