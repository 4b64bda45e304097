/*
 * slow-reader PORT PATH TIMES: a client that takes 6000 bytes each 20 ms, for
 * 1.7 seconds, both so many times over, and then the rest at once. Says how
 * many bytes the body has.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 6000, EACH_MS = 20, SLOW_MS = 1700 };

static char bytes[65536];

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Sleeps until then; who is late has slept enough. */
static void sleep_until(long long ms)
{
    long long left = ms - now_ms();
    struct timespec nap = {left / 1000, left % 1000 * 1000000};
    if (left > 0)
        nanosleep(&nap, NULL);
}

int main(int argc, char *argv[])
{
    static const char end[] = "\r\n\r\n";
    size_t head = 0, size = BYTES;
    long long all = 0, began, turn = 0;
    ssize_t got;
    int conn = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (argc != 4)
        return 2;
    int each_ms = EACH_MS * atoi(argv[3]), slow_ms = SLOW_MS * atoi(argv[3]);
    a.sin_port = htons((unsigned short)atoi(argv[1]));
    a.sin_addr.s_addr = htonl(0x7f000001);
    if (connect(conn, (struct sockaddr *)&a, sizeof a) == -1)
        return perror("connect"), 1;
    snprintf(bytes, sizeof bytes, "GET %s HTTP/1.0\r\n\r\n", argv[2]);
    if (write(conn, bytes, strlen(bytes)) == -1)
        return perror("write"), 1;
    began = now_ms();
    while ((got = read(conn, bytes, size)) > 0) {
        all += got;
        for (ssize_t i = 0; i < got && head < sizeof end - 1; i++) {
            head = bytes[i] == end[head] ? head + 1 : bytes[i] == '\r';
            all -= i + 1 == got || head == sizeof end - 1 ? i + 1 : 0;
        }
#ifdef TCP_QUICKACK /* who has a small SO_SNDBUF waits for each ACK */
        setsockopt(conn, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
#endif
        if (++turn * each_ms < slow_ms)
            sleep_until(began + turn * each_ms);
        else
            size = sizeof bytes;
    }
    if (got == -1)
        perror("read");
    printf("%lld bytes\n", all);
    return got == -1;
}
