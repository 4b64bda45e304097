/*
 * Exercise 8.5, events: one process for all clients, waiting for none.
 * New: raise_limit, unblock, would_block, begin, send_rest, drain, admit,
 * turn, accept_all, time_left.
 * Gone: write_all, read_by, finish, refuse, reap.
 * Changed: lost, accept_failed, name_peer, read_line, read_request, answer,
 * serve, main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a client that has gone
 * getrlimit, setrlimit: how many descriptors may I have? Let it be all
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * fcntl: let no call on this descriptor wait; it shall fail with EAGAIN
 * poll: sleep until one of these descriptors has something for me
 * accept: give me the first in the queue, as a descriptor of its own
 * read: give me what has come from the client, some of it or all
 * write: take these bytes for the client, some of them or all
 * shutdown: I have no more to say, but I still listen
 * close: I am done with this descriptor; for TCP, tell the peer so
 *
 * A client goes through three places, in serve: READING, read_request takes a
 * request in and checks it, and answer decides; ANSWERING, send_rest sends the
 * answer; DRAINING, drain takes what nobody wants.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
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
    DESCRIPTORS = 10240, /* at most: as many clients, but for a few */
    ACCEPTS = 64, /* clients taken from the queue before others have a turn */
    RETRY_MS = 1000, /* until the next accept, when something is short */
};

/* A client: its request, as its bytes come in and as they are understood, and
   its answer. What a process remembers by where it is in serve stands here. */
struct request {
    int conn;
    enum { READING, ANSWERING, DRAINING } place;
    char peer[sizeof "255.255.255.255:65535"]; /* for the log */
    long long deadline; /* of now_ms, for the request, then for the rest */
    int begun; /* has the first line, if it was empty, been passed over? */
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
    int whole; /* nothing has come behind the request */
    size_t answer_size;
    size_t sent; /* bytes of it */
    char *bytes; /* of the request, then of the answer; NULL: none have come */
};

/* What poll looks at, the listener first, and whose each descriptor is. */
static struct pollfd *polled;
static struct request **clients;
static nfds_t count = 1;

/* When poll returned, a time of now_ms: the clock is asked once for all. */
static long long woke;

/* What becomes of a request; NULL in place of these: so far all is well. */
static const char ok[] = "200 OK";
static const char bad[] = "400 Bad Request";
static const char not_found[] = "404 Not Found";
static const char not_allowed[] = "405 Method Not Allowed";
static const char timed_out[] = "408 Request Timeout";
static const char long_target[] = "414 URI Too Long";
static const char long_fields[] = "431 Request Header Fields Too Large";
static const char not_implemented[] = "501 Not Implemented";
static const char other_version[] = "505 HTTP Version Not Supported";
static const char not_yet[] = "a line is not complete";
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
static void lost(const struct request *r, const char *call)
{
    fprintf(stderr, "%s: %s: %s\n", r->peer, call, strerror(errno));
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

/* Lets this process have as many descriptors as it may, and returns how many.
   At most DESCRIPTORS: macOS' manual forbids to ask for more. */
static size_t raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die("getrlimit");
    limit.rlim_cur =
        limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        die("setrlimit");
    return (size_t)limit.rlim_cur;
}

/* Lets calls on fd fail (EAGAIN) where they would sleep. Returns as fcntl. */
static int unblock(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Tells whether the call that has failed is to be tried again later. */
static int would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Returns for how many milliseconds to leave accept(2), which has failed: none
   if one client was lost or a signal came, a second otherwise. */
static int accept_failed(void)
{
    if (errno == ECONNABORTED || errno == EPROTO || would_block())
        return 0;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        die("accept");
    perror("accept");
    return RETRY_MS;
}

static void name_peer(struct request *r, const struct sockaddr_in *client)
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &client->sin_addr, host, sizeof host);
    snprintf(r->peer, sizeof r->peer, "%s:%d", host, ntohs(client->sin_port));
}

/* Returns milliseconds, of a clock that nobody sets back or forth. */
static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Sets r->line to the next line, a string without its CRLF, or LF: what nc
   sends (RFC 9112 section 2.2). Returns NULL, or the status of a request that
   ends here, which is too_long if the line does not fit; or not_yet, and then
   it is to be called again when more has come. */
static const char *read_line(struct request *r, const char *too_long)
{
    char *end;
    r->line = r->bytes + r->next;
    while ((end = memchr(r->line, '\n', r->size - r->next)) == NULL) {
        if (r->size == REQUEST_SIZE)
            return too_long;
        ssize_t got =
            read(r->conn, r->bytes + r->size, REQUEST_SIZE - r->size);
        if (got == -1 && would_block())
            return woke < r->deadline ? not_yet : timed_out;
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

/* Reads a request, up to the empty line. Returns as read_line: after not_yet
   it goes on from there when it is called again. */
static const char *read_request(struct request *r)
{
    const char *status = NULL;
    while (status == NULL && r->method == NULL) {
        status = read_line(r, long_target);
        /* An answer to HEAD has no body, a refusal neither (RFC 9110 section
           9.3.2). */
        size_t size = (size_t)(r->bytes + r->size - r->line);
        r->is_head = size >= 5 && memcmp(r->line, "HEAD ", 5) == 0;
        if (status == NULL && (*r->line != '\0' || r->begun))
            status = parse_request_line(r);
        if (status == NULL)
            r->begun = 1;
    }
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

/* Makes the answer, and logs it. Status is that of a request which ended
   early, or NULL: then route decides. */
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
    const char *allow = status == not_allowed ? "Allow: GET, HEAD\r\n" : "";

    char date[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);

    int size = snprintf(r->bytes, REQUEST_SIZE,
                        "HTTP/1.1 %s\r\n"
                        "Date: %s\r\n"
                        "Content-Type: %s\r\n"
                        "Content-Length: %zu\r\n"
                        "%s"
                        "Connection: close\r\n"
                        "\r\n"
                        "%s",
                        status, date, type, strlen(body), allow, content);
    r->answer_size = (size_t)size;
    r->deadline = woke + DRAIN_MS;
    printf("%s \"%s\" %.3s\n", r->peer, r->shown, status);
}

/* Reads what has come, into memory that only a client gets who has begun a
   request: a silent one costs none. Returns as read_request. */
static const char *begin(struct request *r)
{
    if (r->bytes == NULL)
        r->bytes = malloc(REQUEST_SIZE);
    if (r->bytes == NULL) {
        lost(r, "malloc");
        return gone;
    }
    const char *status = read_request(r);
    if (status == not_yet && r->size == 0) {
        free(r->bytes);
        r->bytes = NULL;
    }
    return status;
}

/* Sends of the answer what the kernel takes now. Returns 1 after the last
   byte, 0 if there is more, -1 if the client takes no more. */
static int send_rest(struct request *r)
{
    while (r->sent < r->answer_size) {
        ssize_t put =
            write(r->conn, r->bytes + r->sent, r->answer_size - r->sent);
        if (put == -1)
            return would_block() ? 0 : -1;
        r->sent += (size_t)put;
        r->deadline = woke + DRAIN_MS;
    }
    return 1;
}

/* Takes what the client still sends: a close with bytes unread resets the
   connection, perhaps before the answer has been read (RFC 9112 section 9.6).
   One read a turn: others wait. Returns 0 at the end, as read(2). */
static ssize_t drain(struct request *r)
{
    char waste[16384];
    ssize_t got = read(r->conn, waste, sizeof waste);
    return got == -1 && !would_block() ? 0 : got;
}

/* Goes on with a client as far as that can be without waiting. Returns the
   event of poll(2) to go on at, or 0 if it is done. */
static short serve(struct request *r)
{
    if (r->place == READING) {
        const char *status = begin(r);
        if (status == not_yet)
            return POLLIN;
        if (status == gone) {
            printf("%s %s\n", r->peer, gone);
            return 0;
        }
        /* Nothing more comes of a request that was taken whole: no body, and
           no bytes behind it. */
        r->whole = status == NULL && r->lengths == 0 && r->next == r->size;
        answer(r, status);
        r->place = ANSWERING;
    }
    if (r->place == ANSWERING) {
        int sent = send_rest(r);
        if (sent == -1)
            lost(r, "write");
        if (sent == -1 || (sent == 1 && r->whole))
            return 0;
        if (sent == 0)
            return woke < r->deadline ? POLLOUT : 0;
        shutdown(r->conn, SHUT_WR);
        r->place = DRAINING;
    }
    return woke < r->deadline && drain(r) != 0 ? POLLIN : 0;
}

/* Takes a new client in. Returns -1, with errno, if there is no room. */
static int admit(int conn, const struct sockaddr_in *address)
{
    struct request *r = calloc(1, sizeof *r);
    if (r == NULL || unblock(conn) == -1) {
        free(r);
        return -1;
    }
    r->conn = conn;
    r->shown[0] = '-';
    r->deadline = woke + REQUEST_MS;
    name_peer(r, address);
    clients[count] = r;
    polled[count] = (struct pollfd){.fd = conn, .events = POLLIN};
    count++;
    return 0;
}

/* Goes on with the client in place i; once done, the last has its place. */
static void turn(nfds_t i)
{
    struct request *r = clients[i];
    polled[i].events = serve(r);
    if (polled[i].events != 0)
        return;
    close(r->conn);
    free(r->bytes);
    free(r);
    count--;
    clients[i] = clients[count];
    polled[i] = polled[count];
}

/* Takes those who wait in the queue, ACCEPTS at most, and goes on at once with
   each: often its request has come as well. Returns for how many milliseconds
   to leave it then. */
static int accept_all(int listener)
{
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_in client = {0};
        socklen_t size = sizeof client;
        int conn = accept(listener, (struct sockaddr *)&client, &size);
        if (conn == -1)
            return accept_failed();
        if (admit(conn, &client) == -1) {
            perror("admit");
            close(conn);
        } else {
            turn(count - 1);
        }
    }
    return 0;
}

/* Returns the milliseconds up to the next deadline, at least 0; -1 if none. */
static int time_left(long long next)
{
    for (nfds_t i = 1; i < count; i++)
        if (next == 0 || clients[i]->deadline < next)
            next = clients[i]->deadline;
    long long left = next - woke;
    return next == 0 ? -1 : left < 0 ? 0 : (int)left;
}

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* A write to a client that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    if (argc > 2)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* A place for each descriptor that there can be: more do not come. */
    size_t places = raise_limit();
    polled = calloc(places, sizeof *polled);
    clients = calloc(places, sizeof *clients);
    if (polled == NULL || clients == NULL)
        die("calloc");

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

    /* A client may be gone again between poll and accept. */
    if (unblock(listener) == -1)
        die("fcntl");
    polled[0].fd = listener;

    long long retry = 0; /* when to accept again, if not now */
    for (;;) {
        /* Sleeps until a descriptor has something or a deadline has come. If
           nobody can be accepted it must not look: it would not sleep. */
        if (retry <= woke)
            retry = 0;
        polled[0].events = retry == 0 ? POLLIN : 0;
        if (poll(polled, count, time_left(retry)) == -1 && errno != EINTR)
            die("poll");
        woke = now_ms();

        /* From the last on, as the last takes the place of one that is done:
           then a descriptor is free for the next client. */
        nfds_t before = count;
        for (nfds_t i = count - 1; i > 0; i--)
            if (polled[i].revents != 0 || woke >= clients[i]->deadline)
                turn(i);
        if (count < before)
            retry = 0;

        if (polled[0].revents != 0) {
            int ms = accept_all(listener);
            retry = ms == 0 ? 0 : woke + ms;
        }
    }
}
