/*
 * Calls of a server under check: a client gets SIZE bytes from each, at most,
 * and the kernel takes few of them before there is a reader.
 */
#undef write
#undef send
#undef sendmsg
#undef writev
#undef listen
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t short_write(int fd, const void *bytes, size_t size);
ssize_t short_send(int fd, const void *bytes, size_t size, int flags);
ssize_t short_writev(int fd, const struct iovec *parts, int count);
ssize_t short_sendmsg(int fd, const struct msghdr *message, int flags);
int short_listen(int fd, int backlog);

/* The log may go through here as well, and gets all. */
ssize_t short_write(int fd, const void *bytes, size_t size)
{
    return write(fd, bytes, fd > 2 && size > SIZE ? SIZE : size);
}

ssize_t short_send(int fd, const void *bytes, size_t size, int flags)
{
    return send(fd, bytes, size > SIZE ? SIZE : size, flags);
}

/* Of several parts, of the first that has any bytes. */
static const struct iovec *first_of(const struct iovec *parts, size_t count)
{
    while (count > 1 && parts->iov_len == 0)
        parts++, count--;
    return parts;
}

ssize_t short_writev(int fd, const struct iovec *parts, int count)
{
    const struct iovec *first = first_of(parts, (size_t)count);
    return fd > 2 ? short_write(fd, first->iov_base, first->iov_len)
                  : writev(fd, parts, count);
}

ssize_t short_sendmsg(int fd, const struct msghdr *message, int flags)
{
    const struct iovec *first =
        first_of(message->msg_iov, (size_t)message->msg_iovlen);
    return short_send(fd, first->iov_base, first->iov_len, flags);
}

/* Sockets that accept returns have the listener's options. */
int short_listen(int fd, int backlog)
{
    int room = 2048;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return listen(fd, backlog);
}
