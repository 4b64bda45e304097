/*
 * Exercise 5.2, lines: for each line, its length and the line.
 * New: refuse, answer, take. Changed: serve.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a client that has gone
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * accept: give me the first in the queue, as a descriptor of its own
 * read: give me what has come from the client, some of it or all
 * write: take these bytes for the client, some of them or all
 * close: I am done with this descriptor; for TCP, tell the peer so
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
#include <unistd.h>

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
    BACKLOG = 4096, /* clients who may wait to be accepted */
    MAX_LINE = 1000, /* bytes of a line, without its line end */
};

/* The line that has not ended yet, with room for a CR, which may be the first
   half of its line end. */
struct line {
    char bytes[MAX_LINE + 1];
    size_t length;
};

/* The client being served, for the log: its address and port. */
static char peer[sizeof "255.255.255.255:65535"];

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

/* Says which call lost the client, and why, from errno. */
static void lost(const char *call)
{
    fprintf(stderr, "%s: %s: %s\n", peer, call, strerror(errno));
}

static void usage(void)
{
    fprintf(stderr, "usage: ./server [PORT], a number from 1 to 65535\n");
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

/* Returns when accept(2), having failed, may be tried again: at once if one
   client was lost or a signal came, after a second otherwise. */
static void accept_failed(void)
{
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
        return;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        die("accept");
    perror("accept");
    sleep(1);
}

static void name_peer(const struct sockaddr_in *client)
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &client->sin_addr, host, sizeof host);
    snprintf(peer, sizeof peer, "%s:%d", host, ntohs(client->sin_port));
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

/* Tells the client that its line is too long. Returns -1: it is to be given
   up, for nobody knows where its next line begins. */
static int refuse(int conn)
{
    char reply[64];
    int size = snprintf(reply, sizeof reply,
                        "error: a line has at most %d bytes\n", MAX_LINE);
    printf("read: a line of %s is too long\n", peer);
    if (write_all(conn, reply, (size_t)size) == -1)
        lost("write");
    return -1;
}

/* Answers the line, in one write, and makes room for the next. Returns 0, or
   -1 when this client is to be given up; then the log says why. */
static int answer(int conn, struct line *line)
{
    char reply[MAX_LINE + 32];
    size_t length = line->length;
    line->length = 0;
    if (length > MAX_LINE)
        return refuse(conn);
    size_t size = (size_t)snprintf(reply, sizeof reply, "%zu ", length);
    memcpy(reply + size, line->bytes, length);
    size += length;
    reply[size++] = '\n';
    if (write_all(conn, reply, size) == 0)
        return 0;
    lost("write");
    return -1;
}

/* Adds what a read has brought: a part of a line, or many lines. Answers each
   line that has come to its end, an LF with or without a CR before it. Returns
   as answer does. */
static int take(int conn, struct line *line, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            if (line->length > 0 && line->bytes[line->length - 1] == '\r')
                line->length--;
            if (answer(conn, line) == -1)
                return -1;
        } else if (line->length == sizeof line->bytes) {
            return refuse(conn);
        } else {
            line->bytes[line->length++] = bytes[i];
        }
    }
    return 0;
}

/* Answers every line. Where a read ends has nothing to do with where a line
   ends: what is left over waits in line for the rest. */
static void serve(int conn)
{
    char buffer[16384];
    struct line line = {.length = 0};
    ssize_t got;
    while ((got = read(conn, buffer, sizeof buffer)) > 0)
        if (take(conn, &line, buffer, (size_t)got) == -1)
            return;
    if (got == -1)
        lost("read");
    else if (line.length > 0)
        answer(conn, &line); /* the end of the file ends the last line, too */
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* A write to a client that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    if (argc > 2)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* IPv4, a stream of bytes, and (0) the usual protocol for that: TCP. */
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        die("socket");
    printf("socket: descriptor %d, not yet at port %d\n", listener, port);

    /* After a close TCP holds the port a while for late packets (TIME_WAIT):
       without this option a restart would find its address in use. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt");

    /* Port and host in network byte order: the most significant byte first. */
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    printf("bind: descriptor %d owns 127.0.0.1:%d\n", listener, port);

    /* Up to BACKLOG may wait in the queue, or the kernel's limit. */
    if (listen(listener, BACKLOG) == -1)
        die("listen");
    printf("listen: clients may connect to 127.0.0.1:%d\n", port);

    for (;;) {
        /* Sleeps until a client is in the queue. The listener goes on as it
           is: talking to this one client has a descriptor of its own. */
        struct sockaddr_in client = {0};
        socklen_t size = sizeof client;
        int conn = accept(listener, (struct sockaddr *)&client, &size);
        if (conn == -1) {
            accept_failed();
            continue;
        }
        name_peer(&client);
        printf("accept: descriptor %d talks to %s\n", conn, peer);

        serve(conn);
        close(conn);
        printf("close: %s\n", peer);
    }
}
