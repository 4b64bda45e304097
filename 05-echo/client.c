/*
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address (chapter 6 opens this box)
 * getsockname: tell me my own address, which connect has chosen
 * write: take these bytes for the server, some of them or all
 * read: give me what has come from the server, some of it or all
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
    fprintf(stderr, "usage: ./client [PORT [MESSAGE]], PORT from 1 to 65535,"
                    " MESSAGE up to 16384 bytes\n");
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

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    char buffer[16384];
    const char *message = argc > 2 ? argv[2] : "hello";
    size_t length = strlen(message);
    if (argc > 3 || length > sizeof buffer)
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

    if (write_all(conn, message, length) == -1)
        die("write");
    printf("write: %zu bytes\n", length);

    /* The echo may come in pieces; it is complete when all bytes are back. */
    size_t back = 0;
    while (back < length) {
        ssize_t got = read(conn, buffer + back, length - back);
        if (got == -1)
            die("read");
        if (got == 0) {
            fprintf(stderr, "read: end of file, %zu bytes too soon\n",
                    length - back);
            exit(1);
        }
        back += (size_t)got;
    }
    printf("read: ");
    fwrite(buffer, 1, back, stdout);
    printf("\n");
}
