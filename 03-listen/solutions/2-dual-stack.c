/*
 * Exercise 3.2, dual-stack: one IPv6 socket that IPv4 clients reach too.
 * New: nothing. Changed: main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, any of this machine's, and a port
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

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc > 2)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* IPv6, a stream of bytes, and (0) the usual protocol for that: TCP. */
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener == -1)
        die("socket");
    printf("socket: descriptor %d, not yet at port %d\n", listener, port);

    /* IPv4 clients too: each has the address ::ffff:a.b.c.d here. Systems
       differ in what they do when they are not told. */
    int off = 0;
    if (setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) ==
        -1)
        die("setsockopt");

    /* ::, any address of this machine, for that alone is of both kinds. So
       the network reaches this port while the server runs. */
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(port),
        .sin6_addr = in6addr_any,
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    printf("bind: descriptor %d owns [::]:%d\n", listener, port);

    /* Up to BACKLOG may wait in the queue, or the kernel's limit. */
    if (listen(listener, BACKLOG) == -1)
        die("listen");
    printf("listen: clients may connect to [::]:%d, over IPv6 and IPv4\n",
           port);

    /* While we sleep the descriptor stays open; when we end, it is closed. */
    pause();
}
