// Reads manifests as kubectl does, for the tests: with the decoder of apimachinery, into the type of its resource builder.
//
// Requests come on standard input and answers go to standard output, each as a line of JSON: a text in base64, and what
// kubectl makes of it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// answer has the documents up to the first problem. A null among them is an empty document.
type answer struct {
	Documents []json.RawMessage `json:"documents"`
	Problem   string            `json:"problem,omitempty"`
}

// As of cli-runtime's StreamVisitor.
const bufferSize = 4096

// raw takes JSON as it is, as runtime.RawExtension does.
type raw struct{ bytes []byte }

func (r *raw) UnmarshalJSON(in []byte) error {
	r.bytes = append(r.bytes[:0], in...)
	return nil
}

func read(text []byte) answer {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), bufferSize)
	found := answer{Documents: []json.RawMessage{}}
	for {
		document := raw{}
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			found.Problem = err.Error()
			return found
		}
		if len(document.bytes) == 0 {
			document.bytes = []byte("null")
		}
		found.Documents = append(found.Documents, document.bytes)
	}
}

func main() {
	requests := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for {
		line, err := requests.ReadBytes('\n')
		if len(line) > 0 {
			var text []byte
			if err := json.Unmarshal(line, &text); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			if err := answers.Encode(read(text)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
