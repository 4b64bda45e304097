/*
 * Calls of a server under check: SIGTERM comes, TIMES over, right before the
 * first of them that sleeps, or right before a client is closed.
 */
#ifdef __linux__
#define _GNU_SOURCE /* accept4, ppoll */
#else
#define _POSIX_C_SOURCE 200809L
#endif
#undef accept
#undef accept4
#undef close
#undef epoll_pwait
#undef epoll_wait
#undef poll
#undef ppoll
#undef pselect
#undef read
#undef select
#undef sigwait
#undef sigwaitinfo
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int late_accept(int fd, struct sockaddr *address, socklen_t *size);
int late_close(int fd);
int late_poll(struct pollfd *waits, nfds_t count, int limit);
int late_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                 const struct timespec *time, const sigset_t *mask);
ssize_t late_read(int fd, void *bytes, size_t size);
int late_select(int count, fd_set *in, fd_set *out, fd_set *other,
                struct timeval *time);
int late_sigwait(const sigset_t *set, int *signo);

/* What others send at any moment this process sends itself at the worst. */
static void signal_once(void)
{
    static int sent;
    if (!sent++) {
        fprintf(stderr, "(SIGTERM comes now)\n");
        for (int i = 0; i < TIMES; i++)
            kill(getpid(), SIGTERM);
    }
}

int late_accept(int fd, struct sockaddr *address, socklen_t *size)
{
    signal_once();
    return accept(fd, address, size);
}

int late_close(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
        signal_once();
    return close(fd);
}

int late_poll(struct pollfd *waits, nfds_t count, int limit)
{
    signal_once();
    return poll(waits, count, limit);
}

int late_pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                 const struct timespec *time, const sigset_t *mask)
{
    signal_once();
    return pselect(count, in, out, other, time, mask);
}

ssize_t late_read(int fd, void *bytes, size_t size)
{
    signal_once();
    return read(fd, bytes, size);
}

int late_select(int count, fd_set *in, fd_set *out, fd_set *other,
                struct timeval *time)
{
    signal_once();
    return select(count, in, out, other, time);
}

int late_sigwait(const sigset_t *set, int *signo)
{
    signal_once();
    return sigwait(set, signo);
}

#ifdef __linux__
#include <sys/epoll.h>

int late_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int late_epoll_pwait(int fd, struct epoll_event *events, int most, int limit,
                     const sigset_t *mask);
int late_epoll_wait(int fd, struct epoll_event *events, int most, int limit);
int late_ppoll(struct pollfd *waits, nfds_t count,
               const struct timespec *time, const sigset_t *mask);
int late_sigwaitinfo(const sigset_t *set, siginfo_t *info);

int late_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    signal_once();
    return accept4(fd, address, size, flags);
}

int late_epoll_pwait(int fd, struct epoll_event *events, int most, int limit,
                     const sigset_t *mask)
{
    signal_once();
    return epoll_pwait(fd, events, most, limit, mask);
}

int late_epoll_wait(int fd, struct epoll_event *events, int most, int limit)
{
    signal_once();
    return epoll_wait(fd, events, most, limit);
}

int late_ppoll(struct pollfd *waits, nfds_t count,
               const struct timespec *time, const sigset_t *mask)
{
    signal_once();
    return ppoll(waits, count, time, mask);
}

int late_sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
    signal_once();
    return sigwaitinfo(set, info);
}
#endif
