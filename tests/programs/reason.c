/*
 * reason: the words that this C library has for refusals of socket(2), a line
 * each: no descriptor left in the process, none in the system, no memory, no
 * room, no family of that name (a long text).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    puts(strerror(EMFILE));
    puts(strerror(ENFILE));
    puts(strerror(ENOMEM));
    puts(strerror(ENOBUFS));
    puts(strerror(EAFNOSUPPORT));
    return 0;
}
