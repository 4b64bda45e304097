/*
 * A getaddrinfo of the check's own, for a client under check: every name has
 * as many addresses as there are numbers in CHECK_PORTS of the environment:
 * 127.0.0.1 at each of these ports, or ::1 at that of one below 0. And a
 * socket: where there is CHECK_NO_IPV6, the kernel knows IPv4 alone.
 */
#define _POSIX_C_SOURCE 200809L
#undef socket
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int check_getaddrinfo(const char *host, const char *service,
                      const struct addrinfo *hints, struct addrinfo **list);
void check_freeaddrinfo(struct addrinfo *list);
int check_socket(int family, int type, int protocol);

int check_getaddrinfo(const char *host, const char *service,
                      const struct addrinfo *hints, struct addrinfo **list)
{
    static struct addrinfo all[8];
    static struct sockaddr_in addresses[8];
    static struct sockaddr_in6 longer[8];
    int wanted = hints != NULL ? hints->ai_family : AF_UNSPEC;
    char *ports = getenv("CHECK_PORTS");
    int count = 0;
    (void)host, (void)service;
    if (hints != NULL && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    for (long port; count < 8 && (port = strtol(ports, &ports, 10)) != 0;) {
        int family = port > 0 ? AF_INET : AF_INET6;
        if (wanted != AF_UNSPEC && wanted != family)
            continue;
        addresses[count].sin_family = AF_INET;
        addresses[count].sin_port = htons((unsigned short)port);
        addresses[count].sin_addr.s_addr = htonl(0x7f000001);
        longer[count].sin6_family = AF_INET6;
        longer[count].sin6_port = htons((unsigned short)-port);
        longer[count].sin6_addr = in6addr_loopback;
        all[count].ai_family = family;
        all[count].ai_socktype = SOCK_STREAM;
        all[count].ai_protocol = IPPROTO_TCP;
        all[count].ai_addrlen =
            port > 0 ? sizeof addresses[count] : sizeof longer[count];
        all[count].ai_addr = port > 0 ? (struct sockaddr *)&addresses[count]
                                      : (struct sockaddr *)&longer[count];
        if (count++ > 0)
            all[count - 2].ai_next = &all[count - 1];
    }
    *list = all;
    errno = EISDIR; /* another call's */
    return count > 0 ? 0 : EAI_NONAME;
}

void check_freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}

int check_socket(int family, int type, int protocol)
{
    if (family != AF_INET6 || getenv("CHECK_NO_IPV6") == NULL)
        return socket(family, type, protocol);
    errno = EAFNOSUPPORT;
    return -1;
}
