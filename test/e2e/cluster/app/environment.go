package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func seconds(name string, unset float64) time.Duration {
	return time.Duration(number(name, unset) * float64(time.Second))
}

// A variable NAME, or of NAMES (with commas) the one of this pod's index.
func indexed(name string, unset float64) float64 {
	list, found := os.LookupEnv(name + "S")
	if index := int(number("JOB_COMPLETION_INDEX", 0)); found {
		os.Setenv(name, strings.Split(list, ",")[index])
	}
	return number(name, unset)
}

func number(name string, unset float64) float64 {
	text, found := os.LookupEnv(name)
	if !found {
		return unset
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		fmt.Printf("%s should be a number, and is %q\n", name, text)
		os.Exit(97)
	}
	return value
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(98)
	}
}
