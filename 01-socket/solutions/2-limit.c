/*
 * Exercise 1.2, limit: sockets until the system refuses.
 * New: nothing. Changed: main. Gone: die.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

    /* IPv4, a stream of bytes, and (0) the usual protocol for that: TCP. */
    int count = 0;
    while (socket(AF_INET, SOCK_STREAM, 0) != -1)
        count++;

    /* errno is the failed call's until the next one: read it first. */
    const char *reason = strerror(errno);
    printf("socket: %d descriptors, none at port %d, then: %s\n", count, port,
           reason);
}
