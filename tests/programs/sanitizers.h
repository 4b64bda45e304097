/*
 * Included into every program of a learner's: how the sanitizers behave. No
 * look for leaks at its end: that needs leave to trace, which containers may
 * lack, and no exercise asks for it. Undefined behaviour is told with the
 * function that it is in.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1";
}
