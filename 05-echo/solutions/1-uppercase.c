/*
 * Exercise 5.1, uppercase: echo in upper case.
 * New: to_upper. Changed: serve.
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
#include <ctype.h>
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

/* Makes a to z upper case, size bytes in place: a NUL is a byte like others.
   unsigned, because toupper(3) is not defined for a negative char. */
static void to_upper(char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)toupper((unsigned char)bytes[i]);
}

/* Sends every byte back, in upper case. A stream has no messages: a read
   returns what is there, and 0 when the client has finished. */
static void serve(int conn)
{
    char buffer[16384];
    ssize_t got;
    while ((got = read(conn, buffer, sizeof buffer)) > 0) {
        to_upper(buffer, (size_t)got);
        if (write_all(conn, buffer, (size_t)got) == -1) {
            lost("write");
            return;
        }
    }
    if (got == -1)
        lost("read");
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
