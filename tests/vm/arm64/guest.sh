#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The guest's first process: mounts, runs the checks below as TAP, powers off.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmp /tmp
/bin/busybox --install -s /bin
export PATH=/bin
exec >/dev/ttyAMA0 2>&1 </dev/null
ip link set lo up
cd /tmp || exit 1
n=0

# check NAME COMMAND...
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then echo "ok $n - $name"; else echo "not ok $n - $name"; fi
}

# await FILE: until it holds something
await() {
	i=0
	until [ -s "$1" ]; do
		i=$((i + 1))
		[ $i -lt 600 ] || return 1
		usleep 100000
	done
}

# goes_on INTERRUPTED LOWEST HIGHEST HOW ARG...: a parent in that call loses its zombies; its call then comes
# back with a result between the two, and no register was touched.
goes_on() {
	wanted=$1 lowest=$2 highest=$3 how=$4
	shift 4
	rm -f wake report in out
	mkfifo in
	sits --how "$how" --count 3 --wake /tmp/wake --report /tmp/report "$@" <in >out 2>err &
	keeper=$!
	exec 9>in
	await out || cat err
	parent=$(sed 's/.*"parent":\([0-9]*\).*/\1/' out)
	coroner reap --yes --json "$parent" >answer 2>errors </dev/null
	status=$?
	tr -d ' \n' <answer >line
	: >wake
	await report
	result=$(sed 's/.*"result":\([-0-9]*\).*/\1/' report)
	good=1
	[ $status -eq 0 ] && grep -q '"after":0' line && grep -q "\"interrupted\":\"$wanted\"" line &&
		grep -q '"broken":0' report && [ "$result" -ge "$lowest" ] && [ "$result" -le "$highest" ] || good=0
	[ $good = 1 ] || echo "# $how: status $status, $(cat report errors), $(grep -o '"thread.*' line)"
	exec 9>&-
	wait $keeper
	[ $good = 1 ]
}

# number: of the call that the parent sits in, as the kernel keeps it for tracers (NT_ARM_SYSTEM_CALL), too
number() {
	cut -d ' ' -f 1 "/proc/$parent/syscall"
}

# same_number HOW: it is what it was when its zombies have gone.
same_number() {
	rm -f wake report in out
	mkfifo in
	sits --how "$1" --count 3 --wake /tmp/wake --report /tmp/report <in >out 2>err &
	keeper=$!
	exec 9>in
	await out || cat err
	parent=$(sed 's/.*"parent":\([0-9]*\).*/\1/' out)
	before=$(number)
	coroner reap --yes "$parent" >answer 2>errors </dev/null
	i=0
	until [ "$(number)" = "$before" ] || [ $i -ge 100 ]; do
		i=$((i + 1))
		usleep 100000
	done
	good=0
	[ ! -e report ] && [ "$before" -ge 0 ] && [ $i -lt 100 ] && good=1
	[ $good = 1 ] || echo "# $1: $before, now $(cat "/proc/$parent/syscall"); $(cat answer errors)"
	exec 9>&-
	wait $keeper
	[ $good = 1 ]
}

# refused WORDS HOW ARG...: it is left alone, for that reason, and its call ends as it would have.
refused() {
	words=$1 how=$2
	shift 2
	rm -f wake report in out
	mkfifo in
	sits --how "$how" --count 3 --wake /tmp/wake --report /tmp/report "$@" <in >out 2>err &
	keeper=$!
	exec 9>in
	await out || cat err
	parent=$(sed 's/.*"parent":\([0-9]*\).*/\1/' out)
	[ "$words" != stopped ] || kill -STOP "$parent"
	coroner reap --yes "$parent" >answer 2>errors </dev/null
	status=$?
	good=0
	[ $status -eq 1 ] && grep -q "$words" answer && good=1
	[ $good = 1 ] || echo "# $how: status $status, $(cat answer errors)"
	exec 9>&-
	wait $keeper
	[ $good = 1 ]
}

echo "# Linux $(uname -rm)"
check nanosleep goes_on none 0 0 nanosleep
check clock_nanosleep goes_on none 0 0 clock_nanosleep
check ppoll goes_on none 1 1 ppoll
check "ppoll with a limit" goes_on none 0 0 ppoll-limit
check "ppoll with a mask" goes_on none -4 -4 ppoll-mask
check pselect6 goes_on none 1 1 pselect6
check "pselect6 with a limit" goes_on none 0 0 pselect6-limit
check epoll_pwait goes_on none 1 1 epoll_pwait
check "epoll_pwait with a limit" goes_on epoll_pwait -4 -4 epoll_pwait-limit
check read goes_on none 1 1 read
check accept goes_on none 3 99 accept
check recv goes_on none 1 1 recv
check "recv with the socket's limit" goes_on recvfrom -4 -4 recv-limit
check futex goes_on none 0 0 futex
check "futex with a limit" goes_on none -110 -110 futex-limit
check msgrcv goes_on none 1 1 msgrcv
check semop goes_on none 0 0 semop
check "semtimedop" goes_on semtimedop -4 -4 semtimedop
check sigtimedwait goes_on none 10 10 sigtimedwait
check sigsuspend goes_on none -4 -4 sigsuspend
check wait4 goes_on none 1 99999 wait4
check waitid goes_on none 0 0 waitid
check clock_nanosleep-until goes_on none 0 0 clock_nanosleep-until
for call in readv recvmsg write; do
	check "$call" goes_on none 1 1 "$call"
done
for call in connect flock fcntl msgsnd mq_timedsend futex_waitv io_uring_enter; do
	check "$call" goes_on none 0 0 "$call"
done
check mq_timedreceive goes_on none 5 5 mq_timedreceive
check "openat of a FIFO" goes_on none 3 99 openat
check accept4 goes_on none 3 99 accept4
check epoll_pwait2 goes_on none 1 1 epoll_pwait2
check "epoll_pwait2 with a limit" goes_on epoll_pwait2 -4 -4 epoll_pwait2-limit
check "ppoll with a limit that cannot be written" goes_on ppoll -4 -4 ppoll-read-only
check "a write that is half done" goes_on write 4096 4096 write-part
check "a writev that is half done" goes_on writev 4096 4096 writev-part
for call in read futex accept epoll_pwait semop sigsuspend wait4; do
	check "the kernel's number of $call" same_number "$call"
done
check "refused: stopped" refused stopped read
check "refused: in vfork" refused vfork vfork
check computing goes_on none 0 0 busy
check "signals all the time" goes_on none 0 0 signals
check "signals all the time, SA_RESTART" goes_on none 0 0 signals-restart
check "in a handler" goes_on none 0 0 futex --in-handler
check "in a handler on a stack of its own" goes_on none 1 1 read --in-handler --altstack
check "after the end of the first thread" goes_on none 0 0 futex --leader-exits
check "ten threads" goes_on none 0 0 futex --threads 10
check "a seccomp filter that kills" goes_on none 1 1 read --seccomp kill

# What the thread has come to after the look cannot be made anew here: EINTR, of which nobody is left to tell.
killed() {
	reap-kills /bin/coroner 40 coroner 1 15 >kills 2>harm
	echo "# $(cat kills)"
	grep -Eq '"broken":0,"interrupted":[0-9]+,"wrong":0,"stuck":0,"masked":0' kills || {
		head -n 5 harm | sed 's/^/# /'
		return 1
	}
}
check "killed at any instant, 40 times" killed
echo "1..$n"
sync
poweroff -f
