/* A machine that turns against the program: between it and the C library, so that the program itself is the real one.

   LD_PRELOAD=hostile.so PACKTRAIL_TORTURE_MACHINE=FILE. FILE is mapped by all processes and may be changed while they run. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define KILL -1

/* One kind of call that fails: calls number `from` to `to` - 1 since `seen` was set to 0, with `error`, on paths that end with `part`. */
struct trap {
    _Atomic int64_t seen, from, to, error, struck;
    char part[88];
};

/* A clock that stands still does so at `clock_frozen_ns`, unless that is 0. */
struct machine {
    _Atomic int64_t clock_offset_ns;
    struct trap write, sync, read;
    _Atomic int64_t clock_frozen_ns;
};

static struct machine *machine;

__attribute__((constructor)) static void attach(void) {
    const char *file = getenv("PACKTRAIL_TORTURE_MACHINE");
    int descriptor = file ? open(file, O_RDWR) : -1;
    void *found = descriptor < 0 ? MAP_FAILED
                                 : mmap(NULL, sizeof *machine, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (descriptor >= 0) close(descriptor);
    machine = found == MAP_FAILED ? NULL : found;
}

static int is_on(const struct trap *trap, int descriptor) {
    char link[32], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t part = strlen(trap->part);
    return (size_t)length >= part && strcmp(path + length - part, trap->part) == 0;
}

/* Whether this call is to fail; errno is set. */
static int strikes(struct trap *trap, int descriptor) {
    if (trap->to == 0 || !is_on(trap, descriptor)) return 0;
    int64_t number = atomic_fetch_add(&trap->seen, 1);
    if (number < trap->from || number >= trap->to) return 0;
    atomic_fetch_add(&trap->struck, 1);
    if (trap->error == KILL) kill(0, SIGKILL);
    errno = (int)trap->error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    static __typeof__(&pwrite64) real;
    if (!real) real = REAL(pwrite64);
    return machine && strikes(&machine->write, descriptor) ? -1 : real(descriptor, data, length, offset);
}

ssize_t pread64(int descriptor, void *data, size_t length, off64_t offset) {
    static __typeof__(&pread64) real;
    if (!real) real = REAL(pread64);
    return machine && strikes(&machine->read, descriptor) ? -1 : real(descriptor, data, length, offset);
}

int fsync(int descriptor) {
    static __typeof__(&fsync) real;
    if (!real) real = REAL(fsync);
    return machine && strikes(&machine->sync, descriptor) ? -1 : real(descriptor);
}

int fdatasync(int descriptor) {
    static __typeof__(&fdatasync) real;
    if (!real) real = REAL(fdatasync);
    return machine && strikes(&machine->sync, descriptor) ? -1 : real(descriptor);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static __typeof__(&clock_gettime) real;
    if (!real) real = REAL(clock_gettime);
    int result = real(clock, now);
    if (machine && result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t moment = now->tv_sec * 1000000000LL + now->tv_nsec + machine->clock_offset_ns;
        int64_t frozen = machine->clock_frozen_ns;
        if (frozen) moment = frozen;
        now->tv_sec = moment / 1000000000LL;
        now->tv_nsec = moment % 1000000000LL;
    }
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec moment;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &moment);
    now->tv_sec = moment.tv_sec;
    now->tv_usec = moment.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (result) *result = moment.tv_sec;
    return moment.tv_sec;
}
