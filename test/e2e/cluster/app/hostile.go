package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// In place of each file something else, in turn: what a container must not be able to do harm with.
func plant(folder string) {
	entries, _ := os.ReadDir(folder)
	for i, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		must(os.RemoveAll(path))
		switch i % 3 {
		case 0:
			must(os.Symlink("/app", path))
		case 1:
			must(syscall.Mkfifo(path, 0o666))
		default:
			must(os.MkdirAll(filepath.Join(path, "in", "it"), 0o755))
		}
	}
	fmt.Println("planted", len(entries))
}

// Until there is no space left. Bounded, should the volume be larger than it should.
func fillVolume(folder string) {
	file, err := os.Create(filepath.Join(folder, "fill"))
	if err != nil {
		return
	}
	written, block := 0, make([]byte, 4096)
	for err == nil && written < 4<<20 {
		var n int
		n, err = file.Write(block)
		written += n
	}
	fmt.Println("wrote", written, "bytes:", err)
}
