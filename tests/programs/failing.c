/*
 * failing: calls of a server under check that fail as they may at any time.
 * fork and pthread_create fail for want of room each time that CHECK_FAILS,
 * given to the compiler, is true of n, the how manieth it is; where CHECK_DIES
 * is true, what fork makes is said, and ends at once, by itself or killed.
 * accept loses its first client, and before the server knows why, SIGCHLD
 * comes; or (vanishing) the second client goes between poll and accept, or
 * (short) there is no descriptor for the first. The first datagram cannot be
 * sent. kill tells whom it is for, and spares the rest of the system.
 */
#define _GNU_SOURCE
#undef accept
#undef accept4
#undef fork
#undef kill
#undef pthread_create
#undef sendmmsg
#undef sendmsg
#undef sendto
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CHECK_FAILS
#define CHECK_FAILS 0
#endif
#ifndef CHECK_DIES
#define CHECK_DIES 0
#endif

static void say_when(const char *what)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(stderr, "(%s, at %lld ms)\n", what,
            now.tv_sec * 1000LL + now.tv_nsec / 1000000);
}

/* Counts the calls of one process: its children have their own troubles. */
static int fails(void)
{
    static int n;
    static pid_t home;
    if (n == 0)
        home = getpid();
    if (getpid() != home)
        return 0;
    n++;
    if (CHECK_FAILS)
        say_when("no room for one more");
    return CHECK_FAILS;
}

pid_t failing_fork(void);
pid_t failing_fork(void)
{
    if (fails()) {
        errno = EAGAIN;
        return -1;
    }
    if (CHECK_DIES)
        say_when("born");
    static int births;
    births++;
    pid_t child = fork();
    if (child == 0 && CHECK_DIES) {
        if (births % 2 == 1)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    /* It has died before the server knows its number. */
    siginfo_t how;
    while (child > 0 && CHECK_DIES &&
           waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT) == -1 &&
           errno == EINTR)
        continue;
    return child;
}

int failing_pthread_create(pthread_t *thread, const pthread_attr_t *how,
                           void *(*run)(void *), void *argument);
int failing_pthread_create(pthread_t *thread, const pthread_attr_t *how,
                           void *(*run)(void *), void *argument)
{
    return fails() ? EAGAIN : pthread_create(thread, how, run, argument);
}

static int loses(void)
{
    static int n;
    if (n++ > 0)
        return 0;
    errno = ECONNABORTED;
    kill(getpid(), SIGCHLD);
    return 1;
}

int failing_accept(int fd, struct sockaddr *from, socklen_t *size);
int failing_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return loses() ? -1 : accept(fd, from, size);
}

int vanishing_accept(int fd, struct sockaddr *from, socklen_t *size);
int vanishing_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    static int came;
    int conn = accept(fd, from, size);
    if (conn == -1 || ++came != 2)
        return conn;
    close(conn);
    return accept(fd, from, size);
}

static int is_short(void)
{
    static int n;
    if (n++ > 0)
        return 0;
    errno = EMFILE;
    return 1;
}

int short_accept(int fd, struct sockaddr *from, socklen_t *size);
int short_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return is_short() ? -1 : accept(fd, from, size);
}

#ifdef __linux__
int short_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags);
int short_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
    return is_short() ? -1 : accept4(fd, from, size, flags);
}

int vanishing_accept4(int fd, struct sockaddr *from, socklen_t *size,
                      int flags);
int vanishing_accept4(int fd, struct sockaddr *from, socklen_t *size,
                      int flags)
{
    static int came;
    int conn = accept4(fd, from, size, flags);
    if (conn == -1 || ++came != 2)
        return conn;
    close(conn);
    return accept4(fd, from, size, flags);
}

int failing_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags);
int failing_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
    return loses() ? -1 : accept4(fd, from, size, flags);
}
#endif

static int no_room(void)
{
    static int n;
    if (n++ > 0)
        return 0;
    fprintf(stderr, "(no room for a datagram, now)\n");
    errno = ENOBUFS;
    return 1;
}

ssize_t failing_sendto(int fd, const void *bytes, size_t size, int flags,
                       const struct sockaddr *to, socklen_t length);
ssize_t failing_sendto(int fd, const void *bytes, size_t size, int flags,
                       const struct sockaddr *to, socklen_t length)
{
    return no_room() ? -1 : sendto(fd, bytes, size, flags, to, length);
}

ssize_t failing_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t failing_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return no_room() ? -1 : sendmsg(fd, message, flags);
}

#ifdef __linux__
int failing_sendmmsg(int fd, struct mmsghdr *messages, unsigned count,
                     int flags);
int failing_sendmmsg(int fd, struct mmsghdr *messages, unsigned count,
                     int flags)
{
    return no_room() ? -1 : sendmmsg(fd, messages, count, flags);
}
#endif

int failing_kill(pid_t pid, int signo);
int failing_kill(pid_t pid, int signo)
{
    fprintf(stderr, "(kill %ld, %d)\n", (long)pid, signo);
    return pid == -1 ? 0 : kill(pid, signo);
}
