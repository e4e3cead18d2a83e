/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Numbers, since Debian 12's header has them all but older ones did not. */
enum { CAP_KEEP_NET_ADMIN = 12, CAP_KEEP_NET_RAW = 13, CAP_KEEP_PERFMON = 38, CAP_KEEP_BPF = 39, CAP_LAST = 63 };

static const int kept[] = { CAP_KEEP_NET_ADMIN, CAP_KEEP_NET_RAW, CAP_KEEP_PERFMON, CAP_KEEP_BPF };

static uint64_t kept_mask(void)
{
	uint64_t m = 0;

	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		m |= (uint64_t)1 << kept[i];
	return m;
}

int privilege_drop(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };
	uint64_t keep = kept_mask();

	for (int c = 0; c <= CAP_LAST; c++) {
		if (!(keep >> c & 1) && prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);	/* only limits what a program that we exec could gain */
	}
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		uint32_t part = (uint32_t)(keep >> 32 * i);

		d[i].permitted &= part;
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

void notify_state(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n;
	int fd;

	if (!path || (*path != '/' && *path != '@'))
		return;
	n = strlen(path);
	if (n >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, n);
	if (*path == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&sa,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}
