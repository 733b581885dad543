module clockout.dev/cluster/sidecars

go 1.26
