/* SPDX-License-Identifier: BSD-2-Clause */
/* What the daemon keeps of root. */
#ifndef ADIT_DAEMON_PRIVILEGE_H
#define ADIT_DAEMON_PRIVILEGE_H

/** privilege_drop - keeps NET_ADMIN, NET_RAW, BPF and PERFMON of what we have, for good. Return: 0 or -errno. */
int privilege_drop(void);

/** notify_state - tells the service manager (sd_notify protocol), e.g. "READY=1"; nothing without NOTIFY_SOCKET. */
void notify_state(const char *state);

#endif
