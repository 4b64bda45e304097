/*
 * Calls of a server under check: SIGTERM comes right before its first sleep.
 */
#define _POSIX_C_SOURCE 200809L
#undef accept
#undef poll
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int late_accept(int fd, struct sockaddr *address, socklen_t *size);
int late_poll(struct pollfd *waits, nfds_t count, int limit);

/* What others send at any moment this process sends itself at the worst. */
static void signal_once(void)
{
    static int sent;
    if (!sent++) {
        fprintf(stderr, "(SIGTERM comes now)\n");
        kill(getpid(), SIGTERM);
    }
}

int late_accept(int fd, struct sockaddr *address, socklen_t *size)
{
    signal_once();
    return accept(fd, address, size);
}

int late_poll(struct pollfd *waits, nfds_t count, int limit)
{
    signal_once();
    return poll(waits, count, limit);
}
