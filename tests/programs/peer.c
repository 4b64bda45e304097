/*
 * peer PORT "talk BYTES": a server that says so many to its one client before
 * it reads any. peer PORT full: a server whose queue is full until its input
 * ends; then it begins to accept. peer PORT reset [TEXT]: it reads once from
 * each client, says that text, and resets the connection; peer PORT six TEXT,
 * at ::1 and at 127.0.0.1, ends it. peer PORT flood: it says to its one client
 * as much as is taken, and prints what it reads. peer PORT at ADDRESS: takes
 * the port there, and ends.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char bytes[65536];

/* Both directions at once, until the client's ends. Prints what comes, and
   "full" where nothing more is taken for a while. */
static void flood(int conn)
{
    struct pollfd p = {conn, POLLIN | POLLOUT, 0};
    char text[512];
    ssize_t n = 1;
    fcntl(conn, F_SETFL, O_NONBLOCK);
    while (n != 0) {
        if (poll(&p, 1, 100) == 0) {
            printf("full\n");
            poll(&p, 1, -1);
        }
        if (p.revents & POLLOUT && write(conn, bytes, sizeof bytes) == -1 &&
            errno != EAGAIN)
            break;
        if (p.revents & ~POLLOUT && (n = read(conn, text, sizeof text)) > 0)
            printf("read: %.*s\n", (int)n, text);
    }
    close(conn);
}

int main(int argc, char *argv[])
{
    int full = argc > 2 && strcmp(argv[2], "full") == 0;
    int resets = argc > 2 && strcmp(argv[2], "reset") == 0;
    int six = argc > 2 && strcmp(argv[2], "six") == 0;
    int floods = argc > 2 && strcmp(argv[2], "flood") == 0;
    int at = argc > 3 && strcmp(argv[2], "at") == 0;
    struct linger reset = {1, 0};
    long number = argc > 3 ? atol(argv[3]) : 0, all = 0;
    int small = 65536;
    int listener = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    int four = six ? socket(AF_INET, SOCK_STREAM, 0) : -1;
    struct sockaddr_in a = {.sin_family = AF_INET};
    struct sockaddr_in6 b = {.sin6_family = AF_INET6};
    a.sin_port = htons((unsigned short)atoi(argv[1]));
    a.sin_addr.s_addr = at ? inet_addr(argv[3]) : htonl(0x7f000001);
    b.sin6_port = a.sin_port;
    b.sin6_addr = in6addr_loopback;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (bind(listener, six ? (struct sockaddr *)&b : (struct sockaddr *)&a,
             six ? sizeof b : sizeof a) == -1)
        return perror("bind"), 1;
    if (at)
        return 0;
    if (six && bind(four, (struct sockaddr *)&a, sizeof a) == -1)
        return perror("bind"), 1;
    if (listen(listener, 0) == -1 || (six && listen(four, 0) == -1))
        return perror("listen"), 1;
    for (int tries = 0, ready = 1; full && ready == 1; tries++) {
        struct pollfd p = {socket(AF_INET, SOCK_STREAM, 0), POLLOUT, 0};
        fcntl(p.fd, F_SETFL, O_NONBLOCK);
        connect(p.fd, (struct sockaddr *)&a, sizeof a);
        ready = tries == 200 ? 2 : poll(&p, 1, 50);
        if (ready == 0)
            close(p.fd);
        if (ready == 2)
            printf("never full\n");
    }
    printf("listen: at %s\n", argv[1]);
    if (six && fork() == 0)
        listener = four;
    if (full && read(0, bytes, sizeof bytes) == -1)
        return perror("read"), 1;
    for (;;) {
        int conn = accept(listener, NULL, NULL);
        ssize_t n = 1;
        if (floods) {
            flood(conn);
            continue;
        }
        if (resets || six) {
            if (resets)
                setsockopt(conn, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            if (read(conn, bytes, sizeof bytes) == -1)
                perror("read");
            if (argc > 3 && write(conn, argv[3], strlen(argv[3])) == -1)
                perror("write");
            if (six)
                shutdown(conn, SHUT_WR);
            while (six && read(conn, bytes, sizeof bytes) > 0)
                continue;
            close(conn);
            continue;
        }
        while (!full && n > 0 && number > 0)
            if ((n = write(conn, bytes, sizeof bytes)) > 0)
                number -= n;
        while (!full && (n = read(conn, bytes, sizeof bytes)) > 0)
            all += n;
        if (!full) {
            printf("took %ld\n", all);
            close(conn);
        }
    }
}
