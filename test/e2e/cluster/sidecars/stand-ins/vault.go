package main

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
)

// What Vault's injector writes into the agent's configuration.
// https://github.com/hashicorp/vault-k8s/blob/v1.7.6/agent-inject/agent/config.go
type vaultConfig struct {
	Listener []struct {
		Address string `json:"address"`
		API     struct {
			Quit bool `json:"enable_quit"`
		} `json:"agent_api"`
	} `json:"listener"`
}

// `vault agent -config=FILE`
// https://github.com/hashicorp/vault/blob/v1.21.4/command/agent.go#L1141
func vaultAgent() {
	flags := flag.NewFlagSet("agent", flag.ExitOnError)
	file := flags.String("config", "", "path of the configuration")
	must(flags.Parse(os.Args[2:]))
	content, err := os.ReadFile(*file)
	must(err)
	var config vaultConfig
	must(json.Unmarshal(content, &config))
	told, wait := untilToldToEnd()
	for _, listener := range config.Listener {
		go serve(listener.Address, map[string]http.HandlerFunc{"/agent/v1/quit": endBy(told, listener.API.Quit)})
	}
	wait()
}
