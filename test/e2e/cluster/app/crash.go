package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Ends this process by a signal that the kernel sends, not by Go's runtime, which would turn it into exit code 2.
func crash(how string) {
	switch how {
	case "SEGV":
		fault()
	case "ABRT":
		useDefault(syscall.SIGABRT)
		// To this very thread, so that it arrives before the next line.
		runtime.LockOSThread()
		must(syscall.Tgkill(os.Getpid(), syscall.Gettid(), syscall.SIGABRT))
		// Process 1 is still here: the kernel ignores what it sends to itself. The C library then does this, too.
		// https://sourceware.org/git/?p=glibc.git;a=blob;f=stdlib/abort.c
		fault()
	}
}

func fault() {
	useDefault(syscall.SIGSEGV)
	var nothing *int
	*nothing = 1
}

// struct kernel_sigaction with all zero is SIG_DFL.
func useDefault(signal syscall.Signal) {
	var action [4]uint64
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(signal), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
}
