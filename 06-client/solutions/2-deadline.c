/*
 * Exercise 6.2, deadline: give up connecting after some seconds.
 * New: parse_seconds, connect_within. Changed: usage, try_address,
 * connect_to, main.
 *
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * getaddrinfo: find the addresses of this host (a library's work, which
 *     reads files and asks name servers)
 * socket: make one end of a conversation, and a descriptor that stands for it
 * fcntl: let no call on this descriptor sleep, and later: let them again
 * connect: begin to reach the server at that address
 * poll: sleep until that has come to an end, but no longer than this
 * getsockopt: tell me how it ended
 * write: take these bytes for the server, some of them or all
 * read: give me what has come from the server, some of it or all
 * close: I am done with this descriptor; for TCP, tell the peer so
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINE_LIMIT = 16384, /* bytes, what both kernels hold with ease */
    SECONDS = 10, /* for each address to answer, if we are told no other */
    SECONDS_LIMIT = 3600,
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [HOST [PORT [SECONDS]]], PORT from 1 to"
                    " 65535, SECONDS from 1 to 3600\n");
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

/* Returns text as a number of seconds; any other text ends the program. */
static int parse_seconds(const char *text)
{
    char *end;
    long seconds = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || seconds < 1 ||
        seconds > SECONDS_LIMIT)
        usage();
    return (int)seconds;
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

/* Connects as connect(2) does, but waits for so many seconds, not for the
   minutes that the kernel would: then it fails with ETIMEDOUT. */
static int connect_within(int seconds, int conn,
                          const struct addrinfo *address)
{
    int flags = fcntl(conn, F_GETFL);
    if (flags == -1 || fcntl(conn, F_SETFL, flags | O_NONBLOCK) == -1)
        return -1;

    if (connect(conn, address->ai_addr, address->ai_addrlen) == -1) {
        if (errno != EINPROGRESS)
            return -1;
        struct pollfd wait = {.fd = conn, .events = POLLOUT};
        int ready = poll(&wait, 1, seconds * 1000);
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready != 1)
            return -1;

        /* It is over, which poll tells of a failure too: the reason is kept
           with the socket. */
        int reason;
        socklen_t size = sizeof reason;
        if (getsockopt(conn, SOL_SOCKET, SO_ERROR, &reason, &size) == -1)
            return -1;
        errno = reason;
        if (reason != 0)
            return -1;
    }

    /* From here on a read waits for the reply, as before. */
    return fcntl(conn, F_SETFL, flags);
}

/* Connects to one address. Returns the descriptor, or -1 with errno and the
   name of the call that failed. */
static int try_address(int seconds, const struct addrinfo *address,
                       const char **call)
{
    int conn =
        socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    *call = "socket";
    if (conn == -1)
        return -1;
    *call = "connect";
    if (connect_within(seconds, conn, address) == -1) {
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
   addresses, of IPv4 and IPv6: the first that accepts in time is taken. */
static int connect_to(const char *host, const char *port, int seconds)
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
        conn = try_address(seconds, a, &call);
    if (conn == -1)
        die(call);
    freeaddrinfo(list);
    return conn;
}

/* Shows what the server sends, as it comes, until a line of it is complete. */
static void show_reply(int conn)
{
    char buffer[16384];
    ssize_t got;
    do {
        got = read(conn, buffer, sizeof buffer);
        if (got == -1)
            die("read");
        if (got == 0) {
            fprintf(stderr, "read: end of file, the server has closed\n");
            exit(1);
        }
        if (write_all(STDOUT_FILENO, buffer, (size_t)got) == -1)
            die("write");
    } while (memchr(buffer, '\n', (size_t)got) == NULL);
}

int main(int argc, char *argv[])
{
    if (argc > 4)
        usage();
    const char *host = argc > 1 ? argv[1] : "127.0.0.1";
    const char *port = argc > 2 ? argv[2] : "8080";
    parse_port(port);
    int seconds = argc > 3 ? parse_seconds(argv[3]) : SECONDS;

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    int conn = connect_to(host, port, seconds);

    /* One line out, one line back; in between nobody listens to the other. */
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while ((size = getline(&line, &room, stdin)) > 0) {
        if (size > LINE_LIMIT) {
            fprintf(stderr, "getline: more than %d bytes\n", LINE_LIMIT);
            exit(1);
        }
        if (write_all(conn, line, (size_t)size) == -1)
            die("write");
        /* The last line of a file may lack its end, which the server needs. */
        if (line[size - 1] != '\n' && write_all(conn, "\n", 1) == -1)
            die("write");
        show_reply(conn);
    }
    if (!feof(stdin))
        die("getline");
    free(line);
    close(conn);
}
