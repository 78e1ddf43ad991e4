package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/vendgate/vendgate/vending"
)

// refusal is a vending.Error on its way to a counter PC, where its words are said.
type refusal struct {
	Kind vending.Kind   `json:"kind"`
	Code string         `json:"code"`
	Args map[string]any `json:"args,omitempty"`
}

// statuses are for whoever looks at the line; the PC goes by the code.
var statuses = map[vending.Kind]int{
	vending.Invalid:    http.StatusBadRequest,
	vending.NotFound:   http.StatusNotFound,
	vending.NotAllowed: http.StatusForbidden,
	vending.Locked:     http.StatusTooManyRequests,
}

// refuse answers a request with an error. What is not for people outside stays here.
func refuse(w http.ResponseWriter, err error) {
	known := code(err)
	status, ok := statuses[known.Kind]
	if !ok {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(refusal{known.Kind, known.Code, known.Args}) // whoever has left does not read it
}

// refusalFrom is the error that a service answered with.
func refusalFrom(response *http.Response) error {
	var r refusal
	if err := json.NewDecoder(io.LimitReader(response.Body, maxFrame)).Decode(&r); err != nil || r.Code == "" {
		return vending.ErrServiceAway.With("Reason", fmt.Sprintf("HTTP %d", response.StatusCode))
	}
	return &vending.Error{Kind: r.Kind, Code: r.Code, Args: r.Args}
}
