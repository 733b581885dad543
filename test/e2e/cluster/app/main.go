// A Job's app for tests. What it does, it's told by environment variables:
//
//	SLEEP=3        end after 3 seconds (1 if unset; fractions allowed)
//	CODE=5         exit code (0 if unset)
//	SLEEPS=1,600   as SLEEP and CODE, for the pods of an Indexed Job, one after the other
//	CODES=0,6
//	FAIL_ONCE=/d/x exit with CODE the first time, when the file isn't there yet; then, 3 seconds later, with 0
//	CRASH=SEGV     die by a real fault instead of ending; ABRT: abort, as the C library does
//	TOUCH=/d/x     make the file when it starts
//	PLANT=/d       put links to itself, FIFOs and folders in place of all files in that folder, if there is one
//	FILL=/d        fill the volume of that folder, if there is one: 4 MiB at the most
//	CHILD=60       leave a child behind, which sleeps for so many seconds
//	MEMORY=200     fill so many MiB before sleeping
//	LISTEN=8080    answer health checks: HTTP, and gRPC's protocol, on one port
//	HEALTHY=4      say "not healthy" from so many seconds on
//	NEED_PROXY=1   exit 99 at once if the proxy isn't ready when the app starts
//	STATUS_PORT=…  the proxy's status port (15020 if unset)
//	ON_TERM=7      on SIGTERM clean up for TERM_SLEEP seconds (1 if unset), then exit 7; without it TERM is only noted
//
// With arguments it is something else: `wait FILE` waits for a file, `fail` exits with 1 (see hooks.go).
//
// It writes a line when it starts (with its arguments and process id), for each signal, and when it ends.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if isHook(os.Args) {
		os.Exit(hook(os.Args))
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	fmt.Printf("start pid=%d args=%q\n", os.Getpid(), os.Args)
	if os.Getenv("NEED_PROXY") != "" {
		needProxy()
	}
	prepare()
	memory := fill(int(number("MEMORY", 0)))
	end := time.After(time.Duration(indexed("SLEEP", 1) * float64(time.Second)))
	for {
		select {
		case received := <-signals:
			fmt.Println("signal", received)
			if _, handled := os.LookupEnv("ON_TERM"); handled && received == syscall.SIGTERM {
				time.Sleep(seconds("TERM_SLEEP", 1))
				exit(int(number("ON_TERM", 0)))
			}
		case <-end:
			fmt.Println("filled", len(memory), "MiB")
			crash(os.Getenv("CRASH"))
			exit(code())
		}
	}
}

// All that goes on beside the sleep.
func prepare() {
	if file := os.Getenv("TOUCH"); file != "" {
		must(os.WriteFile(file, nil, 0o644))
	}
	if folder := os.Getenv("PLANT"); folder != "" {
		plant(folder)
	}
	if folder := os.Getenv("FILL"); folder != "" {
		fillVolume(folder)
	}
	if long := os.Getenv("CHILD"); long != "" {
		child := exec.Command(os.Args[0])
		child.Env = []string{"SLEEP=" + long}
		child.Stdout = os.Stdout
		must(child.Start())
	}
	if port := os.Getenv("LISTEN"); port != "" {
		go serveHealth(port, seconds("HEALTHY", 1e6))
	}
}

func needProxy() {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz/ready", int(number("STATUS_PORT", 15020))))
	if err != nil {
		fmt.Println("the proxy isn't there:", err)
		exit(99)
	}
	if response.StatusCode != http.StatusOK {
		fmt.Println("the proxy isn't ready:", response.Status)
		exit(99)
	}
}

// Touches each page, or the kernel wouldn't count it.
func fill(mebibytes int) [][]byte {
	blocks := make([][]byte, mebibytes)
	for i := range blocks {
		blocks[i] = make([]byte, 1<<20)
		for at := 0; at < len(blocks[i]); at += 4096 {
			blocks[i][at] = 1
		}
	}
	return blocks
}

func code() int {
	wanted := int(indexed("CODE", 0))
	file := os.Getenv("FAIL_ONCE")
	if file == "" {
		return wanted
	}
	if _, err := os.Stat(file); err == nil {
		// The kubelet looks once a second, and keeps one dead container: the first would be forgotten before it was seen.
		// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/pod_container_deletor.go
		time.Sleep(3 * time.Second)
		return 0
	}
	must(os.WriteFile(file, nil, 0o644))
	return wanted
}

func exit(code int) {
	fmt.Println("exit", code)
	os.Exit(code)
}
