/* SPDX-License-Identifier: MIT */
/*
 * The part of census.bpf.c that tells how many tasks RLIMIT_NPROC counts for each user (Linux
 * kernel/ucount.c). Only in the build for the commands that ask: the names of these structs share slots
 * of the kernel's cache of relocation candidates with others, which costs 3 ms at each load
 * (kernel/bpf/btf.c:bpf_core_find_cands()).
 */
#define MAX_USERNS_LEVEL 32
#define UCOUNT_RLIMIT_NPROC 0 /* enum rlimit_type, the first since 6.0 */
#define USER_SLOTS 256	      /* a power of two */

static __u64 last_ucounts; /* its user namespace's inode number is in last_userns */
static __u32 last_userns;
static __u64 users_told[USER_SLOTS]; /* ucounts already written, by a hash of the address */
static __u64 outer_user;
static struct bpf_record_user user;

/* struct ucounts: what the kernel compares with RLIMIT_NPROC (kernel/ucount.c) */
__noinline int user_read(__u64 address)
{
	const struct ucounts *ucounts = (const void *)address, *outer;
	const struct user_namespace *ns = BPF_CORE_READ(ucounts, ns);

	user.known = 0;
	BPF_CORE_READ_INTO(&user.uid, ucounts, uid.val);
	BPF_CORE_READ_INTO(&user.userns, ns, ns.inum);
	if (bpf_core_field_exists(ucounts->rlimit)) {
		BPF_CORE_READ_INTO(&user.tasks, ucounts, rlimit[UCOUNT_RLIMIT_NPROC].counter);
		BPF_CORE_READ_INTO(&user.creators_limit, ns, rlimit_max[UCOUNT_RLIMIT_NPROC]);
		user.known = 1;
	}
	outer = BPF_CORE_READ(ns, ucounts);
	outer_user = (__u64)outer;
	user.parent = outer ? BPF_CORE_READ(outer, ns, ns.inum) : 0;
	user.owner = outer ? BPF_CORE_READ(outer, uid.val) : 0;
	return 0;
}

/* The user that a task is charged to, and outward those who made the namespaces around it, once each */
static __always_inline void read_user(struct seq_file *seq, const struct ucounts *ucounts)
{
	__u64 address = plain(ucounts);

	if (address == last_ucounts) {
		record.userns = last_userns;
		return;
	}
	record.userns = ucounts->ns->ns.inum;
	last_userns = record.userns;
	last_ucounts = address;
	for (int i = 0; i <= MAX_USERNS_LEVEL && address; i++) {
		__u64 *told = &users_told[(address >> 6 ^ address >> 14) & (USER_SLOTS - 1)];

		if (*told == address)
			return;
		*told = address;
		user_read(address);
		user.type = BPF_RECORD_USER;
		bpf_seq_write(seq, &user, sizeof(user));
		address = outer_user;
	}
}
