/*
 * together: calls that a threaded server makes while it answers. Who makes one
 * waits until another thread makes it too, for a second at most: so what two
 * threads share, each has changed before the other goes on. gmtime has one
 * result for all callers, as POSIX allows, and tells when a second call comes
 * before the first one's result is used.
 */
#define _GNU_SOURCE
#undef fputs
#undef gmtime
#undef gmtime_r
#undef printf
#undef puts
#undef send
#undef sendmsg
#undef time
#undef write
#undef writev
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { TIME, GMTIME, WRITE, LOG, PLACES };

/* Waits at that place until the number of those who have come is even. */
static void meet(int place)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t another = PTHREAD_COND_INITIALIZER;
    static int came[PLACES];
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&lock);
    int mine = ++came[place];
    pthread_cond_broadcast(&another);
    while (mine % 2 == 1 && came[place] == mine)
        if (pthread_cond_timedwait(&another, &lock, &until) != 0)
            break;
    pthread_mutex_unlock(&lock);
}

time_t check_time(time_t *now);
time_t check_time(time_t *now)
{
    meet(TIME);
    return time(now);
}

struct tm *check_gmtime_r(const time_t *now, struct tm *utc);
struct tm *check_gmtime_r(const time_t *now, struct tm *utc)
{
    meet(GMTIME);
    return gmtime_r(now, utc);
}

struct tm *check_gmtime(const time_t *now);
struct tm *check_gmtime(const time_t *now)
{
    static struct tm shared;
    static int calls;
    int mine = ++calls;
    gmtime_r(now, &shared);
    meet(GMTIME);
    if (calls != mine)
        fprintf(stderr, "(gmtime: two threads, one result)\n");
    return &shared;
}

ssize_t check_write(int fd, const void *bytes, size_t size);
ssize_t check_write(int fd, const void *bytes, size_t size)
{
    if (fd > 2)
        meet(WRITE);
    else if (memchr(bytes, '"', size) != NULL)
        meet(LOG);
    return write(fd, bytes, size);
}

/* A line of the log, as no other line of a server, has quotation marks. */
int check_printf(const char *format, ...);
int check_printf(const char *format, ...)
{
    char line[4096];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (strchr(line, '"') != NULL)
        meet(LOG);
    va_start(values, format);
    int size = vprintf(format, values);
    va_end(values);
    return size;
}

int check_fputs(const char *text, FILE *file);
int check_fputs(const char *text, FILE *file)
{
    if (strchr(text, '"') != NULL)
        meet(LOG);
    return fputs(text, file);
}

int check_puts(const char *text);
int check_puts(const char *text)
{
    if (strchr(text, '"') != NULL)
        meet(LOG);
    return puts(text);
}

ssize_t check_writev(int fd, const struct iovec *pieces, int count);
ssize_t check_writev(int fd, const struct iovec *pieces, int count)
{
    if (fd > 2)
        meet(WRITE);
    return writev(fd, pieces, count);
}

ssize_t check_send(int fd, const void *bytes, size_t size, int flags);
ssize_t check_send(int fd, const void *bytes, size_t size, int flags)
{
    meet(WRITE);
    return send(fd, bytes, size, flags);
}

ssize_t check_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t check_sendmsg(int fd, const struct msghdr *message, int flags)
{
    meet(WRITE);
    return sendmsg(fd, message, flags);
}
