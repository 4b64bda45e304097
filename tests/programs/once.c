/*
 * Calls of a program under check: the one that the variable CHECK_FAILS names
 * fails the first time, for a reason that can have a way round in some
 * program: no IPv6 here (socket6 is a socket of it), an option or an address
 * that this system does not have, a port that another listens at; for one that
 * may soon be over: no room (socket), a port that is taken (bind-again); or
 * for one that is easily overlooked: no memory for a line.
 */
#define _POSIX_C_SOURCE 200809L
#undef bind
#undef getline
#undef getsockname
#undef listen
#undef setsockopt
#undef socket
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int fails(const char *call, int reason)
{
    static int failed;
    const char *name = getenv("CHECK_FAILS");
    if (failed || name == NULL || strcmp(name, call) != 0)
        return 0;
    failed = 1;
    errno = reason;
    return 1;
}

int once_socket(int family, int type, int protocol);
int once_socket(int family, int type, int protocol)
{
    if (fails("socket", ENOBUFS))
        return -1;
    if (family == AF_INET6 && fails("socket6", EAFNOSUPPORT))
        return -1;
    return socket(family, type, protocol);
}

int once_setsockopt(int fd, int level, int option, const void *value,
                    socklen_t size);
int once_setsockopt(int fd, int level, int option, const void *value,
                    socklen_t size)
{
    if (fails("setsockopt", ENOPROTOOPT))
        return -1;
    return setsockopt(fd, level, option, value, size);
}

int once_bind(int fd, const struct sockaddr *address, socklen_t size);
int once_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    if (fails("bind", EADDRNOTAVAIL) || fails("bind-again", EADDRINUSE))
        return -1;
    return bind(fd, address, size);
}

int once_listen(int fd, int backlog);
int once_listen(int fd, int backlog)
{
    return fails("listen", EADDRINUSE) ? -1 : listen(fd, backlog);
}

int once_getsockname(int fd, struct sockaddr *address, socklen_t *size);
int once_getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
    return fails("getsockname", ENOBUFS) ? -1 : getsockname(fd, address, size);
}

ssize_t once_getline(char **line, size_t *room, FILE *from);
ssize_t once_getline(char **line, size_t *room, FILE *from)
{
    return fails("getline", ENOMEM) ? -1 : getline(line, room, from);
}
