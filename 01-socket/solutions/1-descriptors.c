/*
 * Exercise 1.1, descriptors: four sockets, and the numbers that they get.
 * New: new_socket. Changed: main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 * close: I am done with that descriptor, and its number is free
 * pause: let me sleep until a signal comes
 */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Makes a socket, says which descriptor stands for it, and returns that. */
static int new_socket(int family, int type, const char *kind)
{
    int descriptor = socket(family, type, 0);
    if (descriptor == -1)
        die("socket");
    printf("socket: descriptor %d, %s\n", descriptor, kind);
    return descriptor;
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc > 2)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* The kernel gives each the lowest number that is free in this process. */
    new_socket(AF_INET, SOCK_STREAM, "IPv4 TCP");
    int middle = new_socket(AF_INET, SOCK_DGRAM, "IPv4 UDP");
    new_socket(AF_INET6, SOCK_STREAM, "IPv6 TCP");

    if (close(middle) == -1)
        die("close");
    printf("close: descriptor %d\n", middle);

    /* Now the middle number is the lowest free: another socket gets it. */
    new_socket(AF_INET, SOCK_DGRAM, "IPv4 UDP");
    printf("none of them is at port %d yet\n", port);

    /* While we sleep the descriptor stays open; when we end, it is closed. */
    pause();
}
