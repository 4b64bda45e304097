/*
 * crowd PORT COUNT [PATH]: many clients in one process, for the checks. Opens
 * COUNT connections to 127.0.0.1 and says "open". If there is a PATH, each
 * asks for it, with little room for what comes back, and reads nothing yet.
 * At the end of its input it reads each connection to its end, says how many
 * bytes came over all of them, and ends.
 */
#define _POSIX_C_SOURCE 200809L
#define _DARWIN_C_SOURCE /* macOS hides TCP_MAXSEG without it */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOPBACK = 0x7f000001, MOST = 2000, SPARE = 24 };

static void die(const char *call)
{
    perror(call);
    exit(1);
}

static int reach(uint16_t port, int small)
{
    int conn = socket(AF_INET, SOCK_STREAM, 0);
    if (conn == -1)
        die("socket");
    /* Small segments make both kernels set aside little room, and an address
       of its own about which they have learned nothing yet: Linux has all that
       begin with 127. Where they refuse there is more of it, and nothing else
       is different. */
    if (small) {
        int room = 2048;
        int segment = 88;
        struct sockaddr_in own = {
            .sin_family = AF_INET,
            .sin_addr.s_addr = htonl(LOOPBACK + (uint32_t)getpid() + 1),
        };
        bind(conn, (struct sockaddr *)&own, sizeof own);
        setsockopt(conn, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        setsockopt(conn, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    struct sockaddr_in server = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(LOOPBACK),
    };
    if (connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    return conn;
}

int main(int argc, char *argv[])
{
    int conns[MOST];
    int count = argc > 2 ? atoi(argv[2]) : 0;
    if (count < 1 || count > MOST)
        return 2;

    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die("getrlimit");
    rlim_t most = (rlim_t)count + SPARE;
    if (limit.rlim_cur < most && limit.rlim_max >= most) {
        limit.rlim_cur = most;
        if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
            die("setrlimit");
    }

    for (int i = 0; i < count; i++) {
        conns[i] = reach((uint16_t)atoi(argv[1]), argc > 3);
        if (argc > 3)
            dprintf(conns[i], "GET %s HTTP/1.0\r\n\r\n", argv[3]);
    }
    printf("open\n");
    fflush(stdout);

    char waste[65536];
    while (read(0, waste, sizeof waste) > 0)
        continue;
    long long all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t got;
        while ((got = read(conns[i], waste, sizeof waste)) > 0)
            all += got;
    }
    printf("%lld bytes\n", all);
    return 0;
}
