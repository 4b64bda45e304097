/*
 * swallow: calls of a server under check. Of what is longer than 1000 bytes
 * 65536 are taken, always, in a tenth of a millisecond, and go nowhere: a
 * client without end who is always ready for more.
 */
#define _GNU_SOURCE
#undef send
#undef sendfile
#undef sendmsg
#undef write
#undef writev
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/sendfile.h>
#endif

enum { SMALL = 1000, MOST = 65536 };

static size_t swallow(size_t size)
{
    nanosleep(&(struct timespec){0, 100000}, NULL);
    return size < MOST ? size : MOST;
}

static size_t length(const struct iovec *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

ssize_t swallow_write(int fd, const void *bytes, size_t size);
ssize_t swallow_write(int fd, const void *bytes, size_t size)
{
    return size > SMALL ? (ssize_t)swallow(size) : write(fd, bytes, size);
}

ssize_t swallow_send(int fd, const void *bytes, size_t size, int flags);
ssize_t swallow_send(int fd, const void *bytes, size_t size, int flags)
{
    return size > SMALL ? (ssize_t)swallow(size)
                        : send(fd, bytes, size, flags);
}

ssize_t swallow_writev(int fd, const struct iovec *parts, int count);
ssize_t swallow_writev(int fd, const struct iovec *parts, int count)
{
    size_t size = length(parts, (size_t)count);
    return size > SMALL ? (ssize_t)swallow(size) : writev(fd, parts, count);
}

ssize_t swallow_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t swallow_sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t size = length(message->msg_iov, (size_t)message->msg_iovlen);
    return size > SMALL ? (ssize_t)swallow(size) : sendmsg(fd, message, flags);
}

#ifdef __linux__
ssize_t swallow_sendfile(int fd, int file, off_t *from, size_t size);
ssize_t swallow_sendfile(int fd, int file, off_t *from, size_t size)
{
    if (size <= SMALL || from == NULL)
        return sendfile(fd, file, from, size);
    size = swallow(size);
    *from += (off_t)size;
    return (ssize_t)size;
}
#endif
