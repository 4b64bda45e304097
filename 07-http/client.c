/*
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address
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
    PATH_SIZE = 8000, /* bytes; RFC 9112, 3, has 8000 for the whole line */
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [PORT [PATH]], PORT from 1 to 65535,"
                    " PATH from / on, up to 8000 bytes, as in a URL\n");
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

/* Tells whether a request line can hold text as its target. A space would end
   it there, and a line end would begin a header of the caller's choice. */
static int is_path(const char *text)
{
    if (*text != '/' || strlen(text) > PATH_SIZE)
        return 0;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return 0;
    return 1;
}

int main(int argc, char *argv[])
{
    const char *path = argc > 2 ? argv[2] : "/";
    if (argc > 3 || !is_path(path))
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    int conn = socket(AF_INET, SOCK_STREAM, 0);
    if (conn == -1)
        die("socket");

    struct sockaddr_in server = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");

    char request[PATH_SIZE + 128];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\n"
                        "Host: 127.0.0.1:%d\r\n"
                        "Connection: close\r\n"
                        "\r\n",
                        path, port);
    if (write_all(conn, request, (size_t)size) == -1)
        die("write");

    /* The response ends where the server closes. Its first bytes tell whether
       it is good: "HTTP/1.1 200 OK", RFC 9112 section 4. */
    char status[sizeof "HTTP/1.1 2"] = "";
    size_t seen = 0;
    char buffer[16384];
    ssize_t got;
    while ((got = read(conn, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < got && seen < sizeof status - 1; i++)
            status[seen++] = buffer[i];
        if (write_all(STDOUT_FILENO, buffer, (size_t)got) == -1)
            die("write");
    }
    if (got == -1)
        die("read");
    if (strncmp(status, "HTTP/1.", 7) != 0) {
        fprintf(stderr, "read: end of file, and no HTTP response\n");
        exit(1);
    }
    return strcmp(status + 8, " 2") == 0 ? 0 : 1;
}
