/*
 * A call of a server under check: SIGTERM comes when accept has returned.
 */
#ifdef __linux__
#define _GNU_SOURCE /* accept4 */
#else
#define _POSIX_C_SOURCE 200809L
#endif
#undef accept
#undef accept4
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int with_signal(int conn)
{
    if (conn != -1) {
        fprintf(stderr, "(SIGTERM comes now)\n");
        kill(getpid(), SIGTERM);
        /* Who waits for it in another thread has some time. */
        nanosleep(&(struct timespec){0, 200000000}, NULL);
    }
    return conn;
}

int accept_with_signal(int fd, struct sockaddr *address, socklen_t *size);

int accept_with_signal(int fd, struct sockaddr *address, socklen_t *size)
{
    return with_signal(accept(fd, address, size));
}

#ifdef __linux__
int accept4_with_signal(int fd, struct sockaddr *address, socklen_t *size,
                        int flags);

int accept4_with_signal(int fd, struct sockaddr *address, socklen_t *size,
                        int flags)
{
    return with_signal(accept4(fd, address, size, flags));
}
#endif
