/*
 * Calls of a program under check that wait, or say how long others may: each
 * says on standard error for how many milliseconds, and does its work.
 */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#undef alarm
#undef epoll_wait
#undef poll
#undef ppoll
#undef pselect
#undef select
#undef setitimer
#undef setsockopt
#undef timerfd_settime
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/timerfd.h>
#endif

static void say(const char *call, long long seconds, long long us)
{
    char line[80];
    int size = snprintf(line, sizeof line, "(asked %s: %lld ms)\n", call,
                        seconds * 1000 + us / 1000);
    if (seconds + us > 0 && write(2, line, (size_t)size) == -1)
        perror("write");
}

unsigned asked_alarm(unsigned seconds)
{
    say("alarm", seconds, 0);
    return alarm(seconds);
}

int asked_poll(struct pollfd *waits, nfds_t count, int ms)
{
    say("poll", 0, ms * 1000LL);
    return poll(waits, count, ms);
}

int asked_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time)
{
    if (time != NULL)
        say("select", time->tv_sec, time->tv_usec);
    return select(count, in, out, other, time);
}

int asked_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask)
{
    if (time != NULL)
        say("pselect", time->tv_sec, time->tv_nsec / 1000);
    return pselect(count, in, out, other, time, mask);
}

#ifdef __GLIBC__
#define WHICH __itimer_which_t
#else
#define WHICH int
#endif
int asked_setitimer(WHICH which, const struct itimerval *new,
                    struct itimerval *old)
{
    say("setitimer", new->it_value.tv_sec, new->it_value.tv_usec);
    return setitimer(which, new, old);
}

int asked_setsockopt(int fd, int level, int name, const void *value,
                     socklen_t size)
{
    const struct timeval *time = value;
    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO) &&
        size == sizeof *time)
        say(name == SO_RCVTIMEO ? "SO_RCVTIMEO" : "SO_SNDTIMEO", time->tv_sec,
            time->tv_usec);
    return setsockopt(fd, level, name, value, size);
}

#ifdef __linux__
int asked_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask)
{
    if (time != NULL)
        say("ppoll", time->tv_sec, time->tv_nsec / 1000);
    return ppoll(waits, count, time, mask);
}

int asked_epoll_wait(int fd, struct epoll_event *events, int count, int ms)
{
    say("epoll_wait", 0, ms * 1000LL);
    return epoll_wait(fd, events, count, ms);
}

int asked_timerfd_settime(int fd, int flags, const struct itimerspec *new,
                          struct itimerspec *old)
{
    struct timespec now = {0, 0};
    if (flags & TFD_TIMER_ABSTIME)
        clock_gettime(CLOCK_MONOTONIC, &now);
    say("timerfd_settime", new->it_value.tv_sec - now.tv_sec,
        (new->it_value.tv_nsec - now.tv_nsec) / 1000);
    return timerfd_settime(fd, flags, new, old);
}
#endif
