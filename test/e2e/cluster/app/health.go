package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// Answers HTTP's and gRPC's health checks on one port. gRPC is HTTP/2 with a little framing, so no library is needed.
// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
func serveHealth(port string, healthy time.Duration) {
	until := time.Now().Add(healthy)
	handler := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		well := time.Now().Before(until)
		switch {
		case strings.HasPrefix(request.Header.Get("Content-Type"), "application/grpc"):
			answerGrpc(answer, well)
		case !well:
			http.Error(answer, "not healthy", http.StatusServiceUnavailable)
		}
	})
	server := http.Server{Addr: ":" + port, Handler: handler, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	fmt.Println("health:", server.ListenAndServe())
	os.Exit(96)
}

func answerGrpc(answer http.ResponseWriter, well bool) {
	const serving, notServing = 1, 2
	status := byte(notServing)
	if well {
		status = serving
	}
	answer.Header().Set("Content-Type", "application/grpc")
	answer.Header().Set("Trailer", "Grpc-Status")
	// Not compressed, 2 bytes long: field 1 of HealthCheckResponse.
	answer.Write([]byte{0, 0, 0, 0, 2, 1 << 3, status})
	answer.Header().Set("Grpc-Status", "0")
}
