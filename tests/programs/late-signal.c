/*
 * Calls of a server under check: SIGTERM comes, and SIGINT, and so on,
 * CHECK_TIMES in all, at the worst moment: to the process that has called
 * listen, right before the first of them that sleeps, right before a client is
 * closed, or with the line that begins with listen: (calls that print). If
 * fork is one of them, the first child goes on only when a signal for it has
 * come, or after two seconds.
 */
#define _GNU_SOURCE
#undef accept
#undef accept4
#undef close
#undef dprintf
#undef epoll_pwait
#undef epoll_wait
#undef fork
#undef fprintf
#undef listen
#undef nanosleep
#undef pause
#undef poll
#undef ppoll
#undef printf
#undef pselect
#undef puts
#undef read
#undef select
#undef sigsuspend
#undef sigtimedwait
#undef sigwait
#undef sigwaitinfo
#undef sleep
#undef wait
#undef waitid
#undef waitpid
#undef write
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

static pid_t home;

/* What others send at any moment this process sends itself at the worst. */
static void signal_once(void)
{
    static int sent;
    if (getpid() == home && !sent++) {
        fprintf(stderr, "(SIGTERM comes now)\n");
        for (int i = 0; i < CHECK_TIMES; i++)
            kill(home, i % 2 == 0 ? SIGTERM : SIGINT);
        /* Who waits for it in another thread has some time. */
        nanosleep(&(struct timespec){0, 200000000}, NULL);
    }
}

int late_listen(int fd, int backlog);
int late_listen(int fd, int backlog)
{
    home = getpid();
    return listen(fd, backlog);
}

/* CALL as it is, but a signal comes before it if it may SLEEP. */
#define LATE(type, call, parameters, arguments, sleeps)                       \
    type late_##call parameters;                                              \
    type late_##call parameters                                               \
    {                                                                         \
        if (sleeps)                                                           \
            signal_once();                                                    \
        return call arguments;                                                \
    }

LATE(int, accept, (int fd, struct sockaddr *from, socklen_t *size),
     (fd, from, size), 1)
LATE(int, nanosleep, (const struct timespec *time, struct timespec *left),
     (time, left), 1)
LATE(int, pause, (void), (), 1)
LATE(int, poll, (struct pollfd * waits, nfds_t count, int ms),
     (waits, count, ms), ms != 0)
LATE(int, pselect,
     (int count, fd_set *in, fd_set *out, fd_set *other,
      const struct timespec *time, const sigset_t *mask),
     (count, in, out, other, time, mask), 1)
LATE(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), 1)
LATE(int, select,
     (int count, fd_set *in, fd_set *out, fd_set *other, struct timeval *time),
     (count, in, out, other, time), 1)
LATE(int, sigsuspend, (const sigset_t *mask), (mask), 1)
LATE(int, sigwait, (const sigset_t *set, int *signo), (set, signo), 1)
LATE(unsigned, sleep, (unsigned seconds), (seconds), 1)
LATE(pid_t, wait, (int *status), (status), 1)
LATE(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options),
     (type, id, info, options), !(options & WNOHANG))
LATE(pid_t, waitpid, (pid_t pid, int *status, int options),
     (pid, status, options), !(options & WNOHANG))
#ifndef __APPLE__ /* which has neither of these */
LATE(int, sigtimedwait,
     (const sigset_t *set, siginfo_t *info, const struct timespec *time),
     (set, info, time), 1)
LATE(int, sigwaitinfo, (const sigset_t *set, siginfo_t *info), (set, info), 1)
#endif
#ifdef __linux__
LATE(int, accept4, (int fd, struct sockaddr *from, socklen_t *size, int flags),
     (fd, from, size, flags), 1)
LATE(int, epoll_wait, (int fd, struct epoll_event *events, int count, int ms),
     (fd, events, count, ms), ms != 0)
LATE(int, epoll_pwait,
     (int fd, struct epoll_event *events, int count, int ms,
      const sigset_t *mask),
     (fd, events, count, ms, mask), 1)
LATE(int, ppoll,
     (struct pollfd * waits, nfds_t count, const struct timespec *time,
      const sigset_t *mask),
     (waits, count, time, mask), 1)
#endif

int late_close(int fd);
int late_close(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
        signal_once();
    return close(fd);
}

static void said(const char *text, size_t size)
{
    if (size >= 7 && memcmp(text, "listen:", 7) == 0) {
        fflush(stdout);
        signal_once();
    }
}

ssize_t late_write(int fd, const void *bytes, size_t size);
ssize_t late_write(int fd, const void *bytes, size_t size)
{
    ssize_t put = write(fd, bytes, size);
    said(bytes, size);
    return put;
}

int late_puts(const char *text);
int late_puts(const char *text)
{
    int result = puts(text);
    said(text, strlen(text));
    return result;
}

/* CALL as it is, and a signal comes with its line. */
#define LATE_PRINT(call, parameters, print)                                   \
    int late_##call parameters;                                               \
    int late_##call parameters                                                \
    {                                                                         \
        char text[8] = "";                                                    \
        va_list values, again;                                                \
        va_start(values, format);                                             \
        va_copy(again, values);                                               \
        vsnprintf(text, sizeof text, format, again);                          \
        va_end(again);                                                        \
        int size = print;                                                     \
        va_end(values);                                                       \
        said(text, strlen(text));                                             \
        return size;                                                          \
    }

LATE_PRINT(printf, (const char *format, ...), vprintf(format, values))
LATE_PRINT(dprintf, (int fd, const char *format, ...),
           vdprintf(fd, format, values))
LATE_PRINT(fprintf, (FILE * to, const char *format, ...),
           vfprintf(to, format, values))

pid_t late_fork(void);
pid_t late_fork(void)
{
    static int forks;
    const struct timespec nap = {0, 10000000};
    sigset_t came;
    pid_t child = fork();
    if (child == 0 && forks == 0)
        for (int naps = 0; naps < 200 && nanosleep(&nap, NULL) == 0; naps++)
            if (sigpending(&came) == -1 || sigismember(&came, SIGTERM))
                break;
    forks++;
    return child;
}
