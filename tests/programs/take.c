/*
 * take BYTES: reads so many bytes of its input, and none behind them (head -c
 * may), and says how many there were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static char bytes[65536];
    long wanted = argc > 1 ? atol(argv[1]) : 0, all = 0;
    ssize_t got = 1;
    while (all < wanted && got > 0) {
        size_t left = (size_t)(wanted - all);
        got = read(0, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (got > 0)
            all += got;
    }
    printf("%ld bytes\n", all);
    return got == -1;
}
