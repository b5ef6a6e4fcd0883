/* SPDX-License-Identifier: MIT */
/* The least that a census by a BPF task iterator takes: eight bytes of each task through its file. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct seq_file;
struct task_struct;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

SEC("iter/task")
int walk(struct bpf_iter__task *ctx)
{
	__u64 number = ctx->meta->seq_num;

	if (ctx->task)
		bpf_seq_write(ctx->meta->seq, &number, sizeof(number));
	return 0;
}
