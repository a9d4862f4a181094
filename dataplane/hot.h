/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Include this last in every file whose code runs on a worker core: allocation, output, locks,
 * sleeping and system calls become compile errors. tests/rules/ checks the objects as well.
 */
#ifndef ARPAD_DATAPLANE_HOT_H
#define ARPAD_DATAPLANE_HOT_H

/* The C library defines these two as macros, and a macro cannot be poisoned. */
#undef alloca
#undef errno

#pragma GCC poison malloc calloc realloc free aligned_alloc posix_memalign strdup alloca
#pragma GCC poison printf fprintf snprintf sprintf vprintf vfprintf vsnprintf puts perror syslog
#pragma GCC poison pthread_mutex_lock pthread_mutex_unlock pthread_rwlock_rdlock pthread_cond_wait
#pragma GCC poison read write open close ioctl send recv sendto recvfrom select poll syscall
#pragma GCC poison sleep usleep nanosleep sched_yield gettimeofday clock_gettime time
#pragma GCC poison abort exit errno

#endif
