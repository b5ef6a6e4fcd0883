/* SPDX-License-Identifier: MIT */
#include "grow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct tree_node tree_nodes[MAX_NODES];
int n_nodes;

static struct node *nodes;
static int announced; /* the grower's end */
static int lifeline;  /* held open as long as the grower lives */

void look_again(int *looks, const char *what)
{
	const struct timespec moment = { .tv_nsec = 100000 };

	if (++*looks > 100000) {
		errno = ETIMEDOUT;
		die(what);
	}
	nanosleep(&moment, NULL);
}

static int out_of_the_way(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 16);

	if (high < 0)
		die("descriptors");
	close(fd);
	return high;
}

void grow_start(void)
{
	struct rlimit files;
	int ends[2], pair[2], memory, on = 1;

	if (pipe(ends) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		die("pipes");
	memory = out_of_the_way(memfd_create("forest", 0));
	lifeline = out_of_the_way(ends[1]);
	announced = out_of_the_way(pair[0]);
	ends[0] = out_of_the_way(ends[0]);
	pair[1] = out_of_the_way(pair[1]);
	if (dup2(memory, NODE_MEMORY) < 0 || dup2(ends[0], NODE_LIFELINE) < 0 ||
	    dup2(pair[1], NODE_ANNOUNCE) < 0)
		die("dup2");
	if (ftruncate(memory, MAX_NODES * sizeof(struct node)))
		die("ftruncate");
	nodes = nodes_map();
	if (setsockopt(announced, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		die("SO_PASSCRED");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("PR_SET_CHILD_SUBREAPER");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files); /* too few show when they are gone */
	}
}

/* The kernel translates the sender's PID into the reader's namespace: unix(7) */
static void hear(int expected)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct pollfd ready = { .fd = announced, .events = POLLIN };
	struct tree_node *t = &tree_nodes[expected];
	struct ucred who;
	int index;
	struct iovec iov = { &index, sizeof(index) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	if (poll(&ready, 1, 10000) != 1 || recvmsg(announced, &m, 0) != (ssize_t)sizeof(index) ||
	    index != expected || !CMSG_FIRSTHDR(&m))
		die("a new node was not heard of");
	memcpy(&who, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(who));
	t->pidfd = (int)syscall(SYS_pidfd_open, who.pid, 0);
	if (t->pidfd < 0)
		die("pidfd_open");
	atomic_store(&nodes[expected].pid, who.pid);
}

static int node_new(int tree, int depth, int born_of)
{
	struct tree_node *t = &tree_nodes[n_nodes];

	if (n_nodes == MAX_NODES) {
		errno = E2BIG;
		die("nodes");
	}
	*t = (struct tree_node){
		.tree = tree, .depth = depth, .born_of = born_of, .ns = NOBODY, .ns_around = NOBODY
	};
	nodes[n_nodes] = (struct node){ .a = 0 };
	return n_nodes++;
}

int grow_root(int tree, bool init)
{
	int index = node_new(tree, 0, NOBODY);
	long pid = syscall(SYS_clone, (init ? CLONE_NEWPID : 0) | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	if (pid == 0) {
		close_range(NODE_FDS_END, ~0U, 0);
		node_run(index);
	}
	tree_nodes[index].init = init;
	tree_nodes[index].ns = init ? index : NOBODY;
	hear(index);
	return index;
}

static void send_order(int node, enum order order, int a, int b)
{
	struct node *n = &nodes[node];

	n->order = order;
	n->a = a;
	n->b = b;
	atomic_fetch_add(&n->ordered, 1);
	/* ESRCH: it died meanwhile, which await_done() finds */
	(void)syscall(SYS_pidfd_send_signal, tree_nodes[node].pidfd, SIGUSR1, NULL, 0);
}

static void await_done(int node)
{
	int looks = 0;

	while (atomic_load(&nodes[node].done) != atomic_load(&nodes[node].ordered) &&
	       !grow_is_dead(node))
		look_again(&looks, "an order was not carried out");
}

int grow_child(int parent, enum order how, int init)
{
	const struct tree_node *p = &tree_nodes[parent];
	int index = node_new(p->tree, p->depth + 1, parent);
	struct tree_node *t = &tree_nodes[index];

	t->ns = how == ORDER_SPAWN_INIT ? index : how == ORDER_ENTER ? init : p->ns;
	t->init = how == ORDER_SPAWN_INIT;
	t->ns_around = t->init ? p->ns : NOBODY;
	t->entered = how == ORDER_ENTER;
	send_order(parent, how, index, init);
	hear(index);
	await_done(parent);
	return index;
}

void grow_order(int node, enum order order)
{
	struct seen seen;
	int looks = 0;

	send_order(node, order, 0, 0);
	await_done(node);
	if (order == ORDER_EXEC)
		tree_nodes[node].leader_ended = false;
	if (order == ORDER_PDEATH)
		tree_nodes[node].has_pdeath = true;
	if (order != ORDER_END_LEADER)
		return;
	while (grow_see(node, &seen) && seen.state != 'Z')
		look_again(&looks, "a leader did not end");
	tree_nodes[node].leader_ended = true;
}

static bool dies_with(int node, int init)
{
	int around = tree_nodes[node].ns;

	while (around != NOBODY && around != init)
		around = tree_nodes[around].ns_around;
	return around == init;
}

/*
 * A dying namespace waits for who entered it until that one's parent outside reaps it. A parent
 * inside is told nothing: it dies without a look at its orders, and cannot die before the others do.
 */
static void reap_entered(int init)
{
	for (int i = 0; i < n_nodes; i++) {
		struct seen seen;
		int parent;

		if (tree_nodes[i].tree != tree_nodes[init].tree || !tree_nodes[i].entered ||
		    !grow_is_dead(i) || !grow_see(i, &seen))
			continue;
		parent = grow_find(seen.ppid);
		if (seen.ppid == getpid())
			waitpid(grow_pid(i), NULL, WNOHANG | __WALL);
		else if (parent != NOBODY && !dies_with(parent, init) && !grow_is_dead(parent))
			grow_order(parent, ORDER_REAP);
	}
}

void grow_fell(int node, bool exits)
{
	int looks = 0;

	if (exits)
		send_order(node, ORDER_EXIT, 0, 0);
	else if (syscall(SYS_pidfd_send_signal, tree_nodes[node].pidfd, SIGKILL, NULL, 0))
		die("kill");
	while (!grow_is_dead(node)) {
		if (looks % 16 == 8 && tree_nodes[node].init)
			reap_entered(node);
		look_again(&looks, "a victim did not die");
	}
}

void grow_clear(void)
{
	int looks = 0;
	pid_t r;

	for (int i = 0; i < n_nodes; i++)
		(void)syscall(SYS_pidfd_send_signal, tree_nodes[i].pidfd, SIGKILL, NULL, 0);
	while ((r = waitpid(-1, NULL, WNOHANG | __WALL)) >= 0)
		if (r == 0)
			look_again(&looks, "the trees did not end");
	for (int i = 0; i < n_nodes; i++)
		close(tree_nodes[i].pidfd);
	n_nodes = 0;
}

pid_t grow_pid(int node)
{
	return atomic_load(&nodes[node].pid);
}

int grow_find(pid_t pid)
{
	for (int i = 0; i < n_nodes; i++)
		if (grow_pid(i) == pid && !grow_is_gone(i))
			return i;
	return NOBODY;
}

bool grow_is_dead(int node)
{
	struct pollfd dead = { .fd = tree_nodes[node].pidfd, .events = POLLIN };

	return poll(&dead, 1, 0) == 1;
}

bool grow_is_gone(int node)
{
	return syscall(SYS_pidfd_send_signal, tree_nodes[node].pidfd, 0, NULL, 0) != 0 &&
	       errno == ESRCH;
}

bool grow_see(int node, struct seen *ret)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", grow_pid(node));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	end = strrchr(text, ')');
	/* its number may be another's by now */
	if (!end || grow_is_gone(node))
		return false;
	return sscanf(end + 1,
		      " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u",
		      &ret->state, &ret->ppid, &ret->threads) == 3;
}
