/*
 * Exercise 7.2, files: give the files of a folder, and nothing outside it.
 * New: decode, step, find_file, find_type, send_file.
 * Changed: usage, find_path, route, answer, main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a client that has gone
 * open: give me a descriptor for the folder
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * accept: give me the first in the queue, as a descriptor of its own
 * read: give me what has come from the client, some of it or all
 * openat: give me one for what has this name in that folder
 * fstat: what is it that I have opened, and how long
 * write: take these bytes for the client, some of them or all
 * shutdown: I have no more to say, but I still listen
 * close: I am done with this descriptor; for TCP, tell the peer so
 *
 * A request goes through three functions, in serve: read_request takes it in
 * and checks it, answer decides and replies, finish ends the connection.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* files above 2 GiB, on 32-bit Linux too */
#define _DARWIN_C_SOURCE /* macOS hides O_NOFOLLOW without it */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* What names, methods and hosts are made of, besides a few signs. */
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
    BACKLOG = 4096, /* clients who may wait to be accepted */
    REQUEST_SIZE = 16384, /* bytes of request line and fields, at most */
    REQUEST_MS = 5000, /* for a request to arrive, from accept on */
    CHUNK_SIZE = 65536, /* bytes of a file, read and sent at once */
    SEND_MS = 10000, /* for the kernel to take more of an answer */
    DRAIN_MS = 2000, /* for bytes that nobody wants, from the answer on */
};

/* The client being served, for the log: its address and port. */
static char peer[sizeof "255.255.255.255:65535"];

/* The folder whose files are given: a descriptor, as every open file. */
static int folder;

/* A file to give: its descriptor, or -1, its length and type. */
struct file {
    int fd;
    off_t size;
    const char *type;
};

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
static const char moved[] = "301 Moved Permanently";
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
    fprintf(stderr, "usage: ./server [PORT [FOLDER]], PORT from 1 to 65535\n");
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
static char *find_path(char *target)
{
    if (strncasecmp(target, "http://", 7) == 0) {
        target += 7;
        size_t host = host_length(target);
        if (host == 0 || *target == ':')
            return NULL;
        target += host;
        if (*target == '\0' || *target == '?')
            *--target = '/';
    }
    char *query = strchr(target, '?');
    if (query != NULL)
        *query = '\0';
    return *target == '/' ? target : NULL;
}

/* Decodes each %XX in place. Returns 0, or -1 for what no file can have as its
   name: two digits missing, a slash, or a NUL, which would end it early. */
static int decode(char *name)
{
    char *out = name;
    for (; *name != '\0'; name++) {
        int byte = (unsigned char)*name;
        if (byte == '%') {
            /* Checked here: strtol would also take a sign or a space. */
            if (!isxdigit((unsigned char)name[1]) ||
                !isxdigit((unsigned char)name[2]))
                return -1;
            char digits[3] = {name[1], name[2]};
            byte = (int)strtol(digits, NULL, 16);
            name += 2;
        }
        if (byte == '/' || byte == '\0')
            return -1;
        *out++ = (char)byte;
    }
    *out = '\0';
    return 0;
}

/* Opens what has this name in a directory, which it closes. There is no way
   out: not by .., not by a link (O_NOFOLLOW), and the name has no slash. Does
   not wait for a fifo's writer (O_NONBLOCK). Returns as openat(2). */
static int step(int directory, const char *name, int flags)
{
    int fd = -1;
    errno = ENOENT;
    if (strcmp(name, "..") != 0)
        fd = openat(directory, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | flags);
    int reason = errno;
    close(directory);
    errno = reason;
    return fd;
}

/* Returns what a file of this name has in it, as its suffix tells. */
static const char *find_type(const char *name)
{
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
        {".jpg", "image/jpeg"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".png", "image/png"},
        {".svg", "image/svg+xml"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(suffix, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* Opens the file that a path names, from the folder on, one directory after
   another: decoded as a whole, a name could bring slashes of its own. Returns
   the status; file->fd, unless it is -1, is then the caller's to close. */
static const char *find_file(char *path, struct file *file)
{
    const char *name = "", *status = ok;
    struct stat info;
    file->fd = openat(folder, ".", O_RDONLY | O_DIRECTORY);
    while (file->fd != -1 && path != NULL && path[1] != '\0') {
        char *next = strchr(path + 1, '/');
        if (next != NULL)
            *next = '\0';
        if (decode(path + 1) == -1)
            return bad;
        name = path + 1;
        file->fd = step(file->fd, name, next != NULL ? O_DIRECTORY : 0);
        path = next;
    }
    /* Asked of what is open, not of its name, which may change hands. */
    if (file->fd != -1 && fstat(file->fd, &info) == 0 &&
        S_ISDIR(info.st_mode)) {
        name = "index.html";
        file->fd = step(file->fd, name, 0);
        /* To a browser at /docs a link to x is /x, at /docs/ it is /docs/x. */
        if (path == NULL)
            status = moved;
    }
    if (file->fd == -1 && (errno == EMFILE || errno == ENFILE))
        return unavailable;
    if (file->fd == -1 || fstat(file->fd, &info) == -1 ||
        !S_ISREG(info.st_mode))
        return not_found;
    file->size = info.st_size;
    file->type = find_type(name);
    return status;
}

/* Returns the status of a request that is well formed; with ok comes a file.
   Whatever the status, file->fd, unless it is -1, is then to be closed. */
static const char *route(struct request *r, struct file *file)
{
    char names[REQUEST_SIZE];
    r->target = find_path(r->target);
    if (r->target == NULL)
        return bad;
    /* A copy to take apart: Location wants the path as it came. */
    snprintf(names, sizeof names, "%s", r->target);
    return find_file(names, file);
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

/* Sends as many bytes of a file as were announced. If that cannot be, the
   client learns it from an end that comes too early. */
static void send_file(int conn, int fd, off_t left)
{
    char bytes[CHUNK_SIZE];
    while (left > 0) {
        size_t want = left < CHUNK_SIZE ? (size_t)left : sizeof bytes;
        ssize_t got = read(fd, bytes, want);
        /* Somebody has made the file shorter since. */
        if (got == 0)
            errno = EIO;
        if (got <= 0) {
            lost("read");
            return;
        }
        if (write_all(conn, bytes, (size_t)got) == -1) {
            lost("write");
            return;
        }
        left -= got;
    }
}

/* Sends the answer, the head in one write, and logs it. Status is that of a
   request which ended early, or NULL: then route decides. */
static void answer(struct request *r, const char *status)
{
    char body[64] = "";
    struct file file = {.fd = -1};
    if (status == NULL)
        status = check_method(r->method, route(r, &file));
    if (status != ok) {
        file.type = "text/plain";
        file.size = snprintf(body, sizeof body, "%s\n", status);
    }
    const char *content = r->is_head ? "" : body;
    char field[REQUEST_SIZE + 16] = "";
    if (status == not_allowed)
        snprintf(field, sizeof field, "Allow: GET, HEAD\r\n");
    /* To a browser //host is another server. No such path comes here: a name
       of no bytes is one that openat does not find. */
    if (status == moved)
        snprintf(field, sizeof field, "Location: %s/\r\n", r->target);

    char date[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);

    char message[sizeof body + sizeof field + 512];
    int size = snprintf(message, sizeof message,
                        "HTTP/1.1 %s\r\n"
                        "Date: %s\r\n"
                        "Content-Type: %s\r\n"
                        "Content-Length: %lld\r\n"
                        "%s"
                        "Connection: close\r\n"
                        "\r\n"
                        "%s",
                        status, date, file.type, (long long)file.size, field,
                        content);
    /* A write that waits is woken when a third of the room is free, and what
       a client reads frees nothing until its kernel says so: on Linux when all
       that it holds has been read, 190 KB or so. At 60 KB/s that is 3 s. */
    int room = 2 * CHUNK_SIZE;
    struct timeval max = {.tv_sec = SEND_MS / 1000,
                          .tv_usec = SEND_MS % 1000 * 1000};
    if (setsockopt(r->conn, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == -1 ||
        setsockopt(r->conn, SOL_SOCKET, SO_SNDTIMEO, &max, sizeof max) == -1)
        lost("setsockopt");
    if (write_all(r->conn, message, (size_t)size) == -1)
        lost("write");
    else if (status == ok && !r->is_head)
        send_file(r->conn, file.fd, file.size);
    if (file.fd != -1)
        close(file.fd);
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

int main(int argc, char *argv[])
{
    /* Each line of the log leaves at once, even into a file or a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* A write to a client that has gone shall fail (EPIPE), not end us. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    if (argc > 3)
        usage();
    uint16_t port = parse_port(argc > 1 ? argv[1] : "8080");

    /* Opened once: from here on the folder may even be renamed. */
    folder = open(argc > 2 ? argv[2] : ".", O_RDONLY | O_DIRECTORY);
    if (folder == -1)
        die("open");

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

        serve(conn);
        close(conn);
    }
}
