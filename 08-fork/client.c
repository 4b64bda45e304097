/*
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * pipe: make two descriptors, what is written to one is read from the other
 * fork: make a second process, a copy of me
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address
 * write: take these bytes for the server, some of them or all
 * read: give me what has come from the server, some of it or all
 * close: I am done with this descriptor; for TCP, tell the peer so
 * waitpid: which child has ended? (and forget it)
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: this machine */
    COUNT_MAX = 1000,
    PATH_SIZE = 8000, /* bytes; RFC 9112, 3, has 8000 for the whole line */
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [PORT [COUNT [PATH]]], PORT from 1 to"
                    " 65535, COUNT to 1000, PATH from / on, to 8000 bytes\n");
    exit(2);
}

/* Returns text as a port, from 1 to 65535; any other text ends the program. */
static uint16_t parse_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || port < 1 || port > 65535)
        usage();
    return (uint16_t)port;
}

/* Returns text as a number of clients, from 1 to COUNT_MAX, or ends. */
static int parse_count(const char *text)
{
    uint16_t count = parse_port(text);
    if (count > COUNT_MAX)
        usage();
    return count;
}

/* Writes all size bytes, in as many calls as the kernel wants to take them.
   Returns 0, or -1 with write(2)'s errno: EPIPE, ECONNRESET: no reader. */
static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put == -1 && errno != EINTR)
            return -1;
        if (put > 0) {
            bytes += put;
            size -= (size_t)put;
        }
    }
    return 0;
}

/* Tells whether a request line can hold text as its target. A space would end
   it there, and a line end would begin a header of the caller's choice. */
static int is_path(const char *text)
{
    if (*text != '/' || strlen(text) > PATH_SIZE)
        return 0;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return 0;
    return 1;
}

/* Returns a time in milliseconds, of a clock that nobody sets. */
static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Fetches path once. Returns the milliseconds that it took, from connect to
   the end of the response, or -1 if no good one came. */
static double fetch(uint16_t port, const char *path)
{
    double start = now_ms();
    int conn = socket(AF_INET, SOCK_STREAM, 0);
    if (conn == -1)
        return -1;

    struct sockaddr_in server = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
        return -1;

    char request[PATH_SIZE + 128];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\n"
                        "Host: 127.0.0.1:%d\r\n"
                        "Connection: close\r\n"
                        "\r\n",
                        path, port);
    if (write_all(conn, request, (size_t)size) == -1)
        return -1;

    /* Its first bytes tell whether it is good: "HTTP/1.1 200 OK". */
    char status[sizeof "HTTP/1.1 2"] = "";
    size_t seen = 0;
    char buffer[16384];
    ssize_t got;
    while ((got = read(conn, buffer, sizeof buffer)) > 0)
        for (ssize_t i = 0; i < got && seen < sizeof status - 1; i++)
            status[seen++] = buffer[i];
    close(conn);
    if (got == -1 || strncmp(status, "HTTP/1.", 7) != 0 ||
        strcmp(status + 8, " 2") != 0)
        return -1;
    return now_ms() - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
    const char *path = argc > 3 ? argv[3] : "/";
    if (argc > 4 || !is_path(path))
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");
    int count = parse_count(argc > 2 ? argv[2] : "20");

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    int results[2];
    if (pipe(results) == -1)
        die("pipe");
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == -1)
            die("fork");
        if (child == 0) {
            double ms = fetch(port, path);
            write_all(results[1], (char *)&ms, sizeof ms);
            _exit(0);
        }
    }

    /* The pipe ends when the last child has closed it, and so must we. What
       is smaller than PIPE_BUF comes in one piece (pipe(7)). */
    close(results[1]);
    double times[COUNT_MAX];
    int answered = 0;
    double ms;
    while (read(results[0], &ms, sizeof ms) == sizeof ms)
        if (ms >= 0)
            times[answered++] = ms;
    while (waitpid(-1, NULL, 0) > 0)
        continue;

    printf("answered: %d of %d\n", answered, count);
    if (answered > 0) {
        qsort(times, (size_t)answered, sizeof times[0], compare);
        printf("fastest: %.1f ms\n", times[0]);
        printf("median: %.1f ms\n", times[answered / 2]);
        printf("slowest: %.1f ms\n", times[answered - 1]);
    }
    return answered == count ? 0 : 1;
}
