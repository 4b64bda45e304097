/*
 * Calls of a server under check: a sleep that has a limit in time comes to it
 * at once. (From the thousandth on it is a sleep: who sleeps in a loop rests.)
 */
#ifdef __linux__
#define _GNU_SOURCE /* ppoll */
#else
#define _POSIX_C_SOURCE 200809L
#endif
#undef clock_nanosleep
#undef nanosleep
#undef poll
#undef ppoll
#undef pselect
#undef select
#undef sigtimedwait
#undef sleep
#undef usleep
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static int over(void)
{
    static int calls;
    return calls++ < 1000;
}

unsigned short_sleep(unsigned seconds);
int short_usleep(unsigned us);
int short_nanosleep(const struct timespec *time, struct timespec *left);
int short_poll(struct pollfd *waits, nfds_t count, int ms);
int short_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask);
int short_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time);

unsigned short_sleep(unsigned seconds)
{
    return over() ? 0 : sleep(seconds);
}

int short_nanosleep(const struct timespec *time, struct timespec *left)
{
    return over() ? 0 : nanosleep(time, left);
}

int short_usleep(unsigned us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000L};
    return short_nanosleep(&time, NULL);
}

int short_poll(struct pollfd *waits, nfds_t count, int ms)
{
    return poll(waits, count, ms > 0 && over() ? 0 : ms);
}

int short_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask)
{
    struct timespec none = {0, 0};
    return pselect(count, in, out, other, time && over() ? &none : time, mask);
}

int short_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time)
{
    struct timeval none = {0, 0};
    return select(count, in, out, other, time && over() ? &none : time);
}

#ifdef __linux__ /* macOS has none of these */
int short_clock_nanosleep(clockid_t clock, int flags,
                          const struct timespec *time, struct timespec *left);
int short_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask);
int short_sigtimedwait(const sigset_t *set, siginfo_t *info,
                       const struct timespec *time);

int short_clock_nanosleep(clockid_t clock, int flags,
                          const struct timespec *time, struct timespec *left)
{
    return over() ? 0 : clock_nanosleep(clock, flags, time, left);
}

int short_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask)
{
    struct timespec none = {0, 0};
    return ppoll(waits, count, time && over() ? &none : time, mask);
}

int short_sigtimedwait(const sigset_t *set, siginfo_t *info,
                       const struct timespec *time)
{
    struct timespec none = {0, 0};
    return sigtimedwait(set, info, time && over() ? &none : time);
}
#endif
