package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
)

// Its admin server, and its end.
// https://github.com/linkerd/linkerd2-proxy/blob/29637b64f/linkerd/app/admin/src/server.rs#L272
// https://github.com/linkerd/linkerd2-proxy/blob/29637b64f/linkerd2-proxy/src/main.rs#L115
func linkerdProxy() {
	told, wait := untilToldToEnd()
	enabled := os.Getenv("LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED") == "true"
	go serve(os.Getenv("LINKERD2_PROXY_ADMIN_LISTEN_ADDR"), map[string]http.HandlerFunc{
		"/ready":    ok,
		"/live":     ok,
		"/shutdown": endBy(told, enabled),
	})
	wait()
}

// https://github.com/linkerd/linkerd-await
func linkerdAwait() {
	port := flag.Int("port", 4191, "of the proxy's admin server")
	timeout := flag.Duration("timeout", 2*time.Minute, "how long to wait")
	flag.Parse()
	for end := time.Now().Add(*timeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/ready", *port)); err == nil && answer.StatusCode == 200 {
			return
		}
	}
	os.Exit(69)
}
