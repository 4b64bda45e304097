/*
 * Calls of a server under check: a client gets SIZE bytes from each, at most.
 */
#undef write
#undef send
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t short_write(int fd, const void *bytes, size_t size);
ssize_t short_send(int fd, const void *bytes, size_t size, int flags);

/* The log may go through here as well, and gets all. */
ssize_t short_write(int fd, const void *bytes, size_t size)
{
    return write(fd, bytes, fd > 2 && size > SIZE ? SIZE : size);
}

ssize_t short_send(int fd, const void *bytes, size_t size, int flags)
{
    return send(fd, bytes, size > SIZE ? SIZE : size, flags);
}
