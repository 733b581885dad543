// Dapr's real runtime as a sidecar, in standalone mode, with the flags of daprd. It has none of daprd's components,
// which would take longer to build than all the rest of the cluster, and Dapr refuses to build daprd without them.
package main

import (
	"context"
	"log"
	"os"

	"github.com/dapr/dapr/cmd/daprd/options"
	"github.com/dapr/dapr/pkg/components/nameresolution"
	"github.com/dapr/dapr/pkg/components/secretstores"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/runtime"
	"github.com/dapr/dapr/pkg/runtime/registry"
	"github.com/dapr/dapr/pkg/security"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/signals"
)

func main() {
	given, err := options.New(os.Args[1:])
	must(err)
	ctx := signals.Context()
	health := healthz.New()
	provider, err := security.New(ctx, security.Options{
		AppID:                   given.AppID,
		ControlPlaneTrustDomain: given.ControlPlaneTrustDomain,
		ControlPlaneNamespace:   given.ControlPlaneNamespace,
		Mode:                    modes.StandaloneMode,
		Healthz:                 health,
	})
	must(err)
	run := func(ctx context.Context) error {
		handler, err := provider.Handler(ctx)
		if err != nil {
			return err
		}
		sidecar, err := runtime.FromConfig(ctx, configOf(given, handler, health))
		if err != nil {
			return err
		}
		return sidecar.Run(ctx)
	}
	must(concurrency.NewRunnerManager(provider.Run, run).Run(ctx))
}

func configOf(given *options.Options, handler security.Handler, health healthz.Healthz) *runtime.Config {
	return &runtime.Config{
		AppID:                       given.AppID,
		Mode:                        given.Mode,
		AllowedOrigins:              given.AllowedOrigins,
		DaprHTTPPort:                given.DaprHTTPPort,
		DaprAPIGRPCPort:             given.DaprAPIGRPCPort,
		DaprInternalGRPCPort:        given.DaprInternalGRPCPort,
		DaprPublicPort:              given.DaprPublicPort,
		DaprAPIListenAddresses:      given.DaprAPIListenAddresses,
		UnixDomainSocket:            given.UnixDomainSocket,
		ProfilePort:                 given.ProfilePort,
		AppProtocol:                 given.AppProtocol,
		AppMaxConcurrency:           given.AppMaxConcurrency,
		AppChannelAddress:           given.AppChannelAddress,
		AppHealthProbeInterval:      given.AppHealthProbeInterval,
		AppHealthProbeTimeout:       given.AppHealthProbeTimeout,
		AppHealthThreshold:          given.AppHealthThreshold,
		MaxRequestSize:              given.MaxRequestSize,
		ReadBufferSize:              given.ReadBufferSize,
		DaprGracefulShutdownSeconds: given.DaprGracefulShutdownSeconds,
		DaprBlockShutdownDuration:   given.DaprBlockShutdownDuration,
		Metrics:                     metrics.Options{Healthz: health},
		Registry: registry.NewOptions().
			WithSecretStores(secretstores.DefaultRegistry).
			WithNameResolutions(nameresolution.DefaultRegistry),
		Security: handler,
		Healthz:  health,
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
