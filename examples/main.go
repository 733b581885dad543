// The app of a CronJob: fetches nothing and counts to a few, as many seconds as it is told, then ends.
// It knows nothing of Kubernetes, Istio or Clockout.
package main

import (
	"log"
	"os"
	"strconv"
	"time"
)

func main() {
	log.SetFlags(0)
	seconds := number("SECONDS", 3)
	for second := range seconds {
		log.Printf("working, %d of %d", second+1, seconds)
		time.Sleep(time.Second)
	}
	code := number("EXIT_CODE", 0)
	log.Printf("done, exit code %d", code)
	os.Exit(code)
}

func number(name string, unset int) int {
	text, found := os.LookupEnv(name)
	if !found {
		return unset
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatalf("%s should be a whole number, and is %q", name, text)
	}
	return value
}
