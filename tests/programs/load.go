// SPDX-License-Identifier: MIT
// usage: load FILE [GO]: as load.js.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func say(format string, a ...interface{}) {
	out, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(out, format+"\n", a...)
	out.Close()
}

func rounds(n int) {
	for ; ; n = (n + 1) % 100 {
		cmd := exec.Command("sh", "-c", fmt.Sprintf("exit %d", n))
		err := cmd.Run()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != n {
			say("%v, not %d", err, n)
		} else {
			say("ok")
		}
	}
}

func single(file string) {
	cmd := exec.Command("sh", "-c", "exit 7")
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	say("child %d", cmd.Process.Pid)
	for {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	say("wait: %v", cmd.Wait())
}

func main() {
	if len(os.Args) > 2 {
		single(os.Args[2])
		return
	}
	for i := 0; i < 2; i++ {
		go rounds(i * 30)
	}
	rounds(60)
}
