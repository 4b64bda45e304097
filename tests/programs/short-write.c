/*
 * Calls of a program under check: each takes CHECK_SIZE bytes, at most, and a
 * server's kernel takes few of them before there is a reader. CHECK_EAGAIN:
 * every second one, if it may not block, takes none. CHECK_FULL: after so many
 * none takes any more. CHECK_LOST: after so many the connection is lost.
 * CHECK_LIMITED: the first one that does not wait for ever takes none.
 */
#define _POSIX_C_SOURCE 200809L
#undef poll
#undef write
#undef send
#undef sendmsg
#undef writev
#undef listen
#undef fwrite
#undef fflush
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t short_write(int fd, const void *bytes, size_t size);
ssize_t short_send(int fd, const void *bytes, size_t size, int flags);
ssize_t short_writev(int fd, const struct iovec *parts, int count);
ssize_t short_sendmsg(int fd, const struct msghdr *message, int flags);
int short_listen(int fd, int backlog);
size_t short_fwrite(const void *bytes, size_t size, size_t count, FILE *to);
int short_fflush(FILE *to);

static int full(int fd, int flags)
{
    static int calls;
#ifdef CHECK_FULL
    if (fd > 2 && ++calls > CHECK_FULL) {
        struct pollfd lost = {fd, 0, 0};
        if (fcntl(fd, F_GETFL) & O_NONBLOCK || flags & MSG_DONTWAIT) {
            errno = EAGAIN;
            return 1;
        }
        /* (A thread's shutdown ends the wait of another, as a reset does.) */
        while (poll(&lost, 1, -1) == -1)
            ;
    }
#endif
#ifdef CHECK_LOST
    if (fd > 2 && ++calls > CHECK_LOST) {
        errno = ECONNRESET;
        return 1;
    }
#endif
#ifdef CHECK_EAGAIN
    if (fd > 2 && fcntl(fd, F_GETFL) & O_NONBLOCK && ++calls % 2 == 0) {
        errno = EAGAIN;
        return 1;
    }
#endif
#ifdef CHECK_LIMITED
    struct timeval limit = {0, 0};
    socklen_t size = sizeof limit;
    getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &size);
    int limited = limit.tv_sec > 0 || limit.tv_usec > 0;
    if (fd > 2 && (limited || fcntl(fd, F_GETFL) & O_NONBLOCK) &&
        calls++ == 0) {
        errno = EAGAIN;
        return 1;
    }
#endif
    return (void)fd, (void)flags, (void)calls, 0;
}

/* The log may go through here as well, and gets all. */
ssize_t short_write(int fd, const void *bytes, size_t size)
{
    if (full(fd, 0))
        return -1;
    return write(fd, bytes, fd > 2 && size > CHECK_SIZE ? CHECK_SIZE : size);
}

ssize_t short_send(int fd, const void *bytes, size_t size, int flags)
{
    if (full(fd, flags))
        return -1;
    return send(fd, bytes, size > CHECK_SIZE ? CHECK_SIZE : size, flags);
}

/* The first bytes of several parts: the last part of them may be cut. */
static size_t gather(char *bytes, const struct iovec *parts, size_t count)
{
    size_t size = 0;
    for (; count > 0; parts++, count--)
        for (size_t i = 0; i < parts->iov_len && size < CHECK_SIZE; i++)
            bytes[size++] = ((const char *)parts->iov_base)[i];
    return size;
}

ssize_t short_writev(int fd, const struct iovec *parts, int count)
{
    char bytes[CHECK_SIZE];
    return fd > 2 ? short_write(fd, bytes, gather(bytes, parts, (size_t)count))
                  : writev(fd, parts, count);
}

ssize_t short_sendmsg(int fd, const struct msghdr *message, int flags)
{
    char bytes[CHECK_SIZE];
    return short_send(
        fd, bytes,
        gather(bytes, message->msg_iov, (size_t)message->msg_iovlen), flags);
}

/* These fail as others do, and are not short. */
size_t short_fwrite(const void *bytes, size_t size, size_t count, FILE *to)
{
    return full(fileno(to), 0) ? 0 : fwrite(bytes, size, count, to);
}

int short_fflush(FILE *to)
{
    return to != NULL && full(fileno(to), 0) ? EOF : fflush(to);
}

/* Sockets that accept returns have the listener's options. */
int short_listen(int fd, int backlog)
{
    int room = 2048;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return listen(fd, backlog);
}
