/*
 * caller PORT ADDRESS [TIMES [TEXT [LATER]]]: a client that connects from
 * ADDRESS, says its name on standard error, and shows what it gets; with
 * TIMES, it connects so often, sends TEXT and resets, every second time after
 * its end of input, and says its names on standard output; with LATER, it
 * waits for the end of its own input before it resets.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int times = argc > 3 ? atoi(argv[3]) : 1;
    while (times-- > 0) {
        struct sockaddr_in own = {0}, server = {0};
        struct linger reset = {1, 0};
        char bytes[4096];
        ssize_t got = 0;
        socklen_t size = sizeof own;
        int conn = socket(AF_INET, SOCK_STREAM, 0);
        own.sin_family = server.sin_family = AF_INET;
        own.sin_addr.s_addr = inet_addr(argv[2]);
        server.sin_addr.s_addr = inet_addr("127.0.0.1");
        server.sin_port = htons((unsigned short)atoi(argv[1]));
        if (bind(conn, (struct sockaddr *)&own, sizeof own) == -1 ||
            connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
            return 1;
        if (argc > 4 && write(conn, argv[4], strlen(argv[4])) == -1)
            return 1;
        if (argc == 3 || times % 2 == 1)
            shutdown(conn, SHUT_WR);
        getsockname(conn, (struct sockaddr *)&own, &size);
        fprintf(argc > 3 ? stdout : stderr, "%s:%d\n", argv[2],
                ntohs(own.sin_port));
        if (argc > 3) {
            setsockopt(conn, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            fflush(stdout);
            if (argc > 5 && read(0, bytes, sizeof bytes) == -1)
                return 1;
        } else
            while ((got = read(conn, bytes, sizeof bytes)) > 0)
                if (write(1, bytes, (size_t)got) != got)
                    return 1;
        if (argc == 3 && got == -1)
            return 1;
        close(conn);
    }
    return 0;
}
