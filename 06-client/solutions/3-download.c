/*
 * Exercise 6.3, download: fetch a file by HTTP/1.0, and keep its body alone.
 * New: is_path, ask, end_of_head, read_head, find_field, check_status,
 * body_size, save. Changed: usage, main. Gone: show_reply.
 *
 * The system calls of this client, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a server that has gone
 * getaddrinfo: find the addresses of this host (a library's work, which
 *     reads files and asks name servers)
 * socket: make one end of a conversation, and a descriptor that stands for it
 * connect: reach the server at that address, or tell me why not
 * write: take these bytes for the server, some of them or all
 * read: give me what has come from the server, some of it or all
 * close: I am done with this descriptor; for TCP, tell the peer so
 */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PATH_SIZE = 8000, /* bytes; RFC 9112, 3, has 8000 for the whole line */
    HEAD_SIZE = 16384, /* bytes of status line and fields, at most */
};

/* Ends the program with the reason why a system call failed, from errno. */
static void die(const char *call)
{
    perror(call);
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: ./client [HOST [PORT [PATH]]], PORT from 1 to"
                    " 65535, PATH like /users/42\n");
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

/* Sends the request. The host goes along: one address may serve many. */
static void ask(int conn, const char *host, const char *port, const char *path)
{
    char request[PATH_SIZE + 512];
    /* The colons of an IPv6 address are not the one before the port. */
    int brackets = strchr(host, ':') != NULL;
    int size =
        snprintf(request, sizeof request,
                 "GET %s HTTP/1.0\r\n"
                 "Host: %s%s%s:%s\r\n"
                 "\r\n",
                 path, brackets ? "[" : "", host, brackets ? "]" : "", port);
    if ((size_t)size >= sizeof request)
        usage();
    if (write_all(conn, request, (size_t)size) == -1)
        die("write");
}

/* Returns where the empty line that ends a head ends itself, or NULL if it
   has not come yet. Lines may end in LF alone (RFC 9112 section 2.2). */
static char *end_of_head(char *head)
{
    for (char *line = head; (line = strchr(line, '\n')) != NULL;) {
        line++;
        size_t cr = *line == '\r';
        if (line[cr] == '\n')
            return line + cr + 1;
    }
    return NULL;
}

/* Reads the head, and with it perhaps some of the body, into bytes, of
   HEAD_SIZE + 1. Returns how many came; *body is where the body begins, and
   the head before it is a string. */
static size_t read_head(int conn, char *bytes, char **body)
{
    size_t size = 0;
    do {
        ssize_t got = read(conn, bytes + size, HEAD_SIZE - size);
        if (got == -1)
            die("read");
        if (got == 0) {
            fprintf(stderr, "read: end of what is no complete HTTP head\n");
            exit(1);
        }
        size += (size_t)got;
        bytes[size] = '\0';
    } while ((*body = end_of_head(bytes)) == NULL);
    (*body)[-1] = '\0';
    return size;
}

/* Ends the program if the status is another than 2xx, and says which. */
static void check_status(const char *head)
{
    if (strncmp(head, "HTTP/1.", 7) == 0 && isdigit((unsigned char)head[7]) &&
        strncmp(head + 8, " 2", 2) == 0 && isdigit((unsigned char)head[10]) &&
        isdigit((unsigned char)head[11]) && strchr(" \r\n", head[12]) != NULL)
        return;
    fprintf(stderr, "read: ");
    for (; *head != '\n' && *head != '\0'; head++)
        if (*head != '\r')
            fputc(isprint((unsigned char)*head) ? *head : '?', stderr);
    fputc('\n', stderr);
    exit(1);
}

/* Returns the value of a field, whose name may be in any case, or NULL. */
static const char *find_field(const char *head, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = head; (line = strchr(line, '\n')) != NULL;) {
        line++;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':')
            return line + length + 1 + strspn(line + length + 1, " \t");
    }
    return NULL;
}

/* Returns how many bytes the body has, or -1 if only its end will tell. */
static long long body_size(const char *head)
{
    if (find_field(head, "Transfer-Encoding") != NULL) {
        fprintf(stderr, "read: a Transfer-Encoding, unknown to HTTP/1.0\n");
        exit(1);
    }
    const char *value = find_field(head, "Content-Length");
    if (value == NULL)
        return -1;
    char *end;
    long long size = strtoll(value, &end, 10);
    end += strspn(end, " \t");
    if (!isdigit((unsigned char)*value) || strchr("\r\n", *end) == NULL ||
        find_field(value, "Content-Length") != NULL) {
        fprintf(stderr, "read: a Content-Length that is not one number\n");
        exit(1);
    }
    return size;
}

/* Saves the body, size bytes or (-1) all up to the end of file; its first got
   bytes have come with the head. */
static void save(int conn, const char *bytes, size_t got, long long size)
{
    char buffer[16384];
    for (;;) {
        if (size >= 0 && got > (unsigned long long)size)
            got = (size_t)size;
        if (write_all(STDOUT_FILENO, bytes, got) == -1)
            die("write");
        if (size >= 0)
            size -= (long long)got;
        if (size == 0)
            return;

        ssize_t more = read(conn, buffer, sizeof buffer);
        if (more == -1)
            die("read");
        if (more == 0)
            break;
        bytes = buffer;
        got = (size_t)more;
    }
    if (size > 0) {
        fprintf(stderr, "read: end of file, %lld bytes too soon\n", size);
        exit(1);
    }
}

int main(int argc, char *argv[])
{
    const char *host = argc > 1 ? argv[1] : "127.0.0.1";
    const char *port = argc > 2 ? argv[2] : "8080";
    const char *path = argc > 3 ? argv[3] : "/";
    if (argc > 4 || !is_path(path))
        usage();
    parse_port(port);

    /* A write to a server that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    int conn = connect_to(host, port);

    ask(conn, host, port, path);
    char bytes[HEAD_SIZE + 1];
    char *body;
    size_t size = read_head(conn, bytes, &body);
    check_status(bytes);
    save(conn, body, size - (size_t)(body - bytes), body_size(bytes));
    close(conn);
}
