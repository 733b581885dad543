// Stands in for Envoy below a real pilot-agent. It serves no traffic: it only answers the requests by which the agent
// finds out whether Envoy is ready, and ends when it's told to. What the agent asks, and of whom:
//
//	GET  :15000/stats        the first CDS and LDS updates were taken, the state is LIVE, the workers run
//	POST :15000/quitquitquit end at once
//	GET  :15021/healthz/ready what the kubelet probes; passed on to the agent's status port, as the bootstrap file says
//
// https://github.com/istio/istio/blob/master/pilot/cmd/pilot-agent/status/ready/probe.go
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A real Envoy needs about as long for its first configuration.
const warmUp = 500 * time.Millisecond

var stats = strings.Join([]string{
	"cluster_manager.cds.update_success: 1",
	"cluster_manager.cds.update_rejected: 0",
	"listener_manager.lds.update_success: 1",
	"listener_manager.lds.update_rejected: 0",
	"listener_manager.workers_started: 1",
	"server.state: 0",
}, "\n") + "\n"

func main() {
	if slices.Contains(os.Args, "--version") {
		// The agent takes the version apart at the slashes.
		fmt.Println("envoy  version: 0000000/1.37.0/Clean/RELEASE/BoringSSL")
		return
	}
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGTERM, syscall.SIGINT)
	go serve("127.0.0.1:15000", admin(time.Now().Add(warmUp), quit))
	go serve(":15021", health(fmt.Sprintf("http://127.0.0.1:%d", agentPort(os.Args))))
	<-quit
}

// The port of the cluster "agent" in the bootstrap file, which the agent names with -c.
func agentPort(args []string) int {
	const usual = 15020
	at := slices.Index(args, "-c")
	if at < 0 || at+1 == len(args) {
		return usual
	}
	var bootstrap struct {
		Static struct {
			Clusters []struct {
				Name string `json:"name"`
				Load struct {
					Endpoints []struct {
						Endpoints []struct {
							Endpoint struct {
								Address struct {
									Socket struct {
										Port int `json:"port_value"`
									} `json:"socket_address"`
								} `json:"address"`
							} `json:"endpoint"`
						} `json:"lb_endpoints"`
					} `json:"endpoints"`
				} `json:"load_assignment"`
			} `json:"clusters"`
		} `json:"static_resources"`
	}
	text, err := os.ReadFile(args[at+1])
	if err == nil {
		err = json.Unmarshal(text, &bootstrap)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stand-in for Envoy:", err)
		return usual
	}
	for _, cluster := range bootstrap.Static.Clusters {
		if cluster.Name == "agent" {
			return cluster.Load.Endpoints[0].Endpoints[0].Endpoint.Address.Socket.Port
		}
	}
	return usual
}

func admin(live time.Time, quit chan<- os.Signal) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(answer http.ResponseWriter, _ *http.Request) {
		if time.Now().After(live) {
			io.WriteString(answer, stats)
		}
	})
	mux.HandleFunc("GET /server_info", func(answer http.ResponseWriter, _ *http.Request) {
		if time.Now().After(live) {
			io.WriteString(answer, `{"state":"LIVE"}`)
		} else {
			io.WriteString(answer, `{"state":"INITIALIZING"}`)
		}
	})
	mux.HandleFunc("POST /quitquitquit", func(answer http.ResponseWriter, _ *http.Request) {
		io.WriteString(answer, "OK\n")
		time.AfterFunc(50*time.Millisecond, func() { quit <- syscall.SIGTERM })
	})
	mux.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) { io.WriteString(answer, "OK\n") })
	return mux
}

func health(agent string) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		response, err := http.Get(agent + request.URL.Path)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusServiceUnavailable)
			return
		}
		response.Body.Close()
		answer.WriteHeader(response.StatusCode)
	})
}

func serve(address string, handler http.Handler) {
	if err := http.ListenAndServe(address, handler); err != nil {
		fmt.Fprintln(os.Stderr, "stand-in for Envoy:", err)
		os.Exit(1)
	}
}
