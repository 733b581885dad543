package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// Ends at POST :7070/end. On :7071 it takes requests and never answers. A signal makes it fail, and nothing else it did
// would show that one came.
func helper() {
	told := make(chan struct{}, 1)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go serve("127.0.0.1:7070", map[string]http.HandlerFunc{"/end": endBy(told, true)})
	go serve("127.0.0.1:7071", map[string]http.HandlerFunc{"/": func(_ http.ResponseWriter, request *http.Request) {
		fmt.Println("never answers", request.Method, request.URL.Path)
		<-request.Context().Done()
	}})
	select {
	case <-told:
	case <-signals:
		os.Exit(3)
	}
}
