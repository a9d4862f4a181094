/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the process's memory is kept: by jemalloc where it is linked, in transparent huge pages. A
 * worker reads records at random all over them, and with 4 KiB pages each read would walk the page
 * table as well; and pages of hosts come and go in many sizes, which jemalloc gives back.
 */
extern const char *malloc_conf;
const char *malloc_conf = "thp:always";
