/* clock: a server's time as a check wants it. The server is built anew with
 * these functions in place of the system's (rebuild_with in helpers.bash).
 *
 * The server's time goes CHECK_SLOW times slower than ours (a constant of the
 * compiler's), and a second ahead for each byte in the file CHECK_CLOCK (a
 * variable of the environment). */
#ifdef __linux__
#define _GNU_SOURCE /* ppoll */
#else
#define _POSIX_C_SOURCE 200809L
#endif
#undef alarm
#undef clock_nanosleep
#undef clock_gettime
#undef epoll_pwait
#undef epoll_wait
#undef gettimeofday
#undef kevent
#undef nanosleep
#undef poll
#undef ppoll
#undef pselect
#undef pthread_cond_timedwait
#undef select
#undef sem_timedwait
#undef setsockopt
#undef sigtimedwait
#undef sleep
#undef time
#undef timerfd_settime
#undef usleep

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/timerfd.h>
#else
#include <sys/event.h>
#endif
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL

static long long passed(clockid_t clock)
{
    static long long began[16];
    struct timespec now;
    struct stat file;
    clock_gettime(clock, &now);
    long long ns = now.tv_sec * NS + now.tv_nsec;
    if (began[(unsigned)clock % 16] == 0)
        began[(unsigned)clock % 16] = ns;
    ns = began[(unsigned)clock % 16] +
         (ns - began[(unsigned)clock % 16]) / CHECK_SLOW;
    if (stat(getenv("CHECK_CLOCK"), &file) == 0)
        ns += file.st_size * NS;
    return ns;
}

static struct timespec slow(long long ns)
{
    ns *= CHECK_SLOW;
    return (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
}

/* Returns the clock that ns is nearer to, a time of one of the two. */
static clockid_t nearer(long long ns)
{
    return llabs(ns - passed(CLOCK_REALTIME)) <
                   llabs(ns - passed(CLOCK_MONOTONIC))
               ? CLOCK_REALTIME
               : CLOCK_MONOTONIC;
}

/* Returns when it is on ours what time is on the server's clock: on this one,
   or, if it is -1, on the one that time is nearer to. */
static struct timespec ours(int clock, const struct timespec *time)
{
    struct timespec now;
    long long ns = time->tv_sec * NS + time->tv_nsec;
    if (clock == -1)
        clock = nearer(ns);
    ns -= passed(clock);
    clock_gettime(clock, &now);
    ns = now.tv_sec * NS + now.tv_nsec + (ns > 0 ? ns : 0) * CHECK_SLOW;
    return (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
}

int check_clock_gettime(clockid_t clock, struct timespec *now)
{
    long long ns = passed(clock);
    *now = (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
    return 0;
}

int check_gettimeofday(struct timeval *now, void *zone)
{
    long long ns = passed(CLOCK_REALTIME);
    (void)zone;
    now->tv_sec = (time_t)(ns / NS);
    now->tv_usec = (suseconds_t)(ns % NS / 1000);
    return 0;
}

time_t check_time(time_t *now)
{
    time_t seconds = (time_t)(passed(CLOCK_REALTIME) / NS);
    if (now != NULL)
        *now = seconds;
    return seconds;
}

int check_nanosleep(const struct timespec *time, struct timespec *left)
{
    struct timespec all = slow(time->tv_sec * NS + time->tv_nsec), rest;
    int result = nanosleep(&all, &rest);
    if (result == -1 && left != NULL) {
        long long ns = (rest.tv_sec * NS + rest.tv_nsec) / CHECK_SLOW;
        *left = (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
    }
    return result;
}

unsigned check_sleep(unsigned seconds)
{
    struct timespec time = {(time_t)seconds, 0}, left = {0, 0};
    check_nanosleep(&time, &left);
    return (unsigned)left.tv_sec + (left.tv_nsec > 0);
}

int check_usleep(unsigned us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000L};
    return check_nanosleep(&time, NULL);
}

int check_pthread_cond_timedwait(pthread_cond_t *what, pthread_mutex_t *lock,
                                 const struct timespec *until)
{
    struct timespec then = ours(-1, until);
    return pthread_cond_timedwait(what, lock, &then);
}

#ifndef __APPLE__ /* which has none of these */
int check_sem_timedwait(sem_t *what, const struct timespec *until)
{
    struct timespec then = ours(CLOCK_REALTIME, until);
    return sem_timedwait(what, &then);
}

int check_clock_nanosleep(clockid_t clock, int flags,
                          const struct timespec *time, struct timespec *left)
{
    long long ns = time->tv_sec * NS + time->tv_nsec;
    if (flags & TIMER_ABSTIME)
        ns = passed(clock) > ns ? 0 : ns - passed(clock);
    struct timespec all = {(time_t)(ns / NS), (long)(ns % NS)};
    return check_nanosleep(&all, left) == -1 ? errno : 0;
}

int check_sigtimedwait(const sigset_t *set, siginfo_t *info,
                       const struct timespec *time)
{
    struct timespec all;
    if (time != NULL)
        all = slow(time->tv_sec * NS + time->tv_nsec);
    return sigtimedwait(set, info, time == NULL ? NULL : &all);
}
#endif

unsigned check_alarm(unsigned seconds)
{
    struct timespec all = slow(seconds * NS);
    struct itimerval old,
        new = {{0, 0}, {all.tv_sec, (suseconds_t)(all.tv_nsec / 1000)}};
    setitimer(ITIMER_REAL, &new, &old);
    /* (0 is for none, alarm(2): what is left is rounded up.) */
    long long left = (long long)((old.it_value.tv_sec * NS +
                                  old.it_value.tv_usec * 1000LL) /
                                 CHECK_SLOW);
    return (unsigned)((left + NS - 1) / NS);
}

/* (SO_RCVTIMEO and SO_SNDTIMEO are limits in time, too.) */
int check_setsockopt(int fd, int level, int name, const void *value,
                     socklen_t size)
{
    struct timeval all;
    if (level == SOL_SOCKET && size == sizeof all &&
        (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
        const struct timeval *time = value;
        long long ns = CHECK_SLOW * (time->tv_sec * NS + time->tv_usec * 1000);
        all.tv_sec = (time_t)(ns / NS);
        all.tv_usec = (suseconds_t)(ns % NS / 1000);
        value = &all;
    }
    return setsockopt(fd, level, name, value, size);
}

#ifdef __linux__
enum { TIMERS = 4096 };

/* When each timer comes, on the server's monotonic clock, by its descriptor; 0
   if it need not be told. */
static long long due[TIMERS];

/* Before the server waits: its clock may have jumped since a timer was set. */
static void set_timers_anew(void)
{
    for (int fd = 0; fd < TIMERS; fd++) {
        struct itimerspec timer;
        if (due[fd] == 0)
            continue;
        long long left = due[fd] - passed(CLOCK_MONOTONIC);
        /* (What has come already has no time left.) */
        if (timerfd_gettime(fd, &timer) == 0 &&
            (timer.it_value.tv_sec != 0 || timer.it_value.tv_nsec != 0)) {
            timer.it_value = slow(left > 0 ? left : 1);
            timerfd_settime(fd, 0, &timer, NULL);
        } else {
            left = 0;
        }
        if (left <= 0)
            due[fd] = 0;
    }
}

/* (One that is disarmed stays so, and one that comes again does.) */
int check_timerfd_settime(int fd, int flags, const struct itimerspec *timer,
                          struct itimerspec *old)
{
    struct itimerspec all = *timer;
    long long each =
        timer->it_interval.tv_sec * NS + timer->it_interval.tv_nsec;
    long long ns = timer->it_value.tv_sec * NS + timer->it_value.tv_nsec;
    int set = ns != 0;
    if (set && flags & TFD_TIMER_ABSTIME)
        ns -= passed(nearer(ns));
    all.it_interval = slow(each);
    if (set)
        all.it_value = slow(ns > 0 ? ns : 1);
    if (fd >= 0 && fd < TIMERS)
        due[fd] = set ? passed(CLOCK_MONOTONIC) + ns : 0;
    return timerfd_settime(fd, 0, &all, old);
}

int check_epoll_pwait(int list, struct epoll_event *ready, int most, int ms,
                      const sigset_t *mask)
{
    set_timers_anew();
    return epoll_pwait(list, ready, most, ms > 0 ? ms * CHECK_SLOW : ms, mask);
}

int check_epoll_wait(int list, struct epoll_event *ready, int most, int ms)
{
    return check_epoll_pwait(list, ready, most, ms, NULL);
}

int check_ppoll(struct pollfd *waits, nfds_t count,
                const struct timespec *time, const sigset_t *mask)
{
    struct timespec all;
    if (time != NULL)
        all = slow(time->tv_sec * NS + time->tv_nsec);
    set_timers_anew();
    return ppoll(waits, count, time == NULL ? NULL : &all, mask);
}
#else
static void set_timers_anew(void)
{
}

int check_kevent(int list, const struct kevent *changes, int count,
                 struct kevent *ready, int most, const struct timespec *time)
{
    struct timespec all;
    if (time != NULL)
        all = slow(time->tv_sec * NS + time->tv_nsec);
    return kevent(list, changes, count, ready, most,
                  time == NULL ? NULL : &all);
}
#endif

int check_poll(struct pollfd *waits, nfds_t count, int ms)
{
    set_timers_anew();
    return poll(waits, count, ms > 0 ? ms * CHECK_SLOW : ms);
}

int check_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                  const struct timespec *time, const sigset_t *mask)
{
    struct timespec all;
    if (time != NULL)
        all = slow(time->tv_sec * NS + time->tv_nsec);
    set_timers_anew();
    return pselect(count, in, out, other, time == NULL ? NULL : &all, mask);
}

int check_select(int count, fd_set *in, fd_set *out, fd_set *other,
                 struct timeval *time)
{
    struct timespec given;
    if (time != NULL)
        given = (struct timespec){time->tv_sec, time->tv_usec * 1000L};
    return check_pselect(count, in, out, other, time == NULL ? NULL : &given,
                         NULL);
}
