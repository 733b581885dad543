module example.com/reports/myapp

go 1.22
