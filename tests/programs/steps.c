/* steps: counts a server's steps. The compiler has the server call this at
 * each of them (-fsanitize-coverage=trace-pc of gcc and clang). How many there
 * have been stands in the file CHECK_STEPS: the compiler is given its name. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static long long *begin(void)
{
    int fd = open(CHECK_STEPS, O_RDWR | O_CREAT, 0600);
    if (fd == -1 || ftruncate(fd, sizeof(long long)) == -1) {
        perror(CHECK_STEPS);
        exit(1);
    }
    void *steps = mmap(NULL, sizeof(long long), PROT_READ | PROT_WRITE,
                       MAP_SHARED, fd, 0);
    if (steps == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    close(fd);
    return steps;
}

void __sanitizer_cov_trace_pc(void)
{
    static long long *steps;
    if (steps == NULL)
        steps = begin();
    ++*steps;
}
