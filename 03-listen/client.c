/*
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address (chapter 6 opens this box)
 * getsockname: tell me my own address, which connect has chosen
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: this machine */
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [PORT], a number from 1 to 65535\n");
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

    /* The very call of the server: at birth both ends are alike. */
    int conn = socket(AF_INET, SOCK_STREAM, 0);
    if (conn == -1)
        die("socket");
    printf("socket: descriptor %d, no way to port %d yet\n", conn, port);

    struct sockaddr_in server = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    printf("connect: descriptor %d reaches 127.0.0.1:%d\n", conn, port);

    struct sockaddr_in own;
    socklen_t size = sizeof own;
    if (getsockname(conn, (struct sockaddr *)&own, &size) == -1)
        die("getsockname");
    port = ntohs(own.sin_port);
    printf("getsockname: descriptor %d is 127.0.0.1:%d\n", conn, port);
}
