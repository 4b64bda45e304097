/*
 * Two halves of bench: the barest servers that there are, to compare
 * the stages with, and the clients that keep them busy. No part of the course.
 *
 * bench reply PORT             accept, read, write, close, over and over
 * bench fork PORT              the same, each client in a process of its own
 * bench echo PORT              sends back all it reads, 16 KiB at a time
 * bench load PORT COUNT        COUNT requests by 8 clients, prints requests/s
 * bench keep PORT COUNT        the same, over connections that are kept
 * bench stream PORT COUNT      COUNT MiB out and back, prints MiB/s
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS = 8,
    PIECE = 16384,
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

static void reply(int conn)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n"
                                 "Connection: close\r\n\r\n"
                                 "{\"user_id\": \"42\"}";
    if (read(conn, piece, sizeof piece) > 0)
        write_all(conn, answer, sizeof answer - 1);
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

static void load(const struct sockaddr_in *server, long count, int kept)
{
    double start = now();
    for (int i = 0; i < CLIENTS; i++) {
        if (fork() != 0)
            continue;
        int conn = -1;
        for (long n = 0; n < count / CLIENTS; n++) {
            if (conn == -1)
                conn = open_conn(server);
            if (!ask(conn, kept)) {
                close(conn);
                conn = -1;
            }
        }
        _exit(0);
    }
    int status, failed = 0;
    while (wait(&status) > 0)
        failed |= status;
    if (failed)
        exit(1);
    printf("%.0f\n", (double)(count / CLIENTS * CLIENTS) / (now() - start));
}

static void stream(const struct sockaddr_in *server, long mib)
{
    double start = now();
    int conn = open_conn(server);
    if (fork() == 0) {
        for (long n = 0; n < mib << 20; n += PIECE)
            write_all(conn, piece, PIECE);
        shutdown(conn, SHUT_WR);
        _exit(0);
    }
    ssize_t got, all = 0;
    while ((got = read(conn, piece, sizeof piece)) > 0)
        all += got;
    if (all != mib << 20)
        die("read");
    printf("%.0f\n", (double)mib / (now() - start));
}

int main(int argc, char *argv[])
{
    if (argc < 3)
        return 2;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(argv[2])),
        .sin_addr.s_addr = htonl(0x7f000001),
    };
    if (argc > 3 && strcmp(argv[1], "load") == 0) {
        load(&address, atol(argv[3]), 0);
    } else if (argc > 3 && strcmp(argv[1], "keep") == 0) {
        load(&address, atol(argv[3]), 1);
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
        serve(argv[1], listener);
    }
}
