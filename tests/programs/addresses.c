/*
 * A getaddrinfo of the check's own, for a client under check: every name has
 * as many addresses as there are numbers in CHECK_PORTS of the environment:
 * 127.0.0.1, at each of these ports.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int check_getaddrinfo(const char *host, const char *service,
                      const struct addrinfo *hints, struct addrinfo **list);
void check_freeaddrinfo(struct addrinfo *list);

int check_getaddrinfo(const char *host, const char *service,
                      const struct addrinfo *hints, struct addrinfo **list)
{
    static struct addrinfo all[8];
    static struct sockaddr_in addresses[8];
    char *ports = getenv("CHECK_PORTS");
    int count = 0;
    (void)host, (void)service;
    if (hints != NULL && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    for (long port; count < 8 && (port = strtol(ports, &ports, 10)) > 0;) {
        addresses[count].sin_family = AF_INET;
        addresses[count].sin_port = htons((unsigned short)port);
        addresses[count].sin_addr.s_addr = htonl(0x7f000001);
        all[count].ai_family = AF_INET;
        all[count].ai_socktype = SOCK_STREAM;
        all[count].ai_protocol = IPPROTO_TCP;
        all[count].ai_addrlen = sizeof addresses[count];
        all[count].ai_addr = (struct sockaddr *)&addresses[count];
        if (count++ > 0)
            all[count - 2].ai_next = &all[count - 1];
    }
    *list = all;
    return count > 0 ? 0 : EAI_NONAME;
}

void check_freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}
