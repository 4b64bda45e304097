/*
 * Exercise 3.1, backlog: how many may wait is an argument.
 * New: parse_backlog. Changed: usage, main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * pause: let me sleep until a signal comes
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
    BACKLOG = 4096, /* clients who may wait to be accepted */
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./server [PORT [BACKLOG]], PORT from 1, BACKLOG "
                    "from 0, both to 65535\n");
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

/* Returns text as a backlog, from 0 to 65535; any other text ends the
   program. */
static int parse_backlog(const char *text)
{
    char *end;
    long backlog = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || backlog > 65535)
        usage();
    return (int)backlog;
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc > 3)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");
    /* The kernel cuts what is above its own limit. */
    int backlog = argc > 2 ? parse_backlog(argv[2]) : BACKLOG;

    /* IPv4, a stream of bytes, and (0) the usual protocol for that: TCP. */
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        die("socket");
    printf("socket: descriptor %d, not yet at port %d\n", listener, port);

    /* Port and host in network byte order: the most significant byte first. */
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    printf("bind: descriptor %d owns 127.0.0.1:%d\n", listener, port);

    /* So many may wait in the queue, more or less: the kernel cuts what is
       above its own limit, and counts in its own way. */
    if (listen(listener, backlog) == -1)
        die("listen");
    printf("listen: clients may connect to 127.0.0.1:%d, backlog %d\n", port,
           backlog);

    /* While we sleep the descriptor stays open; when we end, it is closed. */
    pause();
}
