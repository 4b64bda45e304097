/*
 * A call of a server under check: SIGTERM comes when accept has returned.
 */
#define _POSIX_C_SOURCE 200809L
#undef accept
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int accept_with_signal(int fd, struct sockaddr *address, socklen_t *size);

int accept_with_signal(int fd, struct sockaddr *address, socklen_t *size)
{
    int conn = accept(fd, address, size);
    if (conn != -1) {
        fprintf(stderr, "(SIGTERM comes now)\n");
        kill(getpid(), SIGTERM);
    }
    return conn;
}
