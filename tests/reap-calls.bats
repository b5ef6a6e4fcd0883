#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How the system call that a parent sits in goes on when coroner reap has stopped it there, in each call of which
# coroner-reap(1) says so. The zoo parent looks itself whether any of its registers was touched (sits.c).

# parent is set by sits of reap.bash.
# shellcheck disable=SC2154

load lib
load reap

@test "asleep: nanosleep and clock_nanosleep go on, and end when they would have" {
	each_in_time 2500 once nanosleep='. == 0' clock_nanosleep='. == 0' clock_nanosleep-until='. == 0'
}

@test "waiting for a descriptor: poll, ppoll, select, pselect6, read, recv, accept" {
	for call in poll ppoll select pselect6 read recv; do
		! has_call "$call" || undisturbed "$call" '. == 1'
	done
	undisturbed accept '. > 2'
	valid reap
}

@test "waiting with a limit: poll, ppoll, select, pselect6, futex keep it" {
	local old=()
	! has_call poll || old=(poll-limit='. == 0' select-limit='. == 0')
	each_in_time 2500 once "${old[@]}" ppoll-limit='. == 0' pselect6-limit='. == 0' futex-limit='. == -110'
}

@test "futex, msgrcv" {
	undisturbed futex '. == 0'
	undisturbed msgrcv '. == 1'
}

@test "waiting for a signal: pause, sigsuspend, ppoll with a mask: a handler still ends them" {
	for call in pause sigsuspend ppoll-mask; do
		! has_call "$call" || undisturbed "$call" '. == -4'
	done
}

@test "waiting for another child: wait4, waitid" {
	undisturbed wait4 '. > 0'
	undisturbed waitid '. == 0'
}

@test "calls that would return EINTR are made anew where they wait without a limit" {
	for call in epoll_wait epoll_pwait; do
		! has_call "$call" || undisturbed "$call" '. == 1'
	done
	undisturbed semop '. == 0'
	undisturbed sigtimedwait '. == 10'
	# nothing can come to this one: that it still waits must do
	sits io_getevents
	answer 0 "$parent"
	all_taken
	so '.parents[0].interrupted == "none"'
	await grep -q "^$(awk '{ print $1 }' "/proc/$parent/syscall") " "/proc/$parent/syscall"
	[ ! -e "$REPORT" ]
}

@test "with a limit they are interrupted, and that is said" {
	! has_call epoll_wait || interrupted epoll_wait-limit epoll_wait
	interrupted epoll_pwait-limit epoll_pwait
	interrupted semtimedop semtimedop
	interrupted sigtimedwait-limit rt_sigtimedwait
	interrupted io_getevents-limit io_getevents
}

@test "a socket's own limit is not seen beforehand: the reply says what was interrupted" {
	sits recv-limit
	answer 0 "$parent"
	all_taken
	so '.parents[0] | .interrupted == "recvfrom" and .call == "recvfrom" and .resumes == "may-be-interrupted"'
	goes_on '. == -4'
}

@test "locks, queues and connections: flock, fcntl, openat of a FIFO, msgsnd, mq_timedreceive, mq_timedsend, connect" {
	for call in flock fcntl msgsnd mq_timedsend connect; do
		undisturbed "$call" '. == 0'
	done
	undisturbed mq_timedreceive '. == 5'
	undisturbed openat '. > 2'
}

@test "readv, recvmsg, accept4, futex_waitv, write of one byte" {
	for call in readv recvmsg write; do
		undisturbed "$call" '. == 1'
	done
	undisturbed accept4 '. > 2'
	undisturbed futex_waitv '. == 0'
}

@test "epoll_pwait2, without a limit and with one" {
	undisturbed epoll_pwait2 '. == 1'
	interrupted epoll_pwait2-limit epoll_pwait2
}

@test "a limit that lies where nothing can be written: EINTR, which is seen and said" {
	for call in ppoll pselect6; do
		sits "$call-read-only"
		answer 0 "$parent"
		all_taken
		so ".parents[0].interrupted == \"$call\""
		goes_on '. == -4'
		zoo_end
	done
}

@test "a write that was half done comes back short, and that is said" {
	for call in write writev; do
		sits "$call-part"
		answer 0 --dry-run "$parent"
		so ".parents[0] | .interrupted == \"$call\" and .resumes == \"may-be-interrupted\""
		answer 0 "$parent"
		all_taken
		so ".parents[0].interrupted == \"$call\""
		goes_on '. == 4096'
		zoo_end
	done
}

@test "stopped again and again, in what the kernel has made of its call: the time limit is kept" {
	each_in_time 8000 each nanosleep='. == 0' ppoll-limit='. == 0' futex-limit='. == -110'
}

@test "io_uring_enter is made anew, and still waits" {
	sits io_uring_enter
	answer 0 "$parent"
	all_taken
	so '.parents[0] | .interrupted == "none" and .call == "io_uring_enter" and .resumes == "anew"'
	await grep -q "^$(awk '{ print $1 }' "/proc/$parent/syscall") " "/proc/$parent/syscall"
	[ ! -e "$REPORT" ]
	goes_on '. == 0'
}
