/* The report of a child, which may be anything by the time it comes. */
#include "fuzz.h"
#include "plan/plan.h"
#include "plan/samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct plan plan = { samples, ARRAY_LEN(samples) };
	struct fault fault = {};
	memcpy(&fault, data, n < sizeof(fault) ? n : sizeof(fault));
	cleanup(err_free) struct err *e = fault_blame(&fault);
	cleanup(err_free) struct err *f = plan_blame(&plan, &fault);
	HOLDS(!fault.num == !e && !fault.num == !f);
	return 0;
}
