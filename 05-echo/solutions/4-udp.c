/*
 * Exercise 5.4, udp: the same echo over UDP.
 * New: receive_failed. Changed: serve, main. Gone: accept_failed, write_all.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * socket: make one end of a conversation, and a descriptor that stands for it
 * bind: give it an address of its own, 127.0.0.1 and a port
 * recvfrom: give me the next datagram, and say who sent it
 * sendto: send these bytes to that address, as one datagram
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
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

/* Returns when recvfrom(2), having failed, may be tried again: at once if a
   signal came, after a second if memory is short. That a client has gone
   nobody tells us: this socket is not connected to any. */
static void receive_failed(void)
{
    if (errno == EINTR)
        return;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        die("recvfrom");
    perror("recvfrom");
    sleep(1);
}

static void name_peer(const struct sockaddr_in *client)
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &client->sin_addr, host, sizeof host);
    snprintf(peer, sizeof peer, "%s:%d", host, ntohs(client->sin_port));
}

/* Sends one datagram back. It comes and goes whole, or not at all: there is
   no rest to wait for, and no end; 0 bytes are a datagram like any other. */
static void serve(int conn)
{
    char buffer[65536]; /* more than a datagram can have: none is cut off */
    struct sockaddr_in client = {0};
    socklen_t size = sizeof client;
    ssize_t got = recvfrom(conn, buffer, sizeof buffer, 0,
                           (struct sockaddr *)&client, &size);
    if (got == -1) {
        receive_failed();
        return;
    }
    name_peer(&client);
    printf("recvfrom: %zd bytes from %s\n", got, peer);
    if (sendto(conn, buffer, (size_t)got, 0, (struct sockaddr *)&client,
               size) == -1)
        lost("sendto");
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc > 2)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* IPv4, datagrams, and (0) the usual protocol for that: UDP. */
    int conn = socket(AF_INET, SOCK_DGRAM, 0);
    if (conn == -1)
        die("socket");
    printf("socket: descriptor %d, not yet at port %d\n", conn, port);

    /* Port and host in network byte order: the most significant byte first. */
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    /* No SO_REUSEADDR: UDP has no connections to hold the port after a close,
       and the option could let a second server take the first one's mail. */
    if (bind(conn, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    printf("bind: descriptor %d owns 127.0.0.1:%d\n", conn, port);

    /* One descriptor for all clients: each datagram says who sent it. */
    for (;;)
        serve(conn);
}
