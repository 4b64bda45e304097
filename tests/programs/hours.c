/*
 * Calls of a server under check: a sleep that has a limit in time comes to it
 * at once. (From the thousandth on it is a sleep: who sleeps in a loop rests.)
 * So does, once, accept at a listener with SO_RCVTIMEO; the limits of a client
 * are a millisecond, or, with TCP_USER_TIMEOUT, over; an alarm comes in one. A
 * rest of more than two seconds, after accept has failed for want of
 * something, is told.
 */
#ifdef __linux__
#define _GNU_SOURCE /* ppoll */
#else
#define _POSIX_C_SOURCE 200809L
#endif
#undef accept
#undef accept4
#undef alarm
#undef clock_nanosleep
#undef nanosleep
#undef poll
#undef ppoll
#undef pselect
#undef select
#undef setitimer
#undef setsockopt
#undef sigtimedwait
#undef sleep
#undef usleep
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int limited = -1; /* the listener that was given SO_RCVTIMEO */
static int is_short; /* accept has failed for want of something */

static int over(long long ms)
{
    static int calls;
    if (is_short && ms > 2000)
        fprintf(stderr, "(a rest of %lld ms)\n", ms);
    is_short = 0;
    return calls++ < 1000;
}

static int over_timespec(const struct timespec *time)
{
    return over(time->tv_sec * 1000LL + time->tv_nsec / 1000000);
}

unsigned short_alarm(unsigned seconds);
int short_setitimer(int which, const struct itimerval *time,
                    struct itimerval *old);
unsigned short_sleep(unsigned seconds);
int short_usleep(unsigned us);
int short_nanosleep(const struct timespec *time, struct timespec *left);
int short_poll(struct pollfd *waits, nfds_t count, int ms);
int short_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask);
int short_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time);
int short_accept(int fd, struct sockaddr *from, socklen_t *size);
int short_setsockopt(int fd, int level, int name, const void *value,
                     socklen_t size);

static int comes_to_limit(int fd)
{
    static int n;
    if (fd != limited || n++ > 0)
        return 0;
    errno = EAGAIN;
    return 1;
}

static int with_reason(int conn)
{
    is_short = conn == -1 && (errno == EMFILE || errno == ENFILE ||
                              errno == ENOBUFS || errno == ENOMEM);
    return conn;
}

int short_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return comes_to_limit(fd) ? -1 : with_reason(accept(fd, from, size));
}

int short_setsockopt(int fd, int level, int name, const void *value,
                     socklen_t size)
{
    const struct timeval *time = value, soon = {0, 1000};
    struct sockaddr_storage peer;
    socklen_t room = sizeof peer;
#ifdef TCP_USER_TIMEOUT
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT)
        shutdown(fd, SHUT_RDWR);
#endif
    if (level != SOL_SOCKET || size != sizeof *time ||
        (name != SO_RCVTIMEO && name != SO_SNDTIMEO) ||
        (time->tv_sec == 0 && time->tv_usec == 0))
        return setsockopt(fd, level, name, value, size);
    if (getpeername(fd, (struct sockaddr *)&peer, &room) == 0)
        return setsockopt(fd, level, name, &soon, sizeof soon);
    if (name == SO_RCVTIMEO)
        limited = fd;
    return setsockopt(fd, level, name, value, size);
}

unsigned short_sleep(unsigned seconds)
{
    return over(seconds * 1000LL) ? 0 : sleep(seconds);
}

int short_nanosleep(const struct timespec *time, struct timespec *left)
{
    return over_timespec(time) ? 0 : nanosleep(time, left);
}

int short_usleep(unsigned us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000L};
    return short_nanosleep(&time, NULL);
}

unsigned short_alarm(unsigned seconds)
{
    struct itimerval soon = {{0, 0}, {0, seconds > 0 ? 1000 : 0}};
    setitimer(ITIMER_REAL, &soon, NULL);
    return 0;
}

int short_setitimer(int which, const struct itimerval *time,
                    struct itimerval *old)
{
    struct itimerval soon = *time;
    (void)which;
    if (time->it_value.tv_sec > 0 || time->it_value.tv_usec > 0)
        soon.it_value = (struct timeval){0, 1000};
    return setitimer(ITIMER_REAL, &soon, old);
}

int short_poll(struct pollfd *waits, nfds_t count, int ms)
{
    return poll(waits, count, ms > 0 && over(ms) ? 0 : ms);
}

int short_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask)
{
    struct timespec none = {0, 0};
    return pselect(count, in, out, other,
                   time && over_timespec(time) ? &none : time, mask);
}

int short_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time)
{
    struct timeval none = {0, 0};
    if (time && over(time->tv_sec * 1000LL + time->tv_usec / 1000))
        time = &none;
    return select(count, in, out, other, time);
}

#ifdef __linux__ /* macOS has none of these */
int short_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags);
int short_clock_nanosleep(clockid_t clock, int flags,
                          const struct timespec *time, struct timespec *left);
int short_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask);
int short_sigtimedwait(const sigset_t *set, siginfo_t *info,
                       const struct timespec *time);

int short_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
    return comes_to_limit(fd) ? -1
                              : with_reason(accept4(fd, from, size, flags));
}

int short_clock_nanosleep(clockid_t clock, int flags,
                          const struct timespec *time, struct timespec *left)
{
    int ends = flags & TIMER_ABSTIME ? over(0) : over_timespec(time);
    return ends ? 0 : clock_nanosleep(clock, flags, time, left);
}

int short_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask)
{
    struct timespec none = {0, 0};
    return ppoll(waits, count, time && over_timespec(time) ? &none : time,
                 mask);
}

int short_sigtimedwait(const sigset_t *set, siginfo_t *info,
                       const struct timespec *time)
{
    struct timespec none = {0, 0};
    return sigtimedwait(set, info, time && over_timespec(time) ? &none : time);
}
#endif
