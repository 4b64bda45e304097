/*
 * Exercise 6.1, duplex: both directions at once, as nc has it.
 * New: wait_of, move, converse. Changed: main. Gone: write_all, show_reply.
 *
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * getaddrinfo: find the addresses of this host (a library's work, which
 *     reads files and asks name servers)
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address, or tell me why not
 * fcntl: let no read or write on this descriptor sleep
 * poll: sleep until one of these descriptors is ready
 * read: give me what has come, some of it or all
 * write: take these bytes, some of them or all
 * shutdown: I have no more to say, but I still listen
 * close: I am done with this descriptor; for TCP, tell the peer so
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One direction: what was read on one side and has yet to be written on the
   other. */
struct flow {
    int from;
    int to;
    int ended; /* from has no more */
    int lost; /* as a write was told: the next read gives 0 */
    size_t size; /* bytes that were read */
    size_t done; /* of these, written */
    char bytes[16384];
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [HOST [PORT]], PORT from 1 to 65535\n");
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

/* Connects to one address. Returns the descriptor, or -1 with errno and the
   name of the call that failed. */
static int try_address(const struct addrinfo *address, const char **call)
{
    int conn =
        socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    *call = "socket";
    if (conn == -1)
        return -1;
    *call = "connect";
    if (connect(conn, address->ai_addr, address->ai_addrlen) == -1) {
        int reason = errno;
        close(conn);
        errno = reason;
        return -1;
    }

    char host[64]; /* an IPv6 address and its zone */
    if (getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host,
                    NULL, 0, NI_NUMERICHOST) == 0)
        fprintf(stderr, "connect: reached %s\n", host);
    return conn;
}

/* Returns a connection to host, a name or an address. A name may have many
   addresses, of IPv4 and IPv6: the first that accepts is taken. */
static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *list;
    int failure = getaddrinfo(host, port, &hints, &list);
    if (failure == EAI_SYSTEM)
        die("getaddrinfo");
    if (failure != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(failure));
        exit(1);
    }

    int conn = -1;
    const char *call = "getaddrinfo";
    for (struct addrinfo *a = list; a != NULL && conn == -1; a = a->ai_next)
        conn = try_address(a, &call);
    if (conn == -1)
        die(call);
    freeaddrinfo(list);
    return conn;
}

/* Returns what a direction waits for: a side that takes what there is, or
   else one that has more; after the end nothing (poll passes over -1). */
static struct pollfd wait_of(const struct flow *flow)
{
    if (flow->done < flow->size)
        return (struct pollfd){.fd = flow->to, .events = POLLOUT};
    return (struct pollfd){.fd = flow->ended ? -1 : flow->from,
                           .events = POLLIN};
}

/* Takes the one step that poll(2) has found ready: one read or one write. */
static void move(struct flow *flow)
{
    if (flow->done < flow->size) {
        /* A pipe that is ready takes so much at once: more could sleep. */
        size_t size = flow->size - flow->done;
        if (size > PIPE_BUF)
            size = PIPE_BUF;
        ssize_t put = write(flow->to, flow->bytes + flow->done, size);
        if (put == -1 && errno != EAGAIN && errno != EINTR) {
            if (flow->to == STDOUT_FILENO)
                die("write");
            /* The server takes no more: what it has said is still to read. */
            flow->lost = errno != EPIPE;
            perror("write");
            flow->ended = 1;
            flow->size = flow->done;
        }
        if (put > 0)
            flow->done += (size_t)put;
        return;
    }

    ssize_t got = read(flow->from, flow->bytes, sizeof flow->bytes);
    if (got == -1 && errno != EAGAIN && errno != EINTR)
        die("read");
    flow->done = 0;
    flow->size = got > 0 ? (size_t)got : 0;
    flow->ended = got == 0;
}

/* Carries both directions at once, until the server ends its own. Neither
   sleeps but in poll, so neither can hold up the other. (On a terminal that
   stands still, after Ctrl-S, a write may sleep all the same.) Returns 1 if
   the server was lost, and has not ended (EPIPE). */
static int converse(int conn)
{
    struct flow out = {.from = STDIN_FILENO, .to = conn};
    struct flow in = {.from = conn, .to = STDOUT_FILENO};
    int told = 0;
    while (!in.ended) {
        struct pollfd waits[] = {wait_of(&out), wait_of(&in)};
        if (poll(waits, 2, -1) == -1 && errno != EINTR)
            die("poll");
        if (waits[0].revents != 0)
            move(&out);
        if (waits[1].revents != 0)
            move(&in);

        /* The server gets an end of file; what it sends still comes. */
        if (out.ended && !told) {
            shutdown(conn, SHUT_WR);
            told = 1;
        }
    }
    return out.lost;
}

int main(int argc, char *argv[])
{
    if (argc > 3)
        usage();
    const char *host = argc > 1 ? argv[1] : "127.0.0.1";
    const char *port = argc > 2 ? argv[2] : "8080";
    parse_port(port);

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    int conn = connect_to(host, port);

    /* A write to the server shall fail with EAGAIN rather than sleep. Standard
       input and output stay as they are: others share them with us. */
    int flags = fcntl(conn, F_GETFL);
    if (flags == -1 || fcntl(conn, F_SETFL, flags | O_NONBLOCK) == -1)
        die("fcntl");

    int lost = converse(conn);
    close(conn);
    return lost;
}
