/*
 * Exercise 8.7, thousands: 8.6 with epoll or kqueue in place of poll.
 * New: raise_limit, unblock, would_block, has_token, decode, leave, step,
 * find_type, find_file, http_date, begin, send_rest, renew, drain, make_list,
 * watch, wait_ready, whose, admit, turn, look_through, accept_all, time_left.
 * Gone: write_all, read_by, finish, refuse, reap.
 * Changed: lost, usage, accept_failed, name_peer, read_line, parse_field,
 * read_request, find_path, route, answer, serve, main.
 *
 * The system calls of this server, in order, and what each asks the kernel:
 *
 * signal: do not end me when I write to a client that has gone
 * open: give me a descriptor for the folder
 * getrlimit, setrlimit: how many descriptors may I have? Let it be all
 * socket: make one end of a conversation, and a descriptor that stands for it
 * setsockopt: change how a socket behaves
 * bind: give it an address of its own, 127.0.0.1 and a port
 * listen: take connections for that address, and queue them for me
 * fcntl: let no call on this descriptor wait; it shall fail with EAGAIN
 * epoll_create1, kqueue: make a list of descriptors, and keep it for me
 * epoll_ctl, kevent: have this one in it, for this event
 * epoll_wait, kevent: sleep until some of them have something for me: which?
 * accept: give me the first in the queue, as a descriptor of its own
 * read: give me what has come from the client, some of it or all
 * openat: give me one for what has this name in that folder
 * fstat: what is it that I have opened, and how long
 * pread: give me bytes of a file, from this place on
 * write: take these bytes for the client, some of them or all
 * shutdown: I have no more to say, but I still listen
 * close: I am done with this descriptor; for TCP, tell the peer so
 *
 * A client goes through four places, in serve: READING, read_request takes a
 * request in and checks it, and answer decides; ANSWERING, send_rest sends the
 * answer, and renew goes back to READING, by way of WAITING if there are bytes
 * of a next request; DRAINING, behind the last answer, drain takes what nobody
 * wants.
 *
 * What differs between Linux and macOS or the BSDs is in four functions:
 * make_list, watch, wait_ready, whose.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* files above 2 GiB, on 32-bit Linux too */
#define _DARWIN_C_SOURCE /* macOS hides O_NOFOLLOW without it */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#ifdef __linux__
#include <sys/epoll.h>
#else
#include <sys/event.h>
#endif
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What names, methods and hosts are made of, besides a few signs. */
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

enum {
    LOOPBACK = 0x7f000001, /* 127.0.0.1: reached from this machine only */
    BACKLOG = 4096, /* clients who may wait to be accepted */
    REQUEST_SIZE = 16384, /* bytes of request line and fields, at most */
    REQUEST_MS = 5000, /* for one to arrive, from accept or an answer on */
    HEAD_SIZE = 512 + REQUEST_SIZE, /* bytes of an answer without the file */
    CHUNK_SIZE = 65536, /* bytes of a file, sent to a client in a turn */
    SEND_MS = 10000, /* for the kernel to take more of an answer */
    DRAIN_MS = 2000, /* for bytes that nobody wants, from the answer on */
    DESCRIPTORS = 10240, /* at most: as many clients, but for a few */
    ACCEPTS = 64, /* clients taken from the queue before others have a turn */
    READY = 256, /* descriptors that the kernel names at a time */
    LOOK_MS = 100, /* from one look at silent clients to the next */
    RETRY_MS = 1000, /* until the next accept, when something is short */
};

/* The folder whose files are given: a descriptor, as every open file. */
static int folder;

/* A client: its request, as its bytes come in and as they are understood, and
   its answer. What a process remembers by where it is in serve stands here. */
struct request {
    int conn;
    enum { READING, ANSWERING, WAITING, DRAINING } place;
    char peer[sizeof "255.255.255.255:65535"]; /* for the log */
    long long deadline; /* of now_ms, for the request, then for the rest */
    int later; /* it is not the client's first */
    const char *method;
    char *target;
    char *line; /* the one read last */
    size_t size; /* bytes that have come */
    size_t next; /* of the bytes that have come, where the next line begins */
    size_t empty; /* of them, those of empty lines before the request */
    int is_head; /* the answer has no body */
    int needs_host;
    int hosts; /* how many Host fields */
    int lengths; /* how many fields that tell where the body ends */
    int closes; /* the client wants no further answer */
    char shown[256]; /* method and target, fit for the log */
    int keeps; /* the connection stays, for the next request */
    int whole; /* nothing has come behind the request */
    int file; /* a descriptor of what is sent behind the head, or -1 */
    off_t file_size;
    size_t head_size;
    off_t answer_size; /* head and file */
    off_t sent; /* bytes of it */
    char *bytes; /* the request's, then the head's; NULL: none have come */
    short event; /* what the kernel's list has it for; 0: it is not there */
    size_t place_in_all; /* where it stands in clients */
};

/* All clients, in no order; asked for their deadlines alone. */
static struct request **clients;
static size_t count;

/* The kernel's list of whom we wait for, a descriptor as well; the listener is
   in it as clients are. */
static int interest;
static struct request door = {.peer = "listener"};

/* When wait_ready returned, a time of now_ms: one look at the clock for all;
   and when to look through all deadlines. */
static long long woke;
static long long look = LLONG_MAX;

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
static const char not_yet[] = "a line is not complete";
static const char gone[] = "left without a request";

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

/* Tells whether a list like "close, TE" has this token, in any case. */
static int has_token(const char *list, const char *token)
{
    size_t length;
    for (; *list != '\0'; list += length) {
        list += strspn(list, ", \t");
        length = strcspn(list, ", \t");
        if (length == strlen(token) && strncasecmp(list, token, length) == 0)
            return 1;
    }
    return 0;
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
    if (strcasecmp(r->line, "Connection") == 0 && has_token(value, "close"))
        r->closes = 1;
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
        if (status == NULL && *r->line == '\0')
            r->empty = r->next;
        else if (status == NULL)
            status = parse_request_line(r);
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

/* Closes what was opened on the way to a file, but for the folder. */
static void leave(int fd)
{
    if (fd != -1 && fd != folder)
        close(fd);
}

/* Opens what has this name in a directory, which it leaves. There is no way
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
    leave(directory);
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
   the status; r->file, unless it is -1, is then the caller's to leave. */
static const char *find_file(char *path, struct request *r, const char **type)
{
    const char *name = "", *status = ok;
    struct stat info;
    r->file = folder;
    while (r->file != -1 && path != NULL && path[1] != '\0') {
        char *next = strchr(path + 1, '/');
        if (next != NULL)
            *next = '\0';
        if (decode(path + 1) == -1)
            return bad;
        name = path + 1;
        r->file = step(r->file, name, next != NULL ? O_DIRECTORY : 0);
        path = next;
    }
    /* Asked of what is open, not of its name, which may change hands. */
    int known = r->file == -1 ? -1 : fstat(r->file, &info);
    if (known == 0 && S_ISDIR(info.st_mode)) {
        name = "index.html";
        r->file = step(r->file, name, 0);
        /* To a browser at /docs a link to x is /x, at /docs/ it is /docs/x. */
        if (path == NULL)
            status = moved;
        known = r->file == -1 ? -1 : fstat(r->file, &info);
    }
    if (r->file == -1 && (errno == EMFILE || errno == ENFILE))
        return unavailable;
    if (known == -1 || !S_ISREG(info.st_mode))
        return not_found;
    r->file_size = info.st_size;
    *type = find_type(name);
    return status;
}

/* Returns the status of a request that is well formed; with ok comes a file,
   and its type. Whatever the status, r->file is then to be left. */
static const char *route(struct request *r, const char **type)
{
    char names[REQUEST_SIZE];
    r->target = find_path(r->target);
    if (r->target == NULL)
        return bad;
    /* A copy to take apart: Location wants the path as it came. */
    snprintf(names, sizeof names, "%s", r->target);
    return find_file(names, r, type);
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

/* Returns the time as a Date field has it; made anew once a second. */
static const char *http_date(void)
{
    static char date[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
    static time_t made;
    time_t now = time(NULL);
    struct tm utc;
    if (now != made) {
        gmtime_r(&now, &utc);
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        made = now;
    }
    return date;
}

/* Makes the answer, and logs it. Status is that of a request which ended
   early, or NULL: then route decides. */
static void answer(struct request *r, const char *status)
{
    char body[64] = "";
    const char *type = "text/plain";
    /* A body stays unread, where the next request would stand: whoever read
       on would take a part of it for one. */
    int clear = status == NULL && r->lengths == 0;
    r->keeps = clear && r->needs_host && !r->closes;
    r->whole = clear && r->next == r->size;

    if (status == NULL)
        status = check_method(r->method, route(r, &type));
    if (status != ok) {
        type = "text/plain";
        r->file_size = snprintf(body, sizeof body, "%s\n", status);
    }
    if (status != ok || r->is_head) {
        leave(r->file);
        r->file = -1;
    }
    const char *content = r->is_head ? "" : body;
    char field[REQUEST_SIZE + 16];
    field[0] = '\0';
    if (status == not_allowed)
        snprintf(field, sizeof field, "Allow: GET, HEAD\r\n");
    /* To a browser //host is another server. No such path comes here: a name
       of no bytes is one that openat does not find. */
    if (status == moved)
        snprintf(field, sizeof field, "Location: %s/\r\n", r->target);

    int size =
        snprintf(r->bytes + REQUEST_SIZE, HEAD_SIZE,
                 "HTTP/1.1 %s\r\n"
                 "Date: %s\r\n"
                 "Content-Type: %s\r\n"
                 "Content-Length: %lld\r\n"
                 "%s"
                 "%s"
                 "\r\n"
                 "%s",
                 status, http_date(), type, (long long)r->file_size, field,
                 r->keeps ? "" : "Connection: close\r\n", content);
    r->head_size = (size_t)size;
    r->answer_size = size + (r->file == -1 ? 0 : r->file_size);
    r->deadline = woke + SEND_MS;
    printf("%s \"%s\" %.3s\n", r->peer, r->shown, status);
}

/* Reads what has come, into memory that only a client gets who has begun a
   request: a silent one costs none. Returns as read_request. */
static const char *begin(struct request *r)
{
    if (r->bytes == NULL)
        r->bytes = malloc(REQUEST_SIZE + HEAD_SIZE);
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

/* Sends of the answer what the kernel takes now, head and file in one write, a
   chunk a turn: others wait. Returns 1 after the last byte, 0 if there is
   more, -1 if none can follow. */
static int send_rest(struct request *r)
{
    static char bytes[HEAD_SIZE + CHUNK_SIZE];
    size_t size = 0;
    if (r->sent < (off_t)r->head_size) {
        size = r->head_size - (size_t)r->sent;
        memcpy(bytes, r->bytes + REQUEST_SIZE + r->sent, size);
    }
    off_t left = r->answer_size - r->sent - (off_t)size;
    if (left > 0) {
        /* What the kernel does not take is read again, in its turn. */
        ssize_t got = pread(r->file, bytes + size,
                            left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE,
                            r->file_size - left);
        /* Somebody has made the file shorter since: the client learns it from
           an end that comes too early. */
        if (got == 0)
            errno = EIO;
        if (got <= 0) {
            lost(r, "pread");
            return -1;
        }
        size += (size_t)got;
    }
    ssize_t put = write(r->conn, bytes, size);
    if (put == -1 && would_block())
        return 0;
    if (put == -1) {
        lost(r, "write");
        return -1;
    }
    r->sent += put;
    r->deadline = woke + SEND_MS;
    return r->sent == r->answer_size;
}

/* Forgets the request that was answered, and what it holds. What came behind
   it is the beginning of the next. */
static void renew(struct request *r)
{
    struct request next = {
        .conn = r->conn,
        .deadline = woke + REQUEST_MS,
        .later = 1,
        .shown = "-",
        .file = -1,
        .size = r->size - r->next,
        .bytes = r->bytes,
        .event = r->event,
        .place_in_all = r->place_in_all,
    };
    memcpy(next.peer, r->peer, sizeof next.peer);
    memmove(r->bytes, r->bytes + r->next, next.size);
    if (next.size == 0) {
        free(r->bytes);
        next.bytes = NULL;
    }
    leave(r->file);
    *r = next;
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

/* Goes on with a client as far as that can be without waiting, to the end of
   one answer at most. Returns the event of poll(2) to go on at, or 0 if it is
   done. */
static short serve(struct request *r)
{
    if (r->place == WAITING) {
        if (woke >= r->deadline)
            return 0; /* it asks on, but takes nothing */
        r->place = READING;
        r->deadline = woke + REQUEST_MS;
    }
    if (r->place == READING) {
        const char *status = begin(r);
        if (status == not_yet)
            return POLLIN;
        if (r->later && r->size == r->empty)
            return 0; /* the client has left, or has no more to ask */
        if (status == gone) {
            printf("%s %s\n", r->peer, gone);
            return 0;
        }
        answer(r, status);
        r->place = ANSWERING;
    }
    if (r->place == ANSWERING) {
        int sent = send_rest(r);
        if (sent == 0 && woke < r->deadline)
            return POLLOUT;
        if (sent != 1 || (r->whole && !r->keeps))
            return 0;
        if (r->keeps) {
            renew(r);
            if (r->size == 0)
                return POLLIN;
            /* The next has come as well: its turn is when the client can take
               an answer, and all others have had theirs. */
            r->place = WAITING;
            r->deadline = woke + SEND_MS;
            return POLLOUT;
        }
        shutdown(r->conn, SHUT_WR);
        r->place = DRAINING;
        r->deadline = woke + DRAIN_MS;
    }
    return woke < r->deadline && drain(r) != 0 ? POLLIN : 0;
}

#ifdef __linux__

/* What wait_ready was told: epoll(7), of Linux alone. */
static struct epoll_event ready[READY];

static void make_list(void)
{
    interest = epoll_create1(0);
    if (interest == -1)
        die("epoll_create1");
}

/* Has r in the list for this event, POLLIN or POLLOUT, in place of the one
   before; for 0 it goes. Returns 0, or -1 if the kernel is short of memory. */
static int watch(struct request *r, short event)
{
    struct epoll_event wanted = {
        .events = event == POLLOUT ? EPOLLOUT : EPOLLIN,
        .data.ptr = r,
    };
    int how = r->event == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (event == 0)
        how = EPOLL_CTL_DEL;
    if (event == r->event)
        return 0;
    if (epoll_ctl(interest, how, r->conn, &wanted) == -1) {
        lost(r, "epoll_ctl");
        return -1;
    }
    r->event = event;
    return 0;
}

/* Sleeps until somebody is ready, for ms milliseconds at most, or without end
   for -1. Returns how many are in ready; -1 if a signal came. */
static int wait_ready(int ms)
{
    int some = epoll_wait(interest, ready, READY, ms);
    if (some == -1 && errno != EINTR)
        die("epoll_wait");
    return some;
}

/* Returns whose the one in place i of ready is. */
static struct request *whose(int i)
{
    return ready[i].data.ptr;
}

#else

/* What wait_ready was told: kqueue(2), of macOS and the BSDs. */
static struct kevent ready[READY];

static void make_list(void)
{
    interest = kqueue();
    if (interest == -1)
        die("kqueue");
}

/* Has r in the list for this event, POLLIN or POLLOUT, in place of the one
   before; for 0 it goes. Returns 0, or -1 if the kernel is short of memory. */
static int watch(struct request *r, short event)
{
    struct kevent changes[2];
    int n = 0;
    if (event == r->event)
        return 0;
    if (r->event != 0) {
        EV_SET(&changes[n], (uintptr_t)r->conn,
               r->event == POLLOUT ? EVFILT_WRITE : EVFILT_READ, EV_DELETE, 0,
               0, r);
        n++;
    }
    if (event != 0) {
        EV_SET(&changes[n], (uintptr_t)r->conn,
               event == POLLOUT ? EVFILT_WRITE : EVFILT_READ, EV_ADD, 0, 0, r);
        n++;
    }
    if (kevent(interest, changes, n, NULL, 0, NULL) == -1) {
        lost(r, "kevent");
        return -1;
    }
    r->event = event;
    return 0;
}

/* Sleeps until somebody is ready, for ms milliseconds at most, or without end
   for -1. Returns how many are in ready; -1 if a signal came. */
static int wait_ready(int ms)
{
    struct timespec left = {
        .tv_sec = ms / 1000,
        .tv_nsec = ms % 1000 * 1000000L,
    };
    int some =
        kevent(interest, NULL, 0, ready, READY, ms == -1 ? NULL : &left);
    if (some == -1 && errno != EINTR)
        die("kevent");
    return some;
}

/* Returns whose the one in place i of ready is. */
static struct request *whose(int i)
{
    return ready[i].udata;
}

#endif

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
    r->file = -1;
    r->deadline = woke + REQUEST_MS;
    name_peer(r, address);
    r->place_in_all = count;
    clients[count] = r;
    count++;
    return 0;
}

/* Goes on with a client; once it is done, the last has its place. */
static void turn(struct request *r)
{
    short event = serve(r);
    if (event != 0 && watch(r, event) == 0) {
        if (r->deadline < look)
            look = r->deadline;
        return;
    }
    /* The close takes it off the kernel's list as well. */
    close(r->conn);
    leave(r->file);
    free(r->bytes);
    count--;
    clients[r->place_in_all] = clients[count];
    clients[r->place_in_all]->place_in_all = r->place_in_all;
    free(r);
}

/* Gives all a turn whose deadline has come, and sets when to look again: not
   for each of a thousand silent, but ten times a second at most. */
static void look_through(void)
{
    look = LLONG_MAX;
    /* From the last on, as the last takes the place of one that is done. */
    for (size_t i = count; i > 0; i--)
        if (woke >= clients[i - 1]->deadline)
            turn(clients[i - 1]);
        else if (clients[i - 1]->deadline < look)
            look = clients[i - 1]->deadline;
    if (look < woke + LOOK_MS)
        look = woke + LOOK_MS;
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
            turn(clients[count - 1]);
        }
    }
    return 0;
}

/* Returns the milliseconds up to the next time to look through all deadlines,
   or to the one given, at least 0; -1 if there is neither. */
static int time_left(long long next)
{
    if (count > 0 && (next == 0 || look < next))
        next = look;
    long long left = next - woke;
    return next == 0 ? -1 : left < 0 ? 0 : (int)left;
}

int main(int argc, char *argv[])
{
    /* The lines of the log leave together, before all wait for the next. */
    setvbuf(stdout, NULL, _IOFBF, 0);

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

    /* A place for each descriptor that there can be: more do not come. */
    size_t places = raise_limit();
    clients = calloc(places, sizeof *clients);
    if (clients == NULL)
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

    /* An answer leaves at once: without this option TCP holds a small one back
       until the one before has been acknowledged, perhaps for 40 ms (Linux).
       What accept returns has the listener's options. */
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        die("setsockopt");

    /* Room for a few chunks: what a slow client takes frees a part of
       it that poll tells of, and who takes nothing is soon found out. */
    int room = 2 * CHUNK_SIZE;
    if (setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == -1)
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

    /* A client may be gone again before accept. */
    if (unblock(listener) == -1)
        die("fcntl");
    door.conn = listener;
    make_list();

    long long retry = 0; /* when to accept again, if not now */
    for (;;) {
        /* Sleeps until a descriptor has something or a deadline has come. If
           nobody can be accepted it must not look: it would not sleep. */
        if (retry <= woke)
            retry = 0;
        if (watch(&door, retry == 0 ? POLLIN : 0) == -1)
            retry = woke + RETRY_MS;
        fflush(stdout);
        int some = wait_ready(time_left(retry));
        woke = now_ms();

        /* Those who are ready, and the listener last: when others have left,
           a descriptor is free for the next client. */
        int waiting = 0;
        size_t before = count;
        for (int i = 0; i < some; i++)
            if (whose(i) == &door)
                waiting = 1;
            else
                turn(whose(i));
        /* Not before: whose of those who are ready would be gone? */
        if (woke >= look)
            look_through();
        if (count < before)
            retry = 0;

        if (waiting) {
            int ms = accept_all(listener);
            retry = ms == 0 ? 0 : woke + ms;
        }
    }
}
