module clockout.dev/cluster/envoy

go 1.26
