// A Job's app for tests. What it does, it's told by environment variables:
//
//	SLEEP=3        end after 3 seconds (1 if unset; fractions allowed)
//	CODE=5         exit code (0 if unset)
//	FAIL_ONCE=/d/x exit with CODE the first time, when the file isn't there yet, and with 0 from then on
//	MEMORY=200     fill so many MiB before sleeping
//	NEED_PROXY=1   exit 99 at once if the proxy isn't ready when the app starts
//	STATUS_PORT=…  the proxy's status port (15020 if unset)
//	ON_TERM=7      on SIGTERM clean up for TERM_SLEEP seconds (1 if unset), then exit 7; without it TERM is only noted
//
// It writes a line when it starts (with its arguments and process id), for each signal, and when it ends.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	fmt.Printf("start pid=%d args=%q\n", os.Getpid(), os.Args)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	if os.Getenv("NEED_PROXY") != "" {
		needProxy()
	}
	memory := fill(int(number("MEMORY", 0)))
	end := time.After(seconds("SLEEP", 1))
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
			exit(code())
		}
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
	wanted := int(number("CODE", 0))
	file := os.Getenv("FAIL_ONCE")
	if file == "" {
		return wanted
	}
	if _, err := os.Stat(file); err == nil {
		return 0
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		fmt.Println(err)
		return 98
	}
	return wanted
}

func exit(code int) {
	fmt.Println("exit", code)
	os.Exit(code)
}

func seconds(name string, unset float64) time.Duration {
	return time.Duration(number(name, unset) * float64(time.Second))
}

func number(name string, unset float64) float64 {
	text, found := os.LookupEnv(name)
	if !found {
		return unset
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		fmt.Printf("%s should be a number, and is %q\n", name, text)
		os.Exit(97)
	}
	return value
}
