/*
 * Exercise 8.1, limit: at most N children at a time.
 * New: parse_limit, fork_counted. Changed: usage, answer, refuse, reap, main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a client that has gone
 * sigaction: call this function when a child has ended
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * accept: give me the first in the queue, as a descriptor of its own
 * sigprocmask: hold back a signal until I can take it
 * fork: make a second process, a copy of me
 * read: give me what has come from the client, some of it or all
 * write: take these bytes for the client, some of them or all
 * shutdown: I have no more to say, but I still listen
 * close: I am done with this descriptor; for TCP, tell the peer so
 * waitpid: which child has ended? (and forget it)
 *
 * A request goes through three functions, in serve: read_request takes it in
 * and checks it, answer decides and replies, finish ends the connection.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What names, methods and hosts are made of, besides a few signs. */
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
    BACKLOG = 4096, /* clients who may wait to be accepted */
    REQUEST_SIZE = 16384, /* bytes of request line and fields, at most */
    REQUEST_MS = 5000, /* for a request to arrive, from accept on */
    ID_SIZE = 1024, /* bytes of a user's id, at most */
    DRAIN_MS = 2000, /* for bytes that nobody wants, from the answer on */
    REFUSE_MS = 100, /* instead of DRAIN_MS, where all others wait for it */
    LIMIT_MAX = 1000, /* children at a time */
};

/* The client being served, for the log: its address and port. */
static char peer[sizeof "255.255.255.255:65535"];

/* How many children there are. Changed in main only while SIGCHLD waits. */
static volatile sig_atomic_t children;

/* A request, as its bytes come in and as they are understood. */
struct request {
    int conn;
    long long deadline; /* of now_ms */
    const char *method;
    char *target;
    char *line; /* the one read last */
    size_t size; /* bytes that have come */
    size_t next; /* of the bytes that have come, where the next line begins */
    int is_head; /* the answer has no body */
    int needs_host;
    int hosts; /* how many Host fields */
    int lengths; /* how many fields that tell where the body ends */
    char shown[256]; /* method and target, fit for the log */
    char *bytes; /* REQUEST_SIZE of them */
};

/* What becomes of a request; NULL in place of these: so far all is well. */
static const char ok[] = "200 OK";
static const char bad[] = "400 Bad Request";
static const char not_found[] = "404 Not Found";
static const char not_allowed[] = "405 Method Not Allowed";
static const char timed_out[] = "408 Request Timeout";
static const char long_target[] = "414 URI Too Long";
static const char long_fields[] = "431 Request Header Fields Too Large";
static const char not_implemented[] = "501 Not Implemented";
static const char unavailable[] = "503 Service Unavailable";
static const char other_version[] = "505 HTTP Version Not Supported";
static const char gone[] = "left without a request";

static const char page[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\"><title>It works</title>\n"
    "<h1>Your own server</h1>\n"
    "<p>It also knows <a href=\"/users/42\">user 42</a>.</p>\n"
    "</html>\n";

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
    fprintf(stderr, "usage: ./server [PORT [N]], PORT from 1 to 65535,"
                    " N clients at a time, to 1000\n");
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

/* Returns text as a number of children, from 1 to LIMIT_MAX, or ends. */
static int parse_limit(const char *text)
{
    uint16_t limit = parse_port(text);
    if (limit > LIMIT_MAX)
        usage();
    return limit;
}

/* Returns when accept(2), having failed, may be tried again: at once if one
   client was lost or a signal came, after a second otherwise. */
static void accept_failed(void)
{
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
        return;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        die("accept");
    perror("accept");
    sleep(1);
}

static void name_peer(const struct sockaddr_in *client)
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &client->sin_addr, host, sizeof host);
    snprintf(peer, sizeof peer, "%s:%d", host, ntohs(client->sin_port));
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

/* Returns milliseconds, of a clock that nobody sets back or forth. */
static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Reads as read(2) does until the deadline, a time of now_ms; from then on it
   fails with EAGAIN. A limit for each read alone would let a client drip. */
static ssize_t read_by(long long deadline, int fd, char *bytes, size_t size)
{
    ssize_t got;
    do {
        int ms = (int)(deadline - now_ms());
        struct timeval max = {.tv_sec = ms / 1000,
                              .tv_usec = ms % 1000 * 1000};
        if (ms <= 0) {
            errno = EAGAIN;
            return -1;
        }
        /* EINVAL, on macOS: both sides have ended, and no read sleeps. */
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &max, sizeof max) == -1 &&
            errno != EINVAL)
            return -1;
        got = read(fd, bytes, size);
    } while (got == -1 && errno == EINTR);
    return got;
}

/* Sets r->line to the next line, a string without its CRLF, or LF: what nc
   sends (RFC 9112 section 2.2). Returns NULL, or the status of a request that
   ends here, which is too_long if the line does not fit. */
static const char *read_line(struct request *r, const char *too_long)
{
    char *end;
    r->line = r->bytes + r->next;
    while ((end = memchr(r->line, '\n', r->size - r->next)) == NULL) {
        if (r->size == REQUEST_SIZE)
            return too_long;
        ssize_t got = read_by(r->deadline, r->conn, r->bytes + r->size,
                              REQUEST_SIZE - r->size);
        if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return timed_out;
        if (got == 0 && r->size > 0)
            return bad;
        if (got <= 0)
            return gone;
        r->size += (size_t)got;
    }
    r->next += (size_t)(end - r->line) + 1;
    if (end > r->line && end[-1] == '\r')
        end--;
    *end = '\0';

    /* A NUL would end the string early, a CR is a line end to some readers
       and not to others: no control byte but the tab has a place here. */
    for (const char *c = r->line; c < end; c++)
        if (iscntrl((unsigned char)*c) && *c != '\t')
            return bad;
    return NULL;
}

/* Copies text, as much as fits, as it may stand in a JSON string and in the
   log: all but plain ASCII, and the two signs that mean something in JSON,
   become \u and four digits (RFC 8259 section 7). Returns the length of the
   copy. */
static size_t escape(char *out, size_t room, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && room - used > sizeof "\\u00XX"; text++)
        if (isprint((unsigned char)*text) && *text != '"' && *text != '\\')
            out[used++] = *text;
        else
            used += (size_t)snprintf(out + used, room - used, "\\u%04x",
                                     (unsigned char)*text);
    out[used] = '\0';
    return used;
}

/* A token is what methods and field names are made of (RFC 9110 5.6.2). */
static int is_token(const char *text)
{
    size_t length = strspn(text, ALNUM "!#$%&'*+-.^_`|~");
    return length > 0 && text[length] == '\0';
}

/* Takes apart: method SP request-target SP HTTP-version (RFC 9112 section 3).
   Returns as read_line. */
static const char *parse_request_line(struct request *r)
{
    char *target = strchr(r->line, ' ');
    char *version = strrchr(r->line, ' ');
    if (target != version)
        *version++ = '\0';
    escape(r->shown, sizeof r->shown, r->line);
    if (target == version)
        return bad;
    *target++ = '\0';
    r->method = r->line;
    r->target = target;

    if (strlen(version) != 8 || strncmp(version, "HTTP/", 5) != 0 ||
        !isdigit((unsigned char)version[5]) || version[6] != '.' ||
        !isdigit((unsigned char)version[7]))
        return bad;
    if (version[5] != '1')
        return other_version;
    r->needs_host = version[7] != '0';
    /* A URI has other bytes than visible ASCII only as %XX (RFC 3986). */
    for (const char *c = target; *c != '\0'; c++)
        if (!isgraph((unsigned char)*c))
            return bad;
    return is_token(r->method) ? NULL : bad;
}

/* Returns the length of the uri-host [ ":" port ] that text begins with; it
   may be 0 (RFC 9110 section 7.2). */
static size_t host_length(const char *text)
{
    size_t length;
    if (*text == '[') {
        length = 1 + strspn(text + 1, "0123456789ABCDEFabcdef:.");
        if (text[length++] != ']')
            return 0;
    } else {
        length = strspn(text, ALNUM "-._~!$&'()*+,;=");
    }
    if (text[length] == ':')
        length += 1 + strspn(text + length + 1, "0123456789");
    return length;
}

/* Checks: name ":" value (RFC 9112 section 5), and the fields that no server
   may pass over. Returns as read_line. */
static const char *parse_field(struct request *r)
{
    char *value = strchr(r->line, ':');
    if (value == NULL)
        return bad;
    *value++ = '\0';
    if (!is_token(r->line))
        return bad;
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t", value[length - 1]) != NULL)
        value[--length] = '\0';

    if (strcasecmp(r->line, "Host") == 0)
        if (++r->hosts > 1 || host_length(value) < length)
            return bad;
    /* Nobody here reads a body; but one with two ends, or none we know, may be
       a trick on a server in front of us (RFC 9112 sections 6.3 and 11.2). */
    if (strcasecmp(r->line, "Content-Length") == 0)
        if (++r->lengths > 1 || length == 0 ||
            strspn(value, "0123456789") < length)
            return bad;
    if (strcasecmp(r->line, "Transfer-Encoding") == 0)
        if (++r->lengths > 1 || strcasecmp(value, "chunked") != 0)
            return bad;
    return NULL;
}

/* Reads a request, up to the empty line. Returns as read_line. */
static const char *read_request(struct request *r)
{
    const char *status = read_line(r, long_target);
    if (status == NULL && *r->line == '\0')
        status = read_line(r, long_target);
    /* An answer to HEAD has no body, a refusal neither (RFC 9110 9.3.2). */
    size_t size = (size_t)(r->bytes + r->size - r->line);
    r->is_head = size >= 5 && memcmp(r->line, "HEAD ", 5) == 0;
    if (status == NULL)
        status = parse_request_line(r);
    while (status == NULL) {
        status = read_line(r, long_fields);
        if (status == NULL && *r->line == '\0')
            return r->needs_host && r->hosts == 0 ? bad : NULL;
        if (status == NULL)
            status = parse_field(r);
    }
    return status;
}

/* Returns the path of a target, and cuts the query off; NULL if it is in no
   form that has a path (RFC 9112 section 3.2). */
static const char *find_path(char *target)
{
    if (strncasecmp(target, "http://", 7) == 0) {
        target += 7;
        size_t host = host_length(target);
        if (host == 0 || *target == ':')
            return NULL;
        target += host;
        if (*target == '\0' || *target == '?')
            return "/";
    }
    char *query = strchr(target, '?');
    if (query != NULL)
        *query = '\0';
    return *target == '/' ? target : NULL;
}

/* Returns the status of a request that is well formed; with ok comes a body,
   of less than room bytes, and its type. */
static const char *route(struct request *r, char *body, size_t room,
                         const char **type)
{
    const char *path = find_path(r->target);
    if (path == NULL)
        return bad;
    if (strcmp(path, "/") == 0) {
        *type = "text/html; charset=utf-8";
        snprintf(body, room, "%s", page);
        return ok;
    }
    if (strncmp(path, "/users/", 7) == 0 && path[7] != '\0' &&
        strchr(path + 7, '/') == NULL) {
        if (strlen(path + 7) > ID_SIZE)
            return long_target;
        *type = "application/json";
        size_t used = (size_t)snprintf(body, room, "{\"user_id\": \"");
        used += escape(body + used, room - used, path + 7);
        snprintf(body + used, room - used, "\"}\n");
        return ok;
    }
    return not_found;
}

/* Returns what that status is to this method: the same to GET and HEAD; to the
   others of HTTP (RFC 9110 section 9, RFC 5789) all but a 404 is a 405. */
static const char *check_method(const char *method, const char *status)
{
    static const char *const others[] = {
        "CONNECT", "DELETE", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", NULL};
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return status;
    for (size_t i = 0; others[i] != NULL; i++)
        if (strcmp(method, others[i]) == 0)
            return status == not_found ? status : not_allowed;
    return not_implemented;
}

/* Sends the answer in one write, and logs it. Status is that of a request
   which ended early, or NULL: then route decides. */
static void answer(struct request *r, const char *status)
{
    char body[sizeof page + 6 * ID_SIZE];
    const char *type = "text/plain";
    if (status == NULL)
        status = check_method(r->method, route(r, body, sizeof body, &type));
    if (status != ok) {
        type = "text/plain";
        snprintf(body, sizeof body, "%s\n", status);
    }
    const char *content = r->is_head ? "" : body;
    const char *field = "";
    if (status == not_allowed)
        field = "Allow: GET, HEAD\r\n";
    if (status == unavailable)
        field = "Retry-After: 1\r\n";

    char date[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);

    char message[sizeof body + 512];
    int size = snprintf(message, sizeof message,
                        "HTTP/1.1 %s\r\n"
                        "Date: %s\r\n"
                        "Content-Type: %s\r\n"
                        "Content-Length: %zu\r\n"
                        "%s"
                        "Connection: close\r\n"
                        "\r\n"
                        "%s",
                        status, date, type, strlen(body), field, content);
    if (write_all(r->conn, message, (size_t)size) == -1)
        lost("write");
    size = snprintf(message, sizeof message, "%s \"%s\" %.3s\n", peer,
                    r->shown, status);
    write_all(STDOUT_FILENO, message, (size_t)size);
}

/* Says that no more will come, and takes for ms milliseconds what the client
   still sends: a close with bytes unread resets the connection, perhaps before
   the answer has been read (RFC 9112 section 9.6). */
static void finish(struct request *r, int ms)
{
    long long deadline = now_ms() + ms;
    shutdown(r->conn, SHUT_WR);
    while (read_by(deadline, r->conn, r->bytes, REQUEST_SIZE) > 0)
        continue;
}

static void serve(int conn)
{
    char bytes[REQUEST_SIZE];
    struct request r = {
        .conn = conn,
        .bytes = bytes,
        .deadline = now_ms() + REQUEST_MS,
        .shown = "-",
    };
    const char *status = read_request(&r);
    if (status == gone) {
        printf("%s %s\n", peer, gone);
        return;
    }
    answer(&r, status);
    /* Nothing more comes of a request that was taken whole: no body, and no
       bytes behind it. Then we do not wait for the client's end. */
    int whole = status == NULL && r.lengths == 0 && r.next == r.size;
    finish(&r, whole ? 0 : DRAIN_MS);
}

/* Answers a client for whom there is no place, or was no process. */
static void refuse(int conn)
{
    char bytes[REQUEST_SIZE];
    struct request r = {.conn = conn, .bytes = bytes, .shown = "-"};
    answer(&r, unavailable);
    finish(&r, REFUSE_MS);
}

/* Collects every child that has ended: until then each is a zombie. Several
   may end for one SIGCHLD. Runs amid other code, whose errno it keeps. */
static void reap(int signo)
{
    int reason = errno;
    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        children--;
    errno = reason;
}

/* Forks, and counts the child. It may end at once, and the handler run amid
   our children++, which is three steps: SIGCHLD waits until we have counted.
   Parent and child come back with SIGCHLD let in again. */
static pid_t fork_counted(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
        die("sigprocmask");
    pid_t child = fork();
    if (child > 0)
        children++;
    if (child == -1)
        perror("fork");
    if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
        die("sigprocmask");
    return child;
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* glibc reads the time zone file when it is first asked for a time: now,
       once, and not in every child. */
    tzset();

    /* A write to a client that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    /* SA_RESTART: an accept that was interrupted goes on by itself. A sleep,
       or on Linux a read with a time limit, ends early (signal(7)). */
    struct sigaction action = {
        .sa_handler = reap,
        .sa_flags = SA_RESTART | SA_NOCLDSTOP,
    };
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGCHLD, &action, NULL) == -1)
        die("sigaction");

    if (argc > 3)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");
    int limit = parse_limit(argc > 2 ? argv[2] : "100");

    /* IPv4, a stream of bytes, and (0) the usual protocol for that: TCP. */
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        die("socket");
    printf("socket: descriptor %d, not yet at port %d\n", listener, port);

    /* After a close TCP holds the port a while for late packets (TIME_WAIT):
       without this option a restart would find its address in use. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt");

    /* Port and host in network byte order: the most significant byte first. */
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    printf("bind: descriptor %d owns 127.0.0.1:%d\n", listener, port);

    /* Up to BACKLOG may wait in the queue, or the kernel's limit. */
    if (listen(listener, BACKLOG) == -1)
        die("listen");
    printf("listen: clients may connect to 127.0.0.1:%d\n", port);

    for (;;) {
        /* Sleeps until a client is in the queue. The listener goes on as it
           is: talking to this one client has a descriptor of its own. */
        struct sockaddr_in client = {0};
        socklen_t size = sizeof client;
        int conn = accept(listener, (struct sockaddr *)&client, &size);
        if (conn == -1) {
            accept_failed();
            continue;
        }
        name_peer(&client);

        /* One more would be too many. A place that becomes free right now is
           for the next client. */
        if (children >= limit) {
            refuse(conn);
            close(conn);
            continue;
        }

        /* The child has both descriptors as well, and each side closes what
           is the other's. _exit leaves what stdio holds to the parent. */
        pid_t child = fork_counted();
        if (child == 0) {
            close(listener);
            serve(conn);
            _exit(0);
        }
        if (child == -1)
            refuse(conn);
        close(conn);
    }
}
