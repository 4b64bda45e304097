/*
 * What bench and versus measure with: the barest servers that there are, the
 * clients that keep a server busy, and one who adds up what it costs. No part
 * of the course.
 *
 * bench reply PORT             accept, read, write, close, over and over
 * bench fork PORT              the same, each client in a process of its own
 * bench poll PORT              the same in an event loop, which keeps who asks
 * bench echo PORT              sends back all it reads, 16 KiB at a time
 * bench load PORT MS           requests by 8 clients: a second, and in all
 * bench keep PORT MS           the same, over connections that are kept
 * bench stream PORT MS         MiB out and back: a second, and in all
 * bench burst PORT COUNT       so many ask at once: the slowest one's ms
 * bench silent PORT COUNT      so many connect and say nothing; says "open"
 * bench own FILE COMMAND...    runs it until a SIGTERM; then FILE has its CPU
 *                              time and its children's in microseconds, and
 *                              their page faults
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS = 8,
    PIECE = 16384,
    POLLED = 20000,
};

static char piece[PIECE];

static void die(const char *call)
{
    perror(call);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put == -1)
            die("write");
        bytes += put;
        size -= (size_t)put;
    }
}

/* Answers one request. Returns 1 if the next may come here, 0 if not. */
static int reply(int conn)
{
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n"
        "{\"user_id\": \"42\"}";
    ssize_t got = read(conn, piece, sizeof piece - 1);
    if (got <= 0)
        return 0;
    piece[got] = '\0';
    write_all(conn, answer, sizeof answer - 1);
    return strstr(piece, "Connection: close") == NULL;
}

static void echo(int conn)
{
    ssize_t got;
    while ((got = read(conn, piece, sizeof piece)) > 0)
        write_all(conn, piece, (size_t)got);
}

static void reap(int signo)
{
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

static void serve(const char *how, int listener)
{
    int forks = strcmp(how, "fork") == 0;
    printf("listen: ready\n");
    fflush(stdout);
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        if (conn == -1)
            die("accept");
        if (!forks || fork() == 0) {
            if (forks)
                close(listener);
            if (strcmp(how, "echo") == 0)
                echo(conn);
            else
                reply(conn);
            if (forks)
                _exit(0);
        }
        close(conn);
    }
}

static void serve_all(int listener)
{
    static struct pollfd polled[POLLED];
    nfds_t count = 1;
    polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    printf("listen: ready\n");
    fflush(stdout);
    while (poll(polled, count, -1) != -1) {
        for (nfds_t i = count - 1; i > 0; i--)
            if (polled[i].revents != 0 && !reply(polled[i].fd)) {
                close(polled[i].fd);
                polled[i] = polled[--count];
            }
        if (polled[0].revents != 0 && count < POLLED) {
            int conn = accept(listener, NULL, NULL);
            if (conn == -1)
                die("accept");
            polled[count++] = (struct pollfd){.fd = conn, .events = POLLIN};
        }
    }
    die("poll");
}

static int open_conn(const struct sockaddr_in *server)
{
    int conn = socket(AF_INET, SOCK_STREAM, 0);
    if (conn == -1)
        die("socket");
    if (connect(conn, (const struct sockaddr *)server, sizeof *server) == -1)
        die("connect");
    return conn;
}

/* Asks once, and reads the answer: to its end, or, if the connection is kept,
   to the end of its JSON. Tells whether the connection is still there. */
static int ask(int conn, int kept)
{
    const char *request = kept ? "GET /users/42 HTTP/1.1\r\n"
                                 "Host: 127.0.0.1\r\n\r\n"
                               : "GET /users/42 HTTP/1.1\r\n"
                                 "Host: 127.0.0.1\r\n"
                                 "Connection: close\r\n\r\n";
    write_all(conn, request, strlen(request));
    ssize_t got, all = 0;
    while ((got = read(conn, piece, sizeof piece - 1)) > 0) {
        all += got;
        piece[got] = '\0';
        if (kept && strchr(piece, '}') != NULL)
            return strstr(piece, "Connection: close") == NULL;
    }
    if (got == -1 || all == 0 || kept)
        die("read");
    return 0;
}

/* Prints how many requests a second CLIENTS processes get answered in ms. */
static void load(const struct sockaddr_in *server, long ms, int kept)
{
    int ends[2];
    double start = now(), end = start + (double)ms / 1000;
    if (pipe(ends) == -1)
        die("pipe");
    for (int i = 0; i < CLIENTS; i++) {
        if (fork() != 0)
            continue;
        int conn = -1;
        long n = 0;
        do {
            if (conn == -1)
                conn = open_conn(server);
            if (!ask(conn, kept)) {
                close(conn);
                conn = -1;
            }
            n++;
        } while (now() < end);
        write_all(ends[1], (char *)&n, sizeof n);
        _exit(0);
    }
    close(ends[1]);
    long n, all = 0, ended = 0;
    while (read(ends[0], &n, sizeof n) == sizeof n) {
        all += n;
        ended++;
    }
    if (ended != CLIENTS)
        exit(1);
    printf("%.2f %ld\n", (double)all / (now() - start), all);
}

static void stream(const struct sockaddr_in *server, long ms)
{
    double start = now();
    int conn = open_conn(server);
    if (fork() == 0) {
        do
            for (int i = 0; i < 64; i++)
                write_all(conn, piece, PIECE);
        while (now() < start + (double)ms / 1000);
        shutdown(conn, SHUT_WR);
        _exit(0);
    }
    ssize_t got;
    double all = 0;
    while ((got = read(conn, piece, sizeof piece)) > 0)
        all += (double)got;
    all /= 1 << 20;
    printf("%.2f %.2f\n", all / (now() - start), all);
}

/* Connects and asks count times before it reads the first answer. Prints how
   many ms the last one took. */
static void burst(const struct sockaddr_in *server, long count)
{
    static int conns[POLLED];
    double start = now();
    for (long i = 0; i < count && i < POLLED; i++)
        conns[i] = open_conn(server);
    for (long i = 0; i < count && i < POLLED; i++)
        ask(conns[i], 0);
    printf("%.1f\n", (now() - start) * 1000);
}

static void silent(const struct sockaddr_in *server, long count)
{
    for (long i = 0; i < count; i++)
        open_conn(server);
    printf("open\n");
    fflush(stdout);
    pause();
}

static pid_t owned;

static void end_owned(int signo)
{
    kill(-owned, signo);
}

/* As the nearest "subreaper" (prctl(2)) it waits on Linux for the children of
   its child as well, so that what they have used is known. */
static void own(const char *file, char *command[])
{
    struct sigaction action = {.sa_handler = end_owned};
    sigemptyset(&action.sa_mask);
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
    owned = fork();
    if (owned == 0) {
        setpgid(0, 0);
        execvp(command[0], command);
        die(command[0]);
    }
    setpgid(owned, owned);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    while (wait(NULL) != -1 || getpgid(owned) != -1)
        continue;
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    FILE *out = fopen(file, "w");
    if (out == NULL)
        die(file);
    fprintf(out, "%lld %ld\n",
            (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL +
                used.ru_utime.tv_usec + used.ru_stime.tv_usec,
            used.ru_minflt);
    fclose(out);
}

static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char *argv[])
{
    if (argc < 3)
        return 2;
    if (strcmp(argv[1], "own") == 0 && argc > 3) {
        own(argv[2], argv + 3);
        return 0;
    }
    raise_limit();
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(argv[2])),
        .sin_addr.s_addr = htonl(0x7f000001),
    };
    if (argc > 3 && strcmp(argv[1], "load") == 0) {
        load(&address, atol(argv[3]), 0);
    } else if (argc > 3 && strcmp(argv[1], "keep") == 0) {
        load(&address, atol(argv[3]), 1);
    } else if (argc > 3 && strcmp(argv[1], "burst") == 0) {
        burst(&address, atol(argv[3]));
    } else if (argc > 3 && strcmp(argv[1], "silent") == 0) {
        silent(&address, atol(argv[3]));
    } else if (argc > 3) {
        stream(&address, atol(argv[3]));
    } else {
        int on = 1;
        int listener = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
            die("bind");
        if (listen(listener, 4096) == -1)
            die("listen");
        if (strcmp(argv[1], "poll") == 0)
            serve_all(listener);
        serve(argv[1], listener);
    }
}
