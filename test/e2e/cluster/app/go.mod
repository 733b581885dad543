module clockout.dev/cluster/app

go 1.26
