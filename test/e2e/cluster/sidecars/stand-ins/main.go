// Stands in for sidecars that can't be built here, as far as their end goes. It is what it is called:
//
//	linkerd2-proxy, linkerd-await   Linkerd's proxy, and what its injector makes the kubelet run after its start
//	vault                           the agent that Vault's injector runs through a shell
//	helper                          a sidecar that nobody knows: only a request to its own address ends it well
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	programs := map[string]func(){
		"linkerd2-proxy": linkerdProxy,
		"linkerd-await":  linkerdAwait,
		"vault":          vaultAgent,
		"helper":         helper,
	}
	programs[filepath.Base(os.Args[0])]()
}

// Ends the program at the first SIGTERM, or when something is sent to what it returns, with 0.
func untilToldToEnd() (told chan struct{}, wait func()) {
	told = make(chan struct{}, 1)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	return told, func() {
		select {
		case <-signals:
			fmt.Println("ends by TERM")
		case <-told:
			fmt.Println("ends by request")
		}
	}
}

// A handler that ends the program after its answer: 405 but for POST, and 404 where it isn't enabled.
func endBy(told chan<- struct{}, enabled bool) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		switch {
		case request.Method != http.MethodPost:
			answer.WriteHeader(http.StatusMethodNotAllowed)
		case !enabled:
			answer.WriteHeader(http.StatusNotFound)
		default:
			answer.Header().Set("Connection", "close")
			answer.WriteHeader(http.StatusOK)
			told <- struct{}{}
		}
	}
}

func ok(http.ResponseWriter, *http.Request) {}

func serve(address string, handlers map[string]http.HandlerFunc) {
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.HandleFunc(path, handler)
	}
	must(http.ListenAndServe(address, mux))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
