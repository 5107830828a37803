#include "base/time.h"
#include <stdbool.h>
#include <time.h>

static struct moment read_clock(clockid_t clock)
{
	struct timespec t = {};
	clock_gettime(clock, &t); /* cannot fail for the two clocks that are asked for */
	return (struct moment){ t.tv_sec, (int32_t)t.tv_nsec };
}

struct moment time_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t time_steady(void)
{
	struct moment t = read_clock(CLOCK_MONOTONIC);
	return t.s * 1'000'000'000 + t.ns;
}

/* The C library's gmtime_r() reads /etc/localtime, of which nothing is wanted here. Years begin in
 * March, so that the day of a leap year comes last; an era is the 400 years after which the
 * calendar repeats itself. */
static void show_date(int64_t days, struct buf *out)
{
	enum { ERA = 146097, TO_1970 = 719468 };
	int64_t from_0 = days + TO_1970;
	int64_t era = (from_0 >= 0 ? from_0 : from_0 - (ERA - 1)) / ERA;
	int64_t day = from_0 - era * ERA;
	int64_t year = (day - day / 1460 + day / 36524 - day / (ERA - 1)) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	buf_add(out, "%04lld-%02d-%02d", (long long)(year + era * 400 + (month >= 10)),
		(int)(month < 10 ? month + 3 : month - 9),
		(int)(of_year - (153 * month + 2) / 5 + 1));
}

void time_show(struct moment t, struct buf *out)
{
	enum { DAY = 86400 };
	int64_t days = (t.s >= 0 ? t.s : t.s - (DAY - 1)) / DAY;
	int second = (int)(t.s - days * DAY);
	show_date(days, out);
	buf_add(out, "T%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
	int digits = 9;
	int32_t fraction = t.ns;
	for (; digits && fraction % 10 == 0; fraction /= 10)
		digits--;
	if (digits)
		buf_add(out, ".%0*d", digits, fraction);
	buf_add(out, "Z");
}

/* Text on its way through time_parse(); @good is false once something did not fit. */
struct scan {
	struct str rest;
	bool good;
};

static char next(struct scan *s)
{
	if (!s->rest.n)
		s->good = false;
	if (!s->good)
		return 0;
	char c = *s->rest.p;
	s->rest = (struct str){ s->rest.p + 1, s->rest.n - 1 };
	return c;
}

static void want(struct scan *s, char c)
{
	s->good = next(s) == c && s->good;
}

/* A number of exactly @digits digits, from @min to @max. */
static int want_number(struct scan *s, int digits, int min, int max)
{
	int n = 0;
	for (int i = 0; i < digits; i++) {
		char c = next(s);
		s->good = s->good && c >= '0' && c <= '9';
		n = s->good ? n * 10 + (c - '0') : 0;
	}
	s->good = s->good && n >= min && n <= max;
	return n;
}

/* ".345", or nothing; digits after the ninth are dropped. */
static int32_t want_fraction(struct scan *s)
{
	if (!s->rest.n || *s->rest.p != '.')
		return 0;
	want(s, '.');
	int32_t n = 0, unit = 100'000'000;
	size_t before = s->rest.n;
	for (; s->rest.n && *s->rest.p >= '0' && *s->rest.p <= '9'; unit /= 10)
		n += (next(s) - '0') * unit;
	s->good = s->good && s->rest.n < before;
	return n;
}

/* "Z" or "+02:00", as seconds. */
static int want_offset(struct scan *s)
{
	char sign = next(s);
	if (sign == 'Z')
		return 0;
	s->good = s->good && (sign == '+' || sign == '-');
	int hours = want_number(s, 2, 0, 23);
	want(s, ':');
	int seconds = hours * 3600 + want_number(s, 2, 0, 59) * 60;
	return sign == '-' ? -seconds : seconds;
}

static struct tm want_date_and_time(struct scan *s)
{
	struct tm tm = {};
	tm.tm_year = want_number(s, 4, 0, 9999) - 1900;
	want(s, '-');
	tm.tm_mon = want_number(s, 2, 1, 12) - 1;
	want(s, '-');
	tm.tm_mday = want_number(s, 2, 1, 31);
	want(s, 'T');
	tm.tm_hour = want_number(s, 2, 0, 23);
	want(s, ':');
	tm.tm_min = want_number(s, 2, 0, 59);
	want(s, ':');
	tm.tm_sec = want_number(s, 2, 0, 59);
	return tm;
}

/* The first second of the year 0 and the last of 9999. */
#define EARLIEST INT64_C(-62167219200)
#define LATEST   INT64_C(253402300799)

struct err *time_parse(struct str text, struct moment *out)
{
	struct scan s = { text, true };
	struct tm tm = want_date_and_time(&s);
	int32_t ns = want_fraction(&s);
	int offset = want_offset(&s);
	int day = tm.tm_mday;
	time_t seconds = s.good ? timegm(&tm) : 0;
	bool real = tm.tm_mday == day; /* timegm() makes March of February 30 */
	seconds -= offset;
	if (!s.good || s.rest.n || !real || seconds < EARLIEST || seconds > LATEST)
		return err_new(ERR_USAGE, "'" STR_FMT "' is not a time as in 2025-11-29T12:01:02Z",
			STR_ARG(text));
	*out = (struct moment){ seconds, ns };
	return NULL;
}
