package main

import (
	"fmt"
	"os"
	"time"
)

// What a container's hooks and probes run in an image without a shell:
//
//	/app wait FILE   until the file is there; at most 30 seconds
//	/app there FILE  fails if the file isn't there
//	/app fail FILE   waits for the file, and fails
func isHook(args []string) bool {
	return len(args) > 1 && (args[1] == "wait" || args[1] == "there" || args[1] == "fail")
}

func hook(args []string) int {
	for tries := 0; ; tries++ {
		if _, err := os.Stat(args[2]); err == nil {
			if args[1] == "fail" {
				return 1
			}
			return 0
		}
		if args[1] == "there" || tries == 300 {
			fmt.Println(args[2], "isn't there")
			return 1
		}
		time.Sleep(100 * time.Millisecond)
	}
}
