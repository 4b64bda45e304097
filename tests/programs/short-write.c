/*
 * Calls of a server under check: a client gets SIZE bytes from each, at most,
 * and the kernel takes few of them before there is a reader.
 */
#undef write
#undef send
#undef listen
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t short_write(int fd, const void *bytes, size_t size);
ssize_t short_send(int fd, const void *bytes, size_t size, int flags);
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

/* Sockets that accept returns have the listener's options. */
int short_listen(int fd, int backlog)
{
    int room = 2048;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return listen(fd, backlog);
}
