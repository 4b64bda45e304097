/*
 * reaper COMMAND...: runs the command, and lives as long as what that has
 * started: who is orphaned below it gets it for a parent, not process 1, as
 * below systemd of a user (on Linux; elsewhere orphans are process 1's).
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

int main(int argc, char *argv[])
{
    if (argc < 2)
        return 2;
#ifdef __linux__
    if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == -1)
        perror("prctl");
#endif
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    while (wait(NULL) != -1 || errno == EINTR)
        continue;
    return 0;
}
