/* SPDX-License-Identifier: BSD-3-Clause */
/* How a thread that is no worker tells the grace periods that it reads records. */
#ifndef ARPAD_CONTROL_READER_H
#define ARPAD_CONTROL_READER_H

/*
 * One registered reader, offline at first. Only its own thread makes these calls; none blocks.
 * What it borrows it borrows between `online` and the next `quiescent` or `offline`; an offline
 * reader holds up no grace period.
 */
struct reader {
	void *context;
	void (*online)(void *context);
	void (*quiescent)(void *context);
	void (*offline)(void *context);
};

#endif
